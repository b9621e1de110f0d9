// Live ranges: which machine register holds which value of the kernel, from where to where, within a part of the code.
//
// Ranges come from the decoded instructions (liveness.h); the name of what is held comes from the generator's trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/study.h"

namespace trueno::inspect {

enum class Holds : std::uint8_t {
  temporary,    ///< made and used up within a turn
  accumulator,  ///< comes in, is changed, goes on to the next turn
  pinned,       ///< comes in and stays as it is: a constant, a uniform value, an index vector
};
std::string_view name_of(Holds holds);

/// A register from the instruction that fills it to the last that needs it. Indices count within the part.
struct Range {
  Register reg = 0;
  Holds holds = Holds::temporary;
  std::uint32_t from = 0, to = 0;  ///< first and last instruction; from == to: nobody needs it
  bool arrives = false;            ///< was filled before the part began
  bool leaves = false;             ///< is needed after its last instruction
  ir::NodeId node = ir::kNoNode;   ///< what it holds; of constants: none
  std::string what;                ///< the value's name, or the constant as numbers
};

struct Ranges {
  std::vector<Range> list;             ///< by register, then by `from`
  std::vector<std::uint32_t> vectors;  ///< by instruction: vector registers in use while it runs
  std::vector<std::uint32_t> masks;    ///< likewise mask registers
  std::uint32_t most_vectors = 0, most_masks = 0;
  std::uint32_t vector_registers = 16;  ///< that the ISA has
};

Ranges find_ranges(const Study& study, const Part& part);

}  // namespace trueno::inspect
