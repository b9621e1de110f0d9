// Generated code against the IR, for all values of elements: kernels of every shape, and what is said when they differ.
// The whole matrix is in tests/tools/translation_test.cpp.
#include "inspect/translation.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "jit/host.h"
#include "ops/catalogue.h"

using namespace trueno;
using namespace trueno::inspect;

namespace {

ir::Kernel optimized(std::string_view text) {
  const auto module = ir::parse_module(text, ops::built_in());
  REQUIRE(module);
  const auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  return *kernel;
}

}  // namespace

TEST_CASE("kernels of every shape are what the IR says") {
  Lemmas lemmas;
  for (const char* text : {
           "kernel f(x: f32[], a: f32, b: f32) -> f32[] { relu(a*x + b) }",
           "kernel f(x: f32[]) -> f32 { sum(x) }",
           "kernel f(x: f32[], y: f32[]) -> f32 { max(x - y) }",
           "kernel f(x: f32[], y: f32[]) -> f32[] { d = x - mean(x)\n d / sqrt(mean(d*d)) + y }",
           "kernel f(x: f64[], y: f32[]) -> f64 { sum(x * f64(y)) }",
           "kernel f(x: f32[], y: f64[]) -> (a: f32[], b: f64[]) { x + 1, y * f64(x) }",
           "kernel f(x: f64[], m: f64) -> f64 { sum(x where x < m) }",
           "kernel f(x: i64[]) -> i64[] { x * index() + count() }",
           "kernel f(x: f32[]) -> i64 { argmin(x) }",
       }) {
    INFO(text);
    const ir::Kernel kernel = optimized(text);
    for (jit::Target target : jit::emittable_targets()) {
      target.tuning.peel = 1;
      jit::Trace trace;
      const auto code = jit::compile(kernel, target, &trace);
      if (!code) continue;
      const auto report = check_translation(kernel, *code, trace, lemmas);
      REQUIRE(report);
      INFO(name_of(target.isa) << " vl" << target.vector_bits << "\n" << report->text());
      CHECK(report->differing == 0);
      CHECK(report->uncovered.empty());
      CHECK(report->values != 0);
      CHECK(report->open == 0);
      CHECK(report->reached == report->instructions);
    }
  }
}

TEST_CASE("a difference names kernel, target, element, node and both sides") {
  const ir::Kernel kernel = optimized("kernel scaled(x: f32[]) -> f32[] { x * 3 }");
  jit::Trace trace;
  auto code = jit::compile(kernel, {Isa::avx2, 256}, &trace);
  REQUIRE(code);
  const float three = 3, four = 4;
  for (std::size_t at = code->pool_offset; at + 4 <= code->bytes.size(); ++at)
    if (std::memcmp(code->bytes.data() + at, &three, 4) == 0) {
      std::memcpy(code->bytes.data() + at, &four, 4);  // in one lane
      break;
    }
  const auto report = check_translation(kernel, *code, trace);
  REQUIRE(report);
  CHECK_FALSE(report->ok());
  CHECK(report->differing != 0);
  CHECK(report->differing < report->values);
  REQUIRE_FALSE(report->findings.empty());
  for (const char* part : {"scaled avx2 vl256", "[0] is not what the IR says", "mul(x[0], 0x40400000)",
                           "f_mul(x[0], 0x40800000)", "for x[0] = "})
    CHECK_THAT(report->findings[0].text, Catch::Contains(part));
}

TEST_CASE("the kernel must be the code's, and optimized") {
  const auto module = ir::parse_module("kernel f(x: f32[]) -> f32[] { exp(x) }", ops::built_in());
  REQUIRE(module);
  const ir::Kernel kernel = optimized("kernel f(x: f32[]) -> f32[] { exp(x) }");
  jit::Trace trace;
  const auto code = jit::compile(kernel, {Isa::avx2, 256}, &trace);
  REQUIRE(code);
  const auto report = check_translation(module->kernels.at(0), *code, trace);
  REQUIRE_FALSE(report);
  CHECK(report.error().status == Status::invalid_argument);
  const ir::Kernel other = optimized("kernel f(x: f32[], y: f32[]) -> f32[] { x + y }");
  CHECK_FALSE(check_translation(other, *code, trace));
}
