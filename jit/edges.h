// What is not whole turns of a loop: elements before the first aligned store, elements after the last whole step.
#pragma once

#include "jit/loop.h"

namespace trueno::jit {

/// kWork elements are left, fewer than a turn of the main loop: all vectors of a turn, masked.
void emit_masked_rest(Emitter& e, const Layout& layout, const PassPlan& plan);

/// From so many elements on (Tuning::peel), elements up to where the first array that is stored to is aligned. Nothing
/// if no array is, or if lanes depend on where the loop starts.
void emit_peel(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit, std::uint32_t window);

/// Jumps to `ordinary` unless a loop up to `limit` is to store past the caches: there is enough to store
/// (Tuning::nontemporal_bytes), aligned, to arrays that are not read. False: it never is, and nothing was emitted.
bool emit_past_caches(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit,
                      const Emitter::Label& ordinary);

/// Fewer elements than a step, at least one, from kIndex, which stays. `count`: emits what leaves their number in
/// kWork, as often as needed.
template <class Count>
void emit_partial_step(Emitter& e, const Layout& layout, const PassPlan& plan, std::uint32_t window, Count&& count);

// ---- details

/// The masks of the elements that the lowest bits of a register tell of.
void set_tail_masks(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp bits);
/// Arrays whose tails are staged and that the tail's code reads (in), or writes.
std::vector<std::uint32_t> staged_tails(const Emitter& e, const PassPlan& plan, bool in);

template <class Count>
void emit_partial_step(Emitter& e, const Layout& layout, const PassPlan& plan, std::uint32_t window, Count&& count) {
  auto& a = e.a();
  const auto copy = [&](bool in) {
    for (const std::uint32_t array : staged_tails(e, plan, in)) {
      count();
      e.copy_tail(array, in, plan.free_register);
    }
  };
  copy(true);
  count();
  if (layout.isa.opmasks()) {
    a.mov(Emitter::kScratch.r32(), -1);
    a.bzhi(Emitter::kScratch.r32(), Emitter::kScratch.r32(), Emitter::kWork.r32());
    set_tail_masks(e, layout, plan, Emitter::kScratch);
  } else {  // lanes missing from the step
    a.neg(Emitter::kWork);
    a.add(Emitter::kWork, static_cast<int>(layout.lanes));
    e.set_tail_window(window);
  }
  if (plan.lanes == Lanes::frame) e.set_lane_positions();
  e.staged(true);
  e.section(plan.tail, &plan.accs, 0);
  e.staged(false);
  copy(false);
}

}  // namespace trueno::jit
