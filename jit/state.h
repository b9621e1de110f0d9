// The state of a reduction while code is selected, and how its step or its merge is put in line.
#pragma once

#include "ir/few.h"
#include "ir/reducer.h"
#include "jit/select.h"

namespace trueno::jit {

/// The state of a reduction, by component; or what a step or a merge is about: two states, or one and operands.
using State = ir::Few<Value, 2 * (ir::kMaxState + 1) + 2>;

/// Puts a step or a merge in line, on values of this section. An empty result: declined, the reason in `s`.
State inlined(Select& s, const ir::Kernel& body, const State& params);

/// Readies the results of a step or a merge for their homes, where each is to live alone from its definition on: copies
/// what others use too, and what writing another home would replace. `first`: the virtual registers from there on are
/// this step's own.
void detach(Select& s, State& next, const State& homes, std::uint32_t first);

}  // namespace trueno::jit
