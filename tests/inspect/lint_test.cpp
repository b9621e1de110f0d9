// The lint over shapes of code: passes, reductions of 64 and 32 lanes, filters, tables, masks, tuned loops. Nothing may
// be found, and nothing left unproven. Ops and primitives are in tests/tools/lint_ops_test.cpp, wrong code in
// lint_planted_test.cpp.
#include "inspect/lint.h"

#include <catch2/catch.hpp>

#include "ir/passes/passes.h"
#include "ir/print.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "ops/user_ops.h"
#include "tests/fuzz/kernel_fuzz_generate.h"

using namespace trueno;

namespace {

ir::Kernel optimized(std::string_view text) {
  const auto module = ops::parse_user_module(text, ops::built_in(), "test");
  REQUIRE(module);
  const auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  return *kernel;
}

/// True if there is code, which then has to be fine.
bool check(const ir::Kernel& kernel, jit::Target target, const jit::Tuning& tuning = {}) {
  target.tuning = tuning;
  const auto code = jit::compile(kernel, target);
  if (!code) return false;
  const LintReport report = inspect::lint(*code, kernel);
  if (!report.fine()) FAIL_CHECK(describe(report) << ir::print(kernel));
  CHECK(report.entries == 1 + 2 * code->passes.size() -
                              static_cast<std::size_t>(std::count_if(code->passes.begin(), code->passes.end(),
                                                                     [](const auto& p) { return p.finish == 0; })));
  return true;
}

/// Code of every shape there is, in few kernels.
const char* const kShapes[] = {
    "kernel f(x: f32[], y: f32[]) -> f32[] { x * y + 1 }",
    "kernel f(x: f64[], a: f64) -> f64[] { a * x }",
    "kernel f(x: i32[], y: i64[]) -> (i64[], i32[]) { i64(x) + y, x }",
    "kernel f(x: f32[]) -> m32[] { x < 1 }",
    "kernel f(x: f64[]) -> (m64[], f64[]) { x < 1, x }",
    "kernel f(x: f32[], y: f64[]) -> (f64[], m32[]) { f64(x) + y, x < 0 }",
    "kernel f(x: f32[]) -> f32 { sum(x) }",
    "kernel f(x: f64[]) -> f64 { sum(x) }",
    "kernel f(x: f32[], y: f64[]) -> (f32, f64) { sum(x), sum(y) }",
    "kernel f(x: f32[]) -> (f32, f32, f32) { min(x), max(x), mean(x) }",
    "kernel f(x: f32[]) -> f32 { sum(x where 0 < x) }",
    "kernel f(x: f32[]) -> f32 { min(x where 0 < x) }",
    "kernel f(x: f32[]) -> f32[] { x - mean(x) }",
    "kernel f(x: f32[]) -> f32[] { softmax(x) }",
    "kernel f(x: f64[]) -> f64[] { zscore(x) }",
    "kernel f(x: f32[]) -> i64 { argmax(x) }",
    "kernel f(x: f32[]) -> i64[] { index() }",
    "kernel f(x: f32[]) -> f32 { sum.exact(x) }",
    "kernel f(x: f64[]) -> f64[] { exp(x) * log(x) }",
    "kernel f(x: f32[], y: f32[], z: f32[], u: f32[], v: f32[]) -> (f32[], f32[]) { x + y * z, u - v * x }",
    "kernel f(n: f32) -> f32 { n + 1 }",
    "kernel f(a: f32) -> f32[] { a * 2 }",
};

}  // namespace

TEST_CASE("lint: code of every shape is proven, for every ISA and vector length") {
  for (const char* text : kShapes) {
    INFO(text);
    const ir::Kernel kernel = optimized(text);
    std::size_t targets = 0;
    for (const jit::Target& target : jit::emittable_targets()) targets += check(kernel, target);
    CHECK(targets >= 5);
  }
}

TEST_CASE("lint: tuned code is proven") {
  const auto tuned = [](std::uint32_t unroll, std::uint32_t accumulators, std::uint64_t peel, std::uint64_t past) {
    jit::Tuning t;
    t.unroll = unroll, t.accumulators = accumulators, t.peel = peel, t.nontemporal_bytes = past;
    return t;
  };
  constexpr std::uint64_t kNever = jit::Tuning::kNever;
  const jit::Tuning tunings[] = {tuned(1, 0, kNever, kNever), tuned(3, 4, 0, kNever),    tuned(16, 1, 17, 0),
                                 tuned(8, 0, 0, 0),           tuned(2, 0, kNever, 4096), tuned(0, 2, 1 << 20, 1 << 20)};
  for (std::size_t shape = 0; shape < std::size(kShapes); ++shape) {
    INFO(kShapes[shape]);
    const ir::Kernel kernel = optimized(kShapes[shape]);
    std::size_t turn = shape;  // each tuning meets each shape on some target
    for (const jit::Target& target : jit::emittable_targets())
      check(kernel, target, tunings[turn++ % std::size(tunings)]);
  }
}

TEST_CASE("lint: random kernels are proven") {
  std::size_t proven = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    fuzz::Random random(seed);
    const auto kernel = ir::optimize(fuzz::random_kernel(random, {}), ops::built_in());
    if (!kernel) continue;
    const std::vector<jit::Target> all = jit::emittable_targets();
    proven += check(*kernel, all[seed % all.size()]);
  }
  CHECK(proven > 30);
}

TEST_CASE("lint: what a report says") {
  const ir::Kernel kernel = optimized(kShapes[0]);
  auto code = jit::compile(kernel, {Isa::avx2, 256});
  REQUIRE(code);
  const LintReport fine = inspect::lint(*code, kernel);
  CHECK(fine.kernel == "f");
  CHECK(fine.target == "avx2 vl256");
  CHECK(fine.instructions > 50);
  CHECK(describe(fine).find("nothing found") != std::string::npos);

  code->bytes[code->pool_offset - 1] = 0x90;  // the only ret
  const LintReport broken = inspect::lint(*code, kernel);
  REQUIRE(broken.findings.size() == 1);
  CHECK(broken.findings[0].rule == LintRule::pool);
  CHECK(broken.findings[0].instruction == "nop");
  CHECK(broken.findings[0].place == "results");
  CHECK(describe(broken).find("(results): pool: nop: runs on into the constants") != std::string::npos);
}
