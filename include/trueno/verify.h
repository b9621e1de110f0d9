// Is a kernel's code right? Asked of the kernel itself, before it is relied on; VerifyPolicy asks while it is in use.
#pragma once

#include <cstdint>
#include <string>

#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

struct VerifyReport {
  bool same = true;            ///< every bit agreed
  std::uint64_t runs = 0;      ///< calls that were compared
  std::uint64_t elements = 0;  ///< elements those calls ran over
  std::string text;            ///< in words; of a difference: where, both values, the operands and the kernel
};

enum class VerifyDepth : std::uint8_t {
  quick,  ///< every length at some placement
  full,   ///< every length at every placement, and more lengths around the boundaries of blocks
};

/// Runs the kernel as it is called and compares with the interpreter, bit for bit: every length from 0 to a few turns
/// of the main loop, lengths around block boundaries, misaligned arrays, arrays that end at a page which cannot be
/// touched, results in the place of inputs; values that are special more often than ordinary. Writes beside the
/// results, changed inputs and faults count as differences. Both run the optimized IR, Kernel::text(): whether that
/// means what was written is not asked.
/// Threads: safe, but faults are caught by handlers of the whole process while it runs.
/// Errors: out_of_memory.
TRUENO_API Result<VerifyReport> verify(const Kernel& kernel, VerifyDepth depth = VerifyDepth::quick);

}  // namespace v0
}  // namespace trueno
