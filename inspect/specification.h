// What the IR says a kernel's values are, as terms: every value of every element, reductions by the contract's tree.
//
// Written from the IR alone. The code under test has no part in it.
#pragma once

#include <vector>

#include "inspect/term.h"
#include "ir/kernel.h"

namespace trueno::inspect {

/// Elements that belong to one block of the contract, and are all of it that there is.
struct ElementBlock {
  std::size_t begin = 0, count = 0;
};

/// What a kernel is given: leaves, but for the number of elements.
struct Given {
  std::vector<ElementBlock> blocks;
  std::vector<std::size_t> positions;         ///< of all elements, block by block
  std::vector<std::vector<TermId>> elements;  ///< per parameter: of its array, by order in `positions`
  std::vector<TermId> scalars;                ///< per parameter
  std::size_t n() const { return positions.size(); }
};
Given make_leaves(Terms& terms, const ir::Kernel& kernel, const std::vector<ElementBlock>& blocks);

struct HeldInstead {
  TermId held = 0, value = 0;
};

struct Specification {
  /// Per node of the kernel: its values, one per element if it varies, else one.
  std::vector<std::vector<TermId>> values;
  /// Functions of values, and those: a back end may hold one for the other while it folds lanes (ir::Reducer::Folding).
  std::vector<HeldInstead> held_instead;
};
/// `optimized` has no calls.
Specification specify(Terms& terms, const ir::Kernel& optimized, const Given& given);

}  // namespace trueno::inspect
