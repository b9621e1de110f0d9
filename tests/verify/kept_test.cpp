// What one pass keeps in the array of a result and later ones read back: bits, tails, blocks, in place and at guard
// pages on every target. What the plan decides is tests/ir/passes_test.cpp's; here each case says what it must come to.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

struct Case {
  const char* text;
  std::size_t kept;  ///< values kept
};

const Case kCases[] = {
    {"kernel k(x: f32[]) -> f32[] { softmax(x) }", 1},
    {"kernel k(x: f64[]) -> f64[] { softmax(x) }", 1},
    // Several results; each may be the array that the other's pass reads.
    {"kernel k(x: f32[], y: f32[]) -> (u: f32[], v: f32[]) { softmax(y), softmax(x) }", 2},
    {"kernel k(x: f32[]) -> (u: f32[], v: f32[], s: f32) {\n"
     "  e = exp(x - max(x))\n  f = 1 / (3 + x / max(x))\n  e / sum(e), f * sum(f) - e, sum(e * f)\n}",
     2},
    // Accumulators in the frame; eight-byte values beside four-byte ones; a mask result, which is staged.
    {"kernel k(x: f32[], w: f64[]) -> (u: f32[], t: f64[], m: mask[]) {\n"
     "  e = exp(x - max(x))\n  g = 1 / (w / max(w))\n"
     "  a = sum.wide(e)\n  b = sum.comp(e)\n  u = e * f32(a) - b * min(e)\n  u, g * sum(g) * sum(1 / g), u < max(e)\n}",
     2},
    // Integers, one of them a result that is known early; a negation that only fma uses.
    {"kernel k(x: i32[]) -> (q: i32[], r: i32[]) { q = 100 / (x * x + 1) / 3\n q, q * i32(sum(q)) }", 1},
    {"kernel k(x: f32[], a: f32) -> f32[] {\n"
     "  e = -(1 / (x / max(x)))\n  s = sum(fma(e, a, a))\n  fma(e, s, a)\n}",
     1},
    // A NaN with any payload is kept as it is and canonical only in the result.
    {"kernel k(x: f32[]) -> f32[] { e = sqrt(x) / (x + max(x)) / 3\n abs(e) * sum(e where e > 0) }", 1},
    // Nothing is kept: an argument of that size is still read; no array of that type; too little to gain.
    {"kernel k(x: f32[], y: f32[]) -> f32[] { softmax(x) + y }", 0},
    {"kernel k(x: f32[], i: i32[]) -> f32[] { softmax(x) * f32(i) }", 0},
    {"kernel k(x: f32[]) -> mask[] { softmax(x) > 0.25 }", 0},
    {"kernel k(x: f32[]) -> f64[] { f64(softmax(x)) }", 0},
    {"kernel k(x: f32[]) -> f32[] { zscore(x) }", 0},
};

}  // namespace

TEST_CASE("values kept in the arrays of results") {
  for (const Case& c : kCases) {
    INFO(c.text);
    const auto kernel = ir::optimize(test::kernel_of(c.text), ops::built_in());
    if (!kernel) FAIL(kernel.error().text());
    const ir::Schedule plan = ir::schedule(*kernel);
    const auto none = std::count(plan.kept.begin(), plan.kept.end(), ir::kNoNode);
    CHECK(plan.kept.size() - static_cast<std::size_t>(none) == c.kept);
    CHECK(test::check_on_all_targets(c.text, *kernel, {}) == "");
  }
}
