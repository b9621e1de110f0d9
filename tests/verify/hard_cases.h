// Values that are hard for one primitive, found by thinking rather than by chance.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/primitives.h"
#include "trueno/types.h"

namespace trueno::test {

/// One row of operand bits per case. `types`: of the operands.
std::vector<std::vector<std::uint64_t>> hard_cases(ir::Op op, const std::vector<Type>& types);

}  // namespace trueno::test
