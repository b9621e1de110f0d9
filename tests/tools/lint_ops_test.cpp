// The lint over the whole matrix: every primitive with all its types and every op with all its overloads, for every ISA
// and vector length. All of it must be proven, so that what is found is either wrong code or something the lint has
// yet to learn.
#include <catch2/catch.hpp>

#include "inspect/lint.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "tests/tools/call_tool.h"
#include "tools/jitdump.h"
#include "tools/primitive_kernels.h"

using namespace trueno;

namespace {

struct Count {
  std::size_t kernels = 0, accesses = 0;
};

void check_on_all_targets(const ir::Kernel& kernel, Count& count) {
  const auto optimized = ir::optimize(kernel, ops::built_in());
  REQUIRE(optimized);
  for (const jit::Target& target : jit::emittable_targets()) {
    const auto code = jit::compile(*optimized, target);
    if (!code) continue;  // declined: docs/declines.md
    const LintReport report = inspect::lint(*code, *optimized);
    if (!report.fine()) FAIL_CHECK(describe(report) << ir::print(*optimized));
    ++count.kernels, count.accesses += report.accesses;
  }
}

}  // namespace

TEST_CASE("lint: every primitive on every target") {
  Count count;
  for (const ir::Primitive& p : ir::kPrimitives)
    for (const tools::PrimitiveUse& use : tools::uses_of(static_cast<ir::Op>(&p - ir::kPrimitives)))
      check_on_all_targets(tools::kernel_of(use), count);
  CHECK(count.kernels > 1000);
  CHECK(count.accesses > 10 * count.kernels);
}

TEST_CASE("lint: every op on every target") {
  Count count;
  const ops::TextCatalogue& all = ops::built_in();
  const tools::Ops shared(std::shared_ptr<const ir::Catalogue>(), &all);
  for (const std::string& name : all.names())
    for (const auto& types : all.overloads(name)) {
      INFO(name);
      auto kernel = tools::kernel_of_op(name, types, shared);
      REQUIRE(kernel);
      check_on_all_targets(*kernel, count);
    }
  CHECK(count.kernels > 500);
  CHECK(count.accesses > 10 * count.kernels);
}

TEST_CASE("trueno-jitdump --lint") {
  const auto all = tests::call_tool(tools::jitdump_tool, {"--lint", "x + y"});
  CHECK(all.code == tools::kFine);
  CHECK(std::count(all.out.begin(), all.out.end(), '\n') == static_cast<int>(jit::emittable_targets().size()));
  CHECK(all.out.find("avx512 vl512: ") != std::string::npos);
  CHECK(all.err.empty());
  const auto one = tests::call_tool(tools::jitdump_tool, {"--lint", "x + y", "--isa", "sse2"});
  CHECK(std::count(one.out.begin(), one.out.end(), '\n') == 1);
  CHECK(tests::call_tool(tools::jitdump_tool, {"--lint", "--verify", "x + y"}).code == tools::kBadInput);
}
