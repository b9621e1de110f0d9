// Passes that run only if a uniform condition asks for them: the bits of a select on every target, within a block and
// over several. Each case says how many of its passes are conditional; which ones is tests/ir/rare_test.cpp's.
#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

#include "ir/passes/passes.h"
#include "jit/arena.h"
#include "jit/layout.h"
#include "ops/catalogue.h"
#include "runtime/host.h"
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

/// Generated code run by hand: slots and merge stack full of what was there before, no array to read but x.
struct ByHand {
  ByHand(const ir::Kernel& kernel, const jit::Target& target)
      : layout(kernel, target), code(*jit::compile(kernel, target)) {
    memory = *jit::Executable::publish(code.bytes);
    slots.assign(code.slots.size, kPoison);
    slots[jit::SlotMap::kCount] = x.size();
    slots[code.slots.scalars.back()] = std::bit_cast<std::uint32_t>(100.0f);
  }

  void enter(std::uint32_t offset, void* state) {
    void* const arrays[] = {x.data(), nullptr};
    const auto* at = memory->data() + offset;
    reinterpret_cast<jit::Entry>(reinterpret_cast<std::uintptr_t>(at))(arrays, slots.data(), 0,
                                                                       static_cast<std::int64_t>(x.size()), state);
  }
  void reset() {
    const std::uint64_t header[] = {0, 0, jit::PassCode::kStateHeader, jit::PassCode::kStateHeader};
    std::memset(state, 0xa5, sizeof state);
    std::memcpy(state, header, sizeof header);
  }
  /// Slots of what is left out and read all the same.
  std::vector<std::uint64_t> left_out() const {
    std::vector<std::uint64_t> out;
    for (ir::NodeId id = 0; id < layout.kernel.nodes.size(); ++id)
      if (layout.schedule.is_left_out(id) && layout.crosses[id] && layout.slot_of[id] != ~0u)
        out.push_back(slots[layout.slot_of[id]]);
    return out;
  }
  float result() const { return std::bit_cast<float>(static_cast<std::uint32_t>(slots[code.slots.outputs[0]])); }

  static constexpr std::uint64_t kPoison = 0x7ff0dead7fa0beef;
  jit::Layout layout;
  jit::Code code;
  std::shared_ptr<const jit::Executable> memory;
  std::vector<float> x = std::vector<float>(1000, 0.5f);
  std::vector<std::uint64_t> slots;
  alignas(64) unsigned char state[8192];
};

}  // namespace

TEST_CASE("what is left out counts as 0, by every entry, and leaves the merge stack alone") {
  // max(y) is read by what is computed once and afterwards, sum(y - max(y)) only by the select.
  const auto kernel = ir::optimize(
      test::kernel_of("kernel k(x: f32[], y: f32[], a: f32) -> f32 {\n"
                      "  m = max(x) > a\n  r = rare(m, max(y), sum(x))\n  rare(m, sum(y - max(y)) + r, r)\n}"),
      ops::built_in());
  REQUIRE(kernel.ok());
  for (const jit::Target& target : runtime::runnable_targets()) {
    INFO(name_of(target.isa) << " at " << target.vector_bits);
    ByHand whole(*kernel, target);
    REQUIRE(whole.code.passes.size() == 3);
    whole.enter(whole.code.whole, nullptr);
    CHECK(whole.result() == 500);
    CHECK(whole.left_out() == std::vector<std::uint64_t>(2, 0));

    ByHand blocks(*kernel, target);
    for (std::size_t p = 0; p < 3; ++p) {
      blocks.reset();
      const std::vector<unsigned char> before(blocks.state, blocks.state + sizeof blocks.state);
      blocks.enter(blocks.code.passes[p].stretch, blocks.state);
      CHECK((std::memcmp(before.data(), blocks.state, before.size()) == 0) == (p > 0));
      blocks.enter(blocks.code.passes[p].finish, blocks.state);
    }
    CHECK(blocks.result() == 500);
    CHECK(blocks.left_out() == std::vector<std::uint64_t>(2, 0));
  }
}

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
