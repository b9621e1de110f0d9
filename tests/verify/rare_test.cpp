// Passes that run only if a uniform condition asks for them: the bits of a select on every target, within a block and
// over several. Each case says how many of its passes are conditional; which ones is tests/ir/rare_test.cpp's.
#include <catch2/catch.hpp>

#include <algorithm>

#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

struct Case {
  const char* text;
  std::ptrdiff_t conditional;  ///< passes
};

const Case kCases[] = {
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(sum(x) > a, sum(y*y), sum(x)) }", 1},
    // Known before the first pass, alone and before others.
    {"kernel k(x: f32[], a: f32) -> f32 { rare(a > 0, sum(x), a) }", 1},
    {"kernel k(x: f32[], a: f32) -> f32 { rare(a > 0, sum(x * 2), max(x)) }", 1},
    // Masks of 8 bytes; lanes of both sizes; a condition that is a result as well.
    {"kernel k(x: f64[], y: f32[]) -> (s: f64, m: mask) {\n"
     "  m = sum(x) < 1\n  rare(m, f64(sum(y * y)) + sum.comp(x), max(x)), m\n}",
     1},
    // What comes of the pass, and is left out with it: masks, a sign that fma takes, extrema, places.
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
     "  m = max(x) > a\n  s = sum(y)\n  t = sum(x * y)\n  rare(m, select(s > t, s * 2, fma(-s, a, t)), 1)\n}",
     1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> i64 { rare(f64(max(x)) > f64(a), argmin(y), count()) }", 1},
    {"kernel k(x: i32[]) -> i64 { rare(sum(x) > 9, sum(x / 3), sum(x)) }", 1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
     "  b = rare(max(x) > a, sum(y) > a, a > 1)\n  select(b, a, sum(x))\n}",
     1},
    // Several passes in a row; two conditions; others that wait.
    {"kernel k(x: f32[], a: f32) -> f32 { rare(max(x) > a, variance(x), sum(x)) }", 1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(max(x) > a, variance(y), sum(x)) }", 2},
    {"kernel k(x: f32[], y: f32[], a: f32) -> (u: f32, v: f32) {\n"
     "  rare(max(x) > a, sum(y), sum(x)), rare(max(x) < a, sum(x * y), a)\n}",
     2},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
     "  c = rare(max(x) > a, sum(y), sum(x))\n  sum(x - c) + sum(x - max(x))\n}",
     1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
     "  m = max(x) > a\n  s = sum(y)\n  r = rare(m, s, a)\n  rare(m, s + r, a) + r\n}",
     1},
    // Array results: one more pass; also where the slow value is one per element, and where something is kept.
    {"kernel k(x: f32[], y: f32[], a: f32) -> (z: f32[], s: f32) {\n"
     "  s = rare(max(x) > a, sum(y * y), sum(x))\n  x + y, s\n}",
     1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32[] { rare(max(x) > a, x * sum(y), x) }", 1},
    {"kernel k(x: f32[], y: f64[], a: f32) -> f32[] {\n"
     "  e = exp(x - max(x))\n  e / rare(sum(e) > a, f32(sum(y)) * sum(e * e), 3)\n}",
     1},
    // Accumulators in the frame, a body that reads uniforms, and a filter.
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
     "  c = sum(x)\n  s = sum.comp(x - c where y > a)\n"
     "  t = sum.wide(y) + sum.wide(x * y) + sum.wide(x / (a + c)) + sum.wide(x - y)\n  rare(c > a, s + f32(t), c)\n}",
     1},
    // Nested; and what the rest needs too.
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(max(x) > a, rare(sum(y) > a, sum(x*y), 2), sum(x)) }", 1},
    {"kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(max(x) > a, sum(y), sum(x)) + sum(y) }", 0},
};

}  // namespace

TEST_CASE("passes that run only if a condition asks for them") {
  for (const Case& c : kCases) {
    INFO(c.text);
    const auto kernel = ir::optimize(test::kernel_of(c.text), ops::built_in());
    if (!kernel) FAIL(kernel.error().text());
    const ir::Schedule plan = ir::schedule(*kernel);
    const auto always = std::count(plan.condition.begin(), plan.condition.end(), ir::kNoNode);
    CHECK(static_cast<std::ptrdiff_t>(plan.passes) - always == c.conditional);
    CHECK(test::check_on_all_targets(c.text, *kernel, {}) == "");
  }
}
