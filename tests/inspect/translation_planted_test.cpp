// Planted miscompiles: one byte or one lane of a constant changed, so that only rare values tell. Random data does not
// find them, where the host can run the code; the check of the translation does, on any host.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <random>

#include "inspect/decode.h"
#include "inspect/translation.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "jit/arena.h"
#include "ops/catalogue.h"
#include "runtime/host.h"

using namespace trueno;
using namespace trueno::inspect;

namespace {

struct Compiled {
  ir::Kernel kernel;
  jit::Code code;
  jit::Trace trace;
};

Compiled compiled(std::string_view text, const jit::Target& target) {
  const auto module = ir::parse_module(text, ops::built_in());
  REQUIRE(module);
  auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  Compiled out{std::move(*kernel), {}, {}};
  auto code = jit::compile(out.kernel, target, &out.trace);
  REQUIRE(code);
  out.code = std::move(*code);
  return out;
}

/// The instructions of that kind, of the loops alone.
std::vector<Step> steps_of(const jit::Code& code, ZydisMnemonic mnemonic) {
  std::vector<Step> out;
  for (const Step& s : decode_steps(code, 0, end_of_instructions(code)))
    if (s.valid && s.instruction.mnemonic == mnemonic) out.push_back(s);
  REQUIRE_FALSE(out.empty());
  return out;
}

/// In the last instruction of that kind with this immediate, another.
void change_immediate(jit::Code& code, ZydisMnemonic mnemonic, std::uint8_t from, std::uint8_t to) {
  std::uint32_t at = 0;
  for (const Step& s : steps_of(code, mnemonic))
    if (code.bytes[s.end() - 1] == from && at == 0) at = s.end() - 1;
  REQUIRE(at != 0);
  code.bytes[at] = to;
}

/// In the last lane of a constant of the pool, another.
template <class T>
void change_constant(jit::Code& code, T from, T to) {
  std::size_t found = 0;
  const std::size_t pool = (code.pool_offset + 63) / 64 * 64;
  for (std::size_t at = pool; at + sizeof(T) <= code.bytes.size(); at += sizeof(T))
    if (std::memcmp(code.bytes.data() + at, &from, sizeof(T)) == 0) found = at;
  REQUIRE(found != 0);
  std::memcpy(code.bytes.data() + found, &to, sizeof(T));
}

/// What the code makes of random elements of ordinary size, as bytes: one result of 8 bytes an element at most.
std::vector<std::uint8_t> run_on_random(const Compiled& c, std::size_t n) {
  const auto published = jit::Executable::publish(c.code.bytes);
  REQUIRE(published);
  std::mt19937_64 random(n);
  std::vector<std::vector<std::uint64_t>> arrays;
  std::vector<void*> pointers;
  for (const ir::Param& p : c.kernel.params) {
    auto& array = arrays.emplace_back(n + 1);
    for (std::size_t i = 0; i < n; ++i) {
      const double value = std::uniform_real_distribution<double>(-3e9, 3e9)(random);
      const auto narrow = static_cast<float>(value);
      if (p.type == Type::f32) std::memcpy(reinterpret_cast<float*>(array.data()) + i, &narrow, 4);
      if (p.type == Type::i64) array[i] = random();
    }
  }
  std::vector<std::uint64_t> results(n + 1), slots(c.code.slots.size + 1);
  for (auto& array : arrays) pointers.push_back(array.data());
  pointers.push_back(results.data());
  slots[0] = n;
  jit::Entry entry = nullptr;
  const void* code = (*published)->data() + c.code.whole;
  std::memcpy(&entry, &code, sizeof entry);
  entry(pointers.data(), slots.data(), 0, static_cast<std::int64_t>(n), nullptr);
  std::vector<std::uint8_t> out(8 * (n + 1) + 8 * slots.size());
  std::memcpy(out.data(), results.data(), 8 * (n + 1));
  std::memcpy(out.data() + 8 * (n + 1), slots.data(), 8 * slots.size());
  return out;
}

bool can_run(const jit::Target& target) {
  const auto targets = runtime::runnable_targets();
  return std::find(targets.begin(), targets.end(), target) != targets.end();
}

void check_caught(const char* text, const jit::Target& target, const std::function<void(jit::Code&)>& plant) {
  const Compiled right = compiled(text, target);
  Compiled wrong = right;
  plant(wrong.code);
  REQUIRE(wrong.code.bytes != right.code.bytes);
  if (can_run(target) && jit::executable_memory())  // random data: all short lengths, and a long one
    for (std::size_t n = 1; n <= 4096; n = n < 300 ? n + 1 : 4 * n) {
      INFO(n);
      CHECK(run_on_random(right, n) == run_on_random(wrong, n));
    }
  Lemmas lemmas;
  const auto fine = check_translation(right.kernel, right.code, right.trace, lemmas);
  REQUIRE(fine);
  INFO(fine->text());
  CHECK(fine->ok());
  const auto report = check_translation(wrong.kernel, wrong.code, wrong.trace, lemmas);
  REQUIRE(report);
  CAPTURE(report->text());
  CHECK(report->differing + report->open != 0);
}

}  // namespace

TEST_CASE("a NaN that is not made canonical in one copy of the loop") {
  check_caught("kernel f(x: f32[]) -> f32[] { x + 1 }", {Isa::avx2, 256},
               [](jit::Code& code) { change_immediate(code, ZYDIS_MNEMONIC_VCMPPS, 3, 11); });
}

TEST_CASE("relu that keeps -0") {
  check_caught("kernel f(x: f32[]) -> f32[] { relu(x) }", {Isa::avx512, 512},
               [](jit::Code& code) { change_immediate(code, ZYDIS_MNEMONIC_VCMPPS, 18, 17); });
}

TEST_CASE("a conversion that saturates one float too late in one lane") {
  check_caught("kernel f(x: f32[]) -> i32[] { i32(x) }", {Isa::avx2, 256},
               [](jit::Code& code) { change_constant<std::uint32_t>(code, 0x4f000000, 0x4f000001); });
}

TEST_CASE("an fma that rounds twice") {
  check_caught("kernel f(x: f32[], y: f32[], z: f32[]) -> f32[] { fma(x, y, z) }", {Isa::sse2, 128},
               [](jit::Code& code) { change_immediate(code, ZYDIS_MNEMONIC_CMPPD, 1, 3); });
}

TEST_CASE("a conversion from i64 that forgets a bit of what it rounds") {
  check_caught("kernel f(x: i64[]) -> f32[] { f32(x) }", {Isa::avx2, 256},
               [](jit::Code& code) { change_constant<std::uint64_t>(code, 0x7ff, 0x7fe); });
}

TEST_CASE("argmin that takes the later of two equal elements") {
  check_caught("kernel f(x: f32[]) -> i64 { argmin(x) }", {Isa::avx512, 512}, [](jit::Code& code) {
    const Step step = steps_of(code, ZYDIS_MNEMONIC_VPMINSQ).back();
    REQUIRE(code.bytes[step.offset + 4] == 0x39);  // after the four bytes of the prefix
    code.bytes[step.offset + 4] = 0x3d;            // vpmaxsq
  });
}
