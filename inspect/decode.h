// Instructions of generated code, as Zydis decodes them from the bytes.
//
// The one place that calls the decoder. Whoever looks at code (the listing, checks) works on these steps, never on
// what the generator meant to emit.
#pragma once

#include <Zydis/Zydis.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "jit/compile.h"

namespace trueno::inspect {

/// One instruction, or one byte that begins none.
struct Step {
  std::uint32_t offset = 0;
  std::uint32_t length = 1;
  bool valid = false;                   ///< false: nothing below means anything
  std::optional<std::uint32_t> target;  ///< where it jumps to, if that is fixed
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

  std::uint32_t end() const { return offset + length; }
};

/// Where instructions end: the constant pool, or the end of the bytes.
std::uint32_t end_of_instructions(const jit::Code& code);

/// Decodes [begin, end) of the code; `end` beyond the instructions means up to the constant pool.
std::vector<Step> decode_steps(const jit::Code& code, std::uint32_t begin, std::uint32_t end);

/// The offset an operand of a step refers to relative to the instruction pointer: of the pool, of a jump.
std::optional<std::uint64_t> absolute_address(const Step& step, const ZydisDecodedOperand& operand);

}  // namespace trueno::inspect
