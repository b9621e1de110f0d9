// What a consumer's program gets from trueno, as bits: one line per kernel and back end.
//
// The same source is built in our own build, by a parent project with hostile flags, and against an installed
// package; all must print expected.txt. The inputs are made from integers, so that no flag of whoever compiles
// this file can change them.
#include <trueno/trueno.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kLength = 100003;  // over a dozen blocks, and a tail

/// Any bit pattern with an exponent in [low, low + span): subnormals (exponent 0) survive only where no
/// start-up code has turned on flush-to-zero, or where trueno turns it off for the time of a call.
std::vector<float> floats(std::uint32_t seed, std::uint32_t low, std::uint32_t span) {
  std::vector<float> out(kLength);
  for (float& value : out) {
    seed = seed * 1664525u + 1013904223u;
    const std::uint32_t exponent = low + (seed >> 8) % span;
    const std::uint32_t mantissa = (seed ^ (seed >> 15)) & 0x7fffffu;
    value = std::bit_cast<float>((seed & 0x80000000u) | (exponent << 23) | mantissa);
  }
  return out;
}

/// What -ffinite-math-only and -fno-signed-zeros would have a compiler forget.
std::vector<float> specials() {
  constexpr std::uint32_t kBits[] = {0x7fc00000, 0xffc12345, 0x7f800001, 0x7f800000, 0xff800000, 0x80000000,
                                     0x00000000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0x4f000000, 0x00000001};
  std::vector<float> out(kLength);
  for (std::size_t i = 0; i < kLength; ++i) out[i] = std::bit_cast<float>(kBits[i % std::size(kBits)]);
  return out;
}

std::uint64_t hash_of(const std::vector<float>& values) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a over words
  for (const float value : values) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3u;
  return hash;
}

int failures = 0;

void fail(const std::string& what, const trueno::Error& error) {
  std::printf("%s: %s\n", what.c_str(), error.text().c_str());
  ++failures;
}

struct Case {
  const char* name;
  const char* text;
  std::vector<float> x;
  std::vector<trueno::Arg> scalars;
};

void print_scalar(const Case& c, trueno::Backend backend) {
  const std::string title = std::string(c.name) + " " + std::string(trueno::name_of(backend));
  const auto kernel = trueno::compile(c.text, {.backend = backend});
  if (!kernel) return fail(title, kernel.error());
  std::vector<trueno::Arg> inputs = {c.x};
  inputs.insert(inputs.end(), c.scalars.begin(), c.scalars.end());
  float result = 0;
  const trueno::Out out(result);
  if (auto done = kernel->run(inputs, std::span(&out, 1)); !done) return fail(title, done.error());
  std::printf("%s 0x%08x\n", title.c_str(), std::bit_cast<std::uint32_t>(result));
}

void print_array(const Case& c, trueno::Backend backend) {
  const std::string title = std::string(c.name) + " " + std::string(trueno::name_of(backend));
  const auto kernel = trueno::compile(c.text, {.backend = backend});
  if (!kernel) return fail(title, kernel.error());
  std::vector<float> result(kLength);
  if (auto done = kernel->run({c.x}, {result}); !done) return fail(title, done.error());
  std::printf("%s 0x%016llx\n", title.c_str(), static_cast<unsigned long long>(hash_of(result)));
}

}  // namespace

int main() {
  const std::vector<float> ordinary = floats(1, 110, 24);
  const std::vector<float> tiny = floats(2, 0, 3);  // mostly subnormal
  const std::vector<float> special = specials();
  for (const trueno::Backend backend : {trueno::Backend::interpreter, trueno::Backend::automatic}) {
    print_scalar({"sum", "kernel s(x: f32[]) -> f32 { sum(x) }", ordinary, {}}, backend);
    print_scalar({"sum of subnormals", "kernel s(x: f32[]) -> f32 { sum(x) }", tiny, {}}, backend);
    print_scalar({"mean sigmoid",
                  "kernel m(x: f32[], a: f32, b: f32) -> f32 { mean(sigmoid(a*x + b)) }",
                  ordinary,
                  {0.75f, -0.5f}},
                 backend);
    print_array({"mul add", "kernel e(x: f32[]) -> f32[] { 3*x + x*x }", ordinary, {}}, backend);
    print_array({"halved subnormals", "kernel e(x: f32[]) -> f32[] { x*0.5 }", tiny, {}}, backend);
    print_array({"quotient", "kernel e(x: f32[]) -> f32[] { (x + 1) / (x - 1) }", ordinary, {}}, backend);
    print_array({"not a number", "kernel e(x: f32[]) -> f32[] { x - x }", special, {}}, backend);
    print_array({"minimum", "kernel e(x: f32[]) -> f32[] { min(x, 0) }", special, {}}, backend);
    print_array({"compares", "kernel e(x: f32[]) -> f32[] { select(x != x, 2, select(x <= 0, 3, 4)) }", special, {}},
                backend);
    print_array({"to integer", "kernel e(x: f32[]) -> f32[] { f32(i32(x)) }", special, {}}, backend);
    print_array({"negated zero", "kernel e(x: f32[]) -> f32[] { 0 - x + 0 }", special, {}}, backend);
    print_scalar({"greatest", "kernel m(x: f32[]) -> f32 { max(x) }", special, {}}, backend);
  }
  std::printf("trueno::sum 0x%08x\n", std::bit_cast<std::uint32_t>(trueno::sum(ordinary)));
  return failures == 0 ? 0 : 1;
}
