// What the IR says a kernel's values are, as terms: every value of every element, reductions by the contract's tree.
//
// Written from the IR alone. The code under test has no part in it.
#pragma once

#include <vector>

#include "inspect/term.h"
#include "ir/kernel.h"

namespace trueno::inspect {

/// What a kernel is given: leaves, but for the number of elements.
struct Given {
  std::size_t n = 0;
  std::vector<std::vector<TermId>> elements;  ///< per parameter: of its array
  std::vector<TermId> scalars;                ///< per parameter
};
Given make_leaves(Terms& terms, const ir::Kernel& kernel, std::size_t n);

/// Per node of the kernel: its values, one per element if it varies, else one. `optimized` has no calls.
std::vector<std::vector<TermId>> specify(Terms& terms, const ir::Kernel& optimized, const Given& given);
/// Of a filtered reduction: the component of its state that tells whether an element passed.
TermId some_element(Terms& terms, const ir::Kernel& optimized, ir::NodeId reduction,
                    const std::vector<std::vector<TermId>>& values, std::size_t n);

}  // namespace trueno::inspect
