// --stage passes: the text of some plans, as it is in tests/tools/golden/passes.txt (TRUENO_BLESS=1 writes it anew),
// and that the parts it shows, run one after the other, give the bits of the kernel.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>
#include <map>

#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"

using namespace trueno;

namespace {

const char* const kKernels[] = {
    "kernel elementwise(x: f32[], a: f32, b: f32) -> f32[] { a*x + sqrt(b) }",
    "kernel scalars(a: f32, b: f32) -> (s: f32, m: mask) { a + b, a < b }",
    "kernel one(x: f32[], y: f64[]) -> (lo: f32, s: f64, k: i64) { min(x), sum(y) + f64(sum(x where x > 0)), count() }",
    "kernel softmax_(x: f32[]) -> f32[] { softmax(x) }",
    "kernel norm(x: f32[], gamma: f32[], beta: f32[]) -> (y: f32[], kept: mask[]) {\n"
    "  y = layer_norm(x, gamma, beta, 1e-5)\n  y, x > 1\n}",
    "strict kernel zscore_(x: f32[], r1: f32) -> (z: f32[], far: f32, any: mask, same: f32) {\n"
    "  d = x - mean(x)\n  z = d / sqrt(mean(d*d))\n  far = sum(z where z < r1)\n  z, far, far > 2, r1\n}",
    "kernel early(x: f32[], y: f32[]) -> (u: f32[], v: f32[], w: f32[]) { x + 1, y - sum(y / sum(x)), 2 }",
    "kernel log_softmax_(x: f32[]) -> f32[] { log_softmax(x) }",
    "kernel kept(x: f32[], y: f32[], w: f64[]) -> (u: f32[], v: f32[], t: f64[]) {\n"
    "  softmax(x), softmax(y), w * f64(sum(exp(x - max(x))))\n}",
    "kernel not_kept(x: f32[], y: f32[]) -> (u: f32[]) { softmax(x) + y }",
    "kernel same(x: i32[]) -> (q: i32[], r: i32[]) {\n  q = 100 / (x * x + 1) / 3\n  q, q * i32(sum(q))\n}",
    "kernel asked(x: f32[], y: f32[], a: f32) -> (s: f32, big: mask, t: f32, z: f32[]) {\n"
    "  big = sum(x) > a\n  rare(big, sum(y*y), sum(x)), big, rare(max(x) < a, sum(x - min(y)), 1), x * a\n}",
    "kernel masked(x: i32[], a: i32) -> i64 { sum(x where a > 3 and x > i32(sum(x))) }",
};

ir::Kernel optimized(const char* text) {
  const auto module = ir::parse_module(text, ops::built_in());
  if (!module) FAIL(module.error().text());
  auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  if (!kernel) FAIL(kernel.error().text());
  return *std::move(kernel);
}

/// Values by name: 8 bytes for each element, or for one.
using Values = std::map<std::string, std::vector<unsigned char>>;

/// Runs a kernel on values by name and adds its results.
void run(const ir::Kernel& read, Values& values, std::size_t n) {
  const auto expanded = ir::expand(read, ops::built_in());  // sqrt and abs are ops by name
  if (!expanded) FAIL(expanded.error().text());
  const ir::Kernel& k = *expanded;
  std::vector<const void*> in;
  std::vector<void*> out;
  Values results;
  for (const ir::Param& p : k.params) {
    INFO(k.name << " reads " << p.name);
    REQUIRE(values.contains(p.name));
    in.push_back(values[p.name].data());
  }
  for (const ir::Output& o : k.outputs) {
    auto& bytes = results[o.name.empty() ? "result" : o.name];
    bytes.resize((o.array ? n : 1) * stored_bytes(k[o.value].type));
    out.push_back(bytes.data());
  }
  const auto done = ir::interpret(k, in, out, static_cast<std::int64_t>(n));
  if (!done) FAIL(done.error().text());
  values.insert(results.begin(), results.end());
}

Values inputs_of(const ir::Kernel& k, std::size_t n) {
  Values values;
  std::uint32_t state = 1;
  for (const ir::Param& p : k.params) {
    auto& bytes = values[p.name];
    for (std::size_t i = 0; i < (p.is_array() ? n : 1); ++i) {
      const auto whole = static_cast<std::int32_t>((state = state * 1664525u + 1013904223u) >> 27) - 8;
      const auto put = [&](auto v) {
        bytes.insert(bytes.end(), reinterpret_cast<unsigned char*>(&v),
                     reinterpret_cast<unsigned char*>(&v) + sizeof v);
      };
      if (p.type == Type::f32) put(static_cast<float>(whole) / 4);
      if (p.type == Type::f64) put(whole / 8.0);
      if (p.type == Type::i32) put(whole);
    }
  }
  return values;
}

}  // namespace

TEST_CASE("the text of plans is that of the golden file") {
  std::string now;
  for (const char* text : kKernels) now += std::string(text) + "\n\n" + tools::passes_text(optimized(text)) + "\n\n";
  const std::string path = TRUENO_TESTS_DIR "/tools/golden/passes.txt";
  const char* bless = std::getenv("TRUENO_BLESS");
  if (bless != nullptr && std::string(bless) == "1") tests::write_bytes(path, now);
  CHECK(tests::read_bytes(path) == now);
}

TEST_CASE("the parts of a plan, run in order, are the kernel") {
  for (const char* text : kKernels)
    for (const std::size_t n : {1, 37, 300}) {
      INFO(text);
      const ir::Kernel whole = optimized(text);
      const std::string plan = tools::passes_text(whole);
      INFO(plan);
      const auto parts = ir::parse_module(plan, ops::built_in());
      if (!parts) FAIL(parts.error().text());
      Values values = inputs_of(whole, n), right = values;
      for (const ir::Kernel& part : parts->kernels) run(part, values, n);
      run(whole, right, n);
      for (const ir::Output& o : whole.outputs) {
        // A scalar result goes by the name that the last line gives.
        std::string name = o.name.empty() ? "result" : o.name;
        const std::size_t last = plan.rfind("# results: ");
        const std::size_t at = plan.find(" " + name + " = ", last);
        const auto& expected = right[name];
        if (at != std::string::npos) {
          const std::size_t begin = at + name.size() + 4;
          name = plan.substr(begin, plan.find_first_of(",\n", begin) - begin);
        }
        if (name == "count()") continue;
        INFO("result " << name);
        REQUIRE(values.contains(name));
        CHECK(values[name] == expected);
      }
    }
}
