// From kernels to canonical text. What is printed parses back to the same kernel.
#pragma once

#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

/// The whole kernel behind its tables and those of its reducers that do not come with the library: one statement per
/// node that is used more than once or has a name, every decision (fma, types, variants) visible. Floats are printed so
/// that they parse back to the same bits. Unique: equal kernels print equal text, whatever compiler built the library.
/// Calls of ops print as calls: only an expanded kernel needs nothing but the library to be read.
std::string print(const Kernel& kernel);

/// The same in pieces: what stands before the kernel (one declaration each, all ended by a newline), and the kernel.
struct PrintedKernel {
  std::vector<std::string> declarations;
  std::string kernel;
};
PrintedKernel print_parts(const Kernel& kernel);

/// A literal of that type: shortest exact form; NaN and inf as `nan`, `inf`.
std::string print_literal(Type type, std::uint64_t bits);

/// Equal in everything that has meaning (names of values and positions aside).
bool same(const Kernel& a, const Kernel& b);

}  // namespace trueno::ir
