// Which registers hold something that is still needed, at each instruction of a code.
//
// A dataflow over the decoded instructions and their jumps: what an instruction reads and writes is the decoder's word,
// so this sees what the allocator did and not what it meant to do. Flags are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/decode.h"

namespace trueno::inspect {

/// A machine register: vectors 0 to 31, masks 32 to 39, general ones 40 to 55.
using Register = std::uint8_t;
inline constexpr Register kFirstMask = 32, kFirstGeneral = 40, kRegisters = 56;
inline constexpr Register kNoRegister = 0xff;

using RegisterSet = std::uint64_t;  ///< bits by Register
inline constexpr RegisterSet kVectorRegisters = 0xffffffffu, kMaskRegisters = RegisterSet{0xff} << kFirstMask;
constexpr bool has(RegisterSet set, Register r) { return r < kRegisters && (set >> r & 1) != 0; }

/// The decoder's register, whatever part of it is meant.
Register register_of(ZydisRegister reg);
/// "v7", "k1", "rdx": the width is the instruction's matter.
std::string name_of_register(Register r);

struct RegisterUse {
  RegisterSet reads = 0, writes = 0;
  RegisterSet keeps = 0;  ///< written, but a part of what was there stays: under a mask, or on a condition
};
/// A register that is cleared by an operation on itself is not read.
RegisterUse register_use(const Step& step);

struct Liveness {
  std::vector<RegisterUse> access;  ///< by step
  std::vector<RegisterSet> before;  ///< needed when the instruction begins
  std::vector<RegisterSet> after;   ///< needed when it has ended
};
/// `steps`: the whole code. Nothing is needed behind a `ret`.
Liveness find_liveness(const std::vector<Step>& steps);

}  // namespace trueno::inspect
