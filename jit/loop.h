// The one loop generator: a pass over the data, for every ISA, type and kernel.
#pragma once

#include "jit/emit.h"

namespace trueno::jit {

/// A leaf kept in a register through a loop.
struct Pinned {
  Operand leaf;
  std::uint32_t reg = 0;
};

/// One pass, selected and allocated, ready to be emitted.
struct PassPlan {
  std::uint32_t pass = 0;
  Lanes lanes = Lanes::registers;
  std::uint32_t unroll = 1;
  std::vector<Accumulator> accs;
  std::uint32_t wanted = 0;  ///< registers that would hold all of them
  std::vector<Pinned> pinned;
  std::uint32_t free_register = 0;  ///< neither an accumulator nor pinned
  std::vector<Operand> in_frame;    ///< uniforms read from the frame
  Allocated main, tail;
  Allocated init[2], merge[2], push[2], pop[2];  ///< by number of lanes: 64, 32
  std::vector<bool> reads, writes;               ///< which arrays its code does
  bool upper_mask = false;                       ///< its tail has 8-byte lanes beside 4-byte ones
  /// Conditional: the slot of the mask without which it is left out (else ~0u), what comes after its loop and is left
  /// out with it, and the slots which that fills, to be 0 then.
  std::uint32_t condition = ~0u;
  Allocated result;
  std::vector<std::uint32_t> zeroed;
  bool has(std::uint32_t v) const {
    for (const Accumulator& a : accs)
      if (a.lanes == v) return true;
    return false;
  }
};

/// Selects and allocates a pass. Empty text: done; else why it is declined.
std::string plan_pass(const Layout& layout, std::uint32_t pass, Pool& pool, PassPlan& out);
/// Allocates straight-line code outside loops, with the accumulators of `plan` (if any) left alone.
Allocated allocate_around(const Layout& layout, const Section& section, const PassPlan* plan);

/// A register whose first lane is what a slot holds.
struct Held {
  std::uint32_t slot = 0, reg = 0;
};
/// What straight-line code stored in slots and still has in registers at its end.
std::vector<Held> held_after(const Allocated& code);
/// Brings what a loop keeps at hand into registers and frame; from `held` rather than from slots, as what was only just
/// stored there takes a while to come back.
void emit_leaves(Emitter& e, const PassPlan& plan, const std::vector<Held>& held);
/// Whole vectors and tail from kIndex to `limit`; leaves kIndex == limit.
void emit_loop(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit, std::uint32_t window);
/// Puts accumulators that a loop up to `limit` rotated back in order, as merging with other blocks needs.
void emit_realign(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit);

}  // namespace trueno::jit
