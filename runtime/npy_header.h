// The header of NumPy's .npy files, for all that write them: the tools' results, and the inputs of a kernel that was
// withdrawn (reproducer.h).
#pragma once

#include <string>
#include <string_view>

#include "trueno/types.h"

namespace trueno::runtime {

/// All that stands before the elements, version 1.0, padded so that they begin at a multiple of 64 bytes. `shape` as
/// Python writes it: "(5,)", "(2, 3)". Masks are NumPy's bool. Source: NumPy's format document, NEP 1.
std::string npy_header(Type type, std::string_view shape);

}  // namespace trueno::runtime
