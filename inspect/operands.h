// Small questions about decoded operands.
//
// They are asked by all that follows code, and each has one answer here.
#pragma once

#include <bit>
#include <cstdint>

#include "inspect/decode.h"

namespace trueno::inspect {

inline bool is_register(const ZydisDecodedOperand& o) { return o.type == ZYDIS_OPERAND_TYPE_REGISTER; }
inline bool is_immediate(const ZydisDecodedOperand& o) { return o.type == ZYDIS_OPERAND_TYPE_IMMEDIATE; }
/// Memory that is loaded or stored, not an address that is only computed.
inline bool is_memory(const ZydisDecodedOperand& o) {
  return o.type == ZYDIS_OPERAND_TYPE_MEMORY && o.mem.type != ZYDIS_MEMOP_TYPE_AGEN;
}
inline bool is_read(const ZydisDecodedOperand& o) { return (o.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0; }
inline bool is_written(const ZydisDecodedOperand& o) { return (o.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0; }

/// m if the immediate is m - 1 and m a power of two of at most 32 bits; else 0.
inline std::int64_t all_below(std::int64_t imm) {
  const auto next = static_cast<std::uint64_t>(imm) + 1;
  return imm > 0 && next <= std::uint64_t{1} << 32 && std::has_single_bit(next) ? imm + 1 : 0;
}

}  // namespace trueno::inspect
