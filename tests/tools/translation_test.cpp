// Translation over the whole matrix: every op and every primitive, all types, every target, on any host: code is read,
// not run.
#include "inspect/translation.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "ir/passes/passes.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "tests/tools/call_tool.h"
#include "tools/jitdump.h"
#include "tools/primitive_kernels.h"

namespace {

using namespace trueno;

struct Subject {
  std::string name;
  ir::Kernel kernel;  // optimized
};

Subject subject(std::string name, const ir::Kernel& kernel) {
  INFO(name);
  auto optimized = ir::optimize(kernel, ops::built_in());
  REQUIRE(optimized);
  optimized->name = name;
  return {std::move(name), std::move(*optimized)};
}

std::vector<Subject> primitives() {
  std::vector<Subject> out;
  for (std::size_t op = 0; op < ir::kPrimitiveCount; ++op)
    for (const tools::PrimitiveUse& use : tools::uses_of(static_cast<ir::Op>(op)))
      out.push_back(subject(use.name() + " " + use.types(), tools::kernel_of(use)));
  return out;
}

/// Of operands of at most so many bits.
std::vector<Subject> all_ops(int bits) {
  std::vector<Subject> out;
  const tools::Ops ops(tools::Ops(), &ops::built_in());
  for (const std::string& name : ops::built_in().names())
    for (const std::vector<Type>& types : ops::built_in().overloads(name)) {
      const bool seconds = name == "argmin" || name == "argmax";                // each; of f32 they do
      if (name == "sum.exact" || (seconds && types[0] != Type::f32)) continue;  // sum.exact branches on what it sums
      if (bits_of(types[0]) > bits) continue;
      const auto kernel = tools::kernel_of_op(name, types, ops);
      REQUIRE(kernel);
      std::string full = name;
      for (const Type t : types) full += " " + std::string(name_of(t));
      out.push_back(subject(full, *kernel));
    }
  return out;
}

/// Kernels some values of which cannot be shown to be right (docs/translation.md); none may be wrong.
bool may_stay_open(const std::string& name, const jit::Target& target) {
  return name.starts_with("norm_linf f32") || (name == "prod i32" && target.isa == Isa::sse2);
}

void check(const std::vector<Subject>& subjects) {
  inspect::Lemmas lemmas;
  inspect::TranslationReport all;
  std::size_t kernels = 0, declined = 0;
  for (const Subject& s : subjects)
    for (jit::Target target : jit::emittable_targets()) {
      target.tuning.peel = 1;  // that part of the code for few elements, too
      jit::Trace trace;
      const auto code = jit::compile(s.kernel, target, &trace);
      if (!code) {
        ++declined;
        continue;
      }
      ++kernels;
      const auto report = inspect::check_translation(s.kernel, *code, trace, lemmas);
      REQUIRE(report);
      INFO(s.name << " on " << name_of(target.isa) << " vl" << target.vector_bits << "\n" << report->text());
      CHECK((report->differing == 0 && report->uncovered.empty()));
      if (!may_stay_open(s.name, target)) CHECK(report->open == 0);
      CHECK(report->reached == report->instructions);
      all.add(*report);
    }
  all.findings.clear();
  fmt::print("translation of {} kernels ({} declined), {} lemmas, {} of them evaluated: {}", kernels, declined,
             lemmas.size(), lemmas.evaluated(), all.text());
}

}  // namespace

TEST_CASE("every primitive is translated to what it means") { check(primitives()); }

TEST_CASE("every op of 32 bits is translated to what the IR says", "[slow]") { check(all_ops(32)); }

TEST_CASE("every op is translated to what the IR says", "[exhaustive]") { check(all_ops(64)); }

TEST_CASE("jitdump --prove says what was shown, on any host") {
  const auto said = tests::call_tool(tools::jitdump_tool, {"mean(x*a)", "--scalar", "a", "--prove", "--isa", "avx512"});
  INFO(said.out << said.err);
  CHECK(said.code == 0);
  CHECK_THAT(said.out, Catch::Contains("avx512 vl512: ") && Catch::Contains(" differ, 0 not established; "));
  CHECK(tests::call_tool(tools::jitdump_tool, {"x + 1", "--prove", "--verify"}).code == 2);
}
