// Random well-typed kernels, driven by the primitive table and the catalogue of ops: what is added there is
// fuzzed without a change here. And random calls of them.
#pragma once

#include "tests/fuzz/kernel_fuzz_case.h"

namespace trueno::fuzz {

/// What to leave out, to look past a defect that is known and open.
struct Without {
  bool in_place = false, empty = false, mask_constants = false;
  std::vector<std::string> operations;  ///< primitives and ops by their names in text
};

/// A kernel of about 1 to 200 nodes, not yet expanded.
ir::Kernel random_kernel(Random& random, const Without& without);

/// Length, inputs and placement. Long calls (around block boundaries) are seldom, and only if `nodes` (after
/// expansion) are so few that the interpreter is quick.
void random_call(Random& random, const ir::Kernel& kernel, std::size_t nodes, const Without& without, Call& call);

}  // namespace trueno::fuzz
