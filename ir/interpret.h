// The scalar interpreter: the meaning of the IR, obvious and slow; the judge of every back end.
#pragma once

#include <cstdint>
#include <span>

#include "ir/kernel.h"

namespace trueno::ir {

/// Evaluates one primitive on the bits of its operands (f32 and i32 in the low 32 bits, masks as 0 or 1).
/// Not for leaves, calls and reductions. This is what constant folding asks.
std::uint64_t evaluate(const Kernel& kernel, const Node& node, std::uint64_t a, std::uint64_t b, std::uint64_t c);

/// Runs an expanded kernel.
/// Shape: `params[i]` points to n elements (array) or to one (scalar); `outputs[i]` likewise. Masks are u8.
/// Aliasing: as if all inputs had been copied first.
/// Errors: Status::empty, with nothing written; Status::internal if a call node is left.
Result<void> interpret(const Kernel& kernel, std::span<const void* const> params, std::span<void* const> outputs,
                       std::int64_t n);

}  // namespace trueno::ir
