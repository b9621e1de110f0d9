// Generated code against the IR, for all values of elements: what is shown of kernels of every shape.
#include "inspect/translation.h"

#include <catch2/catch.hpp>
#include <iostream>

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

TranslationReport checked(const ir::Kernel& kernel, const jit::Target& target, Lemmas& lemmas) {
  jit::Trace trace;
  const auto code = jit::compile(kernel, target, &trace);
  if (!code) return {};
  const auto report = check_translation(kernel, *code, trace, lemmas);
  REQUIRE(report);
  return *report;
}

}  // namespace

TEST_CASE("kernels of every shape are what the IR says") {
  Lemmas lemmas;
  for (const char* text : {
           (getenv("KK") ? getenv("KK") : "kernel f(x: f32[], a: f32, b: f32) -> f32[] { relu(a*x + b) }"),
           "kernel f(x: f32[]) -> f32 { sum(x) }",
           "kernel f(x: f32[], y: f32[]) -> f32 { max(x - y) }",
           "kernel f(x: f64[]) -> f64[] { d = x - mean(x)\n d / sqrt(mean(d*d)) }",
           "kernel f(x: f32[]) -> f32[] { exp(x) }",
           "kernel f(x: f32[]) -> f32[] { softmax(x) }",
           "kernel f(x: f32[]) -> i64 { argmin(x) }",
       }) {
    if (getenv("KK") && text != std::string(getenv("KK"))) continue;
    const ir::Kernel kernel = optimized(text);
    for (const jit::Target& target : jit::emittable_targets()) {
      const TranslationReport report = checked(kernel, target, lemmas);
      std::cout << text << " " << name_of(target.isa) << target.vector_bits << ": " << report.text() << "\n";
      INFO(text << " on " << name_of(target.isa) << " vl" << target.vector_bits << "\n" << report.text());
      CHECK(report.ok());
    }
  }
  std::cout << lemmas.size() << " lemmas, evaluated " << lemmas.evaluated() << "\n";
}
