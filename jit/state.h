// The state of a reduction while code is selected, and how its step or its merge is put in line.
#pragma once

#include "ir/reducer.h"
#include "jit/few.h"
#include "jit/select.h"

namespace trueno::jit {

/// The state of a reduction, by component; or what a step or a merge is about: two states, or one and operands.
using State = Few<Value, 2 * (ir::kMaxState + 1) + 2>;

/// Puts a step or a merge in line, on values of this section. An empty result: declined, the reason in `s`.
State inlined(Select& s, const ir::Kernel& body, const State& params);

/// Of values about to be written to their homes one after the other: copies what an earlier write would replace.
void detach(Select& s, State& next, const State& homes);

}  // namespace trueno::jit
