// The trace of a compiled kernel: every instruction of a loop's body belongs to a node, and asking changes no byte.
#include <algorithm>
#include <catch2/catch.hpp>

#include "jit/compile.h"
#include "jit/host.h"
#include "tests/inspect/kernels.h"

using namespace trueno;
using trueno::tests::optimized;

TEST_CASE("a trace names the node of each instruction, and costs no byte") {
  const ir::Kernel kernel = optimized("kernel f(x: f32[], y: f32[]) -> f32 { d = x - y\n sum(sqrt(d)) }");
  for (const jit::Target& target : jit::emittable_targets()) {
    jit::Trace trace;
    const auto with = jit::compile(kernel, target, &trace), without = jit::compile(kernel, target);
    REQUIRE((with && without));
    CHECK(with->bytes == without->bytes);
    REQUIRE_FALSE(trace.lines.empty());
    CHECK(std::is_sorted(trace.lines.begin(), trace.lines.end(),
                         [](const auto& a, const auto& b) { return a.offset < b.offset; }));
    const auto loop = std::find_if(with->labels.begin(), with->labels.end(),
                                   [](const jit::Label& l) { return l.name == "main loop"; });
    REQUIRE(loop != with->labels.end());
    std::vector<ir::Op> seen;
    for (auto line = std::find_if(trace.lines.begin(), trace.lines.end(),
                                  [&](const auto& l) { return l.offset >= loop->offset && l.node != ir::kNoNode; });
         line != trace.lines.end() && line->node != ir::kNoNode && line->copy == 0; ++line)
      if (seen.empty() || seen.back() != kernel[line->node].op) seen.push_back(kernel[line->node].op);
    CHECK(seen == std::vector{ir::Op::sub, ir::Op::sqrt, ir::Op::reduce_sum});
  }
}
