// How long a kernel takes on this machine, in cycles per element, and how that compares with reading and writing
// memory.
//
// Times are minima of batches (timing.h). Cycles are those of the core, not of the time stamp counter: a chain of
// multiplications, each of which takes three cycles on all x86 cores of the last fifteen years, is timed in turn with
// the kernel.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/kernel.h"
#include "jit/target.h"
#include "tools/own_ops.h"
#include "trueno/kernel.h"

namespace trueno::tools {

struct ElementTime {
  std::size_t n = 0;
  double ns = 0;      ///< per call
  double cycles = 0;  ///< per call
  double ns_per_element() const { return ns / static_cast<double>(n); }
  double cycles_per_element() const { return cycles / static_cast<double>(n); }
};

/// Bytes an element of all arrays takes.
struct Traffic {
  std::size_t read = 0, written = 0;
  std::size_t all() const { return read + written; }
};
Traffic traffic_of(const ir::Kernel& kernel);

/// Elements of which all arrays lie in the first cache, with room to spare.
std::size_t resident_elements(const Traffic& traffic);

/// The kernel on exactly this target. Errors: unavailable, if this host cannot run it, or the target declines.
Result<Kernel> runnable(const ir::Kernel& parsed, const ir::Catalogue& ops, const jit::Target& target);

/// Times of the kernels at each of these lengths, in turn, about `budget_ns` for each length. Arrays hold numbers
/// between 0.5 and 1.5, integers between 1 and 100. [kernel][length]
/// Errors: out_of_memory; what a call returns.
Result<std::vector<std::vector<ElementTime>>> time_kernels(const std::vector<Kernel>& kernels,
                                                           const std::vector<std::size_t>& lengths, double budget_ns);

/// The machine's limit at each length: a kernel that only reads, or reads and writes, as many bytes in all.
Result<std::vector<ElementTime>> time_limit(const Traffic& traffic, const std::vector<std::size_t>& lengths,
                                            double budget_ns);

}  // namespace trueno::tools
