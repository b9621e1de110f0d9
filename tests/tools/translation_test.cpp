// Translation over the whole matrix: every op and every primitive, all types, every target, on any host: code is read,
// not run.
#include "inspect/translation.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "ir/passes/passes.h"
#include "jit/host.h"
#include "ops/catalogue.h"
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

std::vector<Subject> all_ops() {
  std::vector<Subject> out;
  const tools::Ops ops(tools::Ops(), &ops::built_in());
  for (const std::string& name : ops::built_in().names())
    for (const std::vector<Type>& types : ops::built_in().overloads(name)) {
      const auto kernel = tools::kernel_of_op(name, types, ops);
      REQUIRE(kernel);
      std::string full = name;
      for (const Type t : types) full += " " + std::string(name_of(t));
      out.push_back(subject(full, *kernel));
    }
  return out;
}

/// All subjects on all targets; what was found, in words, on stdout if TRUENO_TEST_FULL is set.
inspect::TranslationReport check(const std::vector<Subject>& subjects) {
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
      all.add(*report);
    }
  fmt::print("{} kernels, {} declined, {} lemmas, {} of them evaluated\n{}", kernels, declined, lemmas.size(),
             lemmas.evaluated(), all.text());
  return all;
}

}  // namespace

TEST_CASE("every primitive is translated to what it means") { CHECK(check(primitives()).ok()); }

TEST_CASE("every op is translated to what the IR says") { CHECK(check(all_ops()).ok()); }
