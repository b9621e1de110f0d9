// Counts over a part of the code: what a turn of a loop costs in instructions, memory and registers.
#pragma once

#include <cstdint>

#include "inspect/ranges.h"
#include "inspect/study.h"

namespace trueno::inspect {

struct Stats {
  std::uint32_t bytes = 0, instructions = 0;
  std::uint32_t loads = 0, stores = 0;  ///< of arrays
  std::uint32_t constants = 0;          ///< reads of the pool
  std::uint32_t uniforms = 0;           ///< reads of uniform values from the frame
  std::uint32_t lanes = 0;              ///< reads and writes of accumulators in the frame
  std::uint32_t spills = 0, reloads = 0;
  std::uint32_t other_memory = 0;  ///< reads and writes of anything else
  std::uint32_t moves = 0;         ///< between vector registers
  std::uint32_t vector_bits = 0;   ///< the widest vector that is computed with; 0: none
  std::uint32_t narrower = 0;      ///< instructions on vectors, but not on the widest
  std::uint32_t vectors_used = 0, masks_used = 0, general_used = 0;  ///< registers that are named
  std::uint32_t most_vectors = 0;                                    ///< in use at one moment
  std::uint32_t pinned = 0, accumulators = 0;                        ///< registers
  std::int64_t elements = 0;                                         ///< of a loop: per turn

  double per_element(std::uint32_t count) const { return elements > 0 ? double(count) / double(elements) : 0; }
};

Stats find_stats(const Study& study, const Part& part);
/// Of the whole code; its `elements` are 0.
Stats find_stats(const Study& study);

}  // namespace trueno::inspect
