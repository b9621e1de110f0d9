// One test per target that code can be generated for, so that the summary of a run shows which of them this
// host covered and which it had to skip. What a target must get right at the least is run on it alone.
#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

#include "jit/host.h"
#include "runtime/host.h"
#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

void check_target(Isa isa, int bits) {
  const jit::Target target{isa, bits};
  const auto has = runtime::runnable_targets();
  if (std::find(has.begin(), has.end(), target) == has.end()) {
    // ctest shows the entry as skipped when it reads this line (see targets.cmake).
    const auto all = jit::emittable_targets();
    const bool emits = std::find(all.begin(), all.end(), target) != all.end();
    std::cout << "SKIPPED: " << (emits ? "this host cannot run " : "no code is generated for ") << name_of(isa)
              << " at " << bits << " bits. " << runtime::host().note << std::endl;
    return;
  }
  for (const char* text : {"kernel s(x: f32[]) -> f32 { sum(x) }", "kernel s(x: i32[]) -> i64 { sum(x) }",
                           "kernel m(x: f32[]) -> (lo: f32, hi: f32) { min(x), max(x) }",
                           "kernel y(x: f32[], a: f32, b: f32) -> f32[] { a*x + b }",
                           "kernel m(x: f32[], a: f32, b: f32) -> f32 { mean(sigmoid(a*x + b)) }"}) {
    runtime::VerifyOptions options;
    options.full = true;
    const ir::Kernel kernel = test::kernel_of(text);
    const runtime::Report report = runtime::verify(kernel, target, test::possible(options, &kernel));
    INFO(report.describe());
    if (test::takes_everything_common(target))
      CHECK(report.outcome == runtime::Report::Outcome::same);
    else
      CHECK(report.ok());
  }
  std::cout << "covered: " << name_of(isa) << " at " << bits << " bits" << std::endl;
}

}  // namespace

TEST_CASE("target sse2 vl128") { check_target(Isa::sse2, 128); }
TEST_CASE("target sse4.2 vl128") { check_target(Isa::sse42, 128); }
TEST_CASE("target avx2 vl128") { check_target(Isa::avx2, 128); }
TEST_CASE("target avx2 vl256") { check_target(Isa::avx2, 256); }
TEST_CASE("target avx512 vl128") { check_target(Isa::avx512, 128); }
TEST_CASE("target avx512 vl256") { check_target(Isa::avx512, 256); }
TEST_CASE("target avx512 vl512") { check_target(Isa::avx512, 512); }

TEST_CASE("every target that can be emitted has a test above") {
  for (const jit::Target& t : jit::emittable_targets()) {
    INFO(name_of(t.isa) << " at " << t.vector_bits);
    CHECK((t.isa >= Isa::avx2 || t.vector_bits == 128));
  }
}
