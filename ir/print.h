// From kernels to canonical text. What is printed parses back to the same kernel.
#pragma once

#include <cstdint>
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

/// How a node stands in the text of its kernel: under a name, or as a part of the line of its only user.
struct PrintedNode {
  std::string text;        ///< its name, or what is written for it; empty: the text does without it
  bool named = false;      ///< text is a name
  std::uint32_t line = 0;  ///< of PrintedKernel::kernel, from 0; parameters stand on line 0
};
/// By node.
std::vector<PrintedNode> print_nodes(const Kernel& kernel);

/// A literal of that type: shortest exact form; NaN and inf as `nan`, `inf`.
std::string print_literal(Type type, std::uint64_t bits);

/// Equal in everything that has meaning (names of values and positions aside).
bool same(const Kernel& a, const Kernel& b);

}  // namespace trueno::ir
