// Register allocation for straight-line code: one walk, evicting the value whose next use is farthest.
#pragma once

#include <cstdint>

#include "jit/machine.h"

namespace trueno::jit {

struct RegisterFile {
  std::uint32_t vectors = 0xffff;                ///< bit set of machine registers free for temporaries
  std::uint32_t masks = 0xfe;                    ///< likewise for k registers
  std::uint32_t vector_move = 0, mask_move = 0;  ///< instruction ids: full-width register/memory moves
  std::uint8_t vector_bytes = 32;
};

struct Allocated {
  std::vector<Instruction> code;   ///< machine registers only
  std::uint32_t spill_slots = 0;   ///< each of 64 bytes
  std::uint32_t spills = 0;        ///< stores and reloads inserted
  std::uint32_t vectors_used = 0;  ///< bit set
  bool ok = true;                  ///< false: not even one instruction's operands fit
};

Allocated allocate(const Section& section, const RegisterFile& registers);
/// The same of a section nobody needs afterwards.
Allocated allocate(Section&& section, const RegisterFile& registers);

}  // namespace trueno::jit
