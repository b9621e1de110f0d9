// What the generator emitted, read back from the bytes.
//
// The text comes from decoding the code itself (with Zydis), never from what the generator meant to emit, so
// that a dump can be trusted against the generator. Places get the names the generator gave them, and a
// constant stands as a number beside the instruction that loads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jit/compile.h"

namespace trueno::inspect {

/// One decoded instruction.
struct Instruction {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::string text;                     ///< "vaddps ymm0, ymm0, [rax]"; places by name: "jl main loop", "[pool+0x40]"
  std::string constant;                 ///< the constant of the pool it uses, as numbers; empty if none
  std::optional<std::uint32_t> target;  ///< where it jumps to
  bool valid = true;                    ///< false: these bytes are no instruction
};

/// Decodes [begin, end) of the code; `end` beyond the instructions means up to the constant pool.
std::vector<Instruction> decode(const jit::Code& code, std::uint32_t begin, std::uint32_t end);

/// A constant of the pool as numbers: one with its bits if all lanes are equal, else the first eight. `element_bits` is
/// 32 or 64.
std::string print_constant(const std::uint8_t* bytes, std::size_t size, int element_bits);

}  // namespace trueno::inspect
