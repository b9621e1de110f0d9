// How the processor's vector instructions are described: a row each.
#pragma once

#include "inspect/processor.h"

namespace trueno::inspect {

struct Processor::Rule {
  bool (Processor::*run)(const Step&, const Rule&) = nullptr;
  Fn fn = Fn::constant;
  int width = 32;         ///< bits of a lane; of a conversion's result
  int from = 0;           ///< of a conversion's operand
  std::uint64_t imm = 0;  ///< where the instruction has none
  int sources = 2;
};

// ---- operands, as instructions are written

using Operand = ZydisDecodedOperand;

inline int register_index(const Operand& o) {
  return o.type == ZYDIS_OPERAND_TYPE_REGISTER ? ZydisRegisterGetId(o.reg.value) : -1;
}
inline bool is_mask_register(const Operand& o) {
  return o.type == ZYDIS_OPERAND_TYPE_REGISTER && ZydisRegisterGetClass(o.reg.value) == ZYDIS_REGCLASS_MASK;
}
inline bool is_vector_register(const Operand& o) {
  if (o.type != ZYDIS_OPERAND_TYPE_REGISTER) return false;
  const auto cls = ZydisRegisterGetClass(o.reg.value);
  return cls == ZYDIS_REGCLASS_XMM || cls == ZYDIS_REGCLASS_YMM || cls == ZYDIS_REGCLASS_ZMM;
}

/// The operands that are written: predicates and immediates left out.
struct WrittenOperands {
  const Operand* at[5] = {};
  int count = 0;
  std::optional<std::uint64_t> imm;

  explicit WrittenOperands(const Step& s) {
    for (int i = 0; i < s.instruction.operand_count_visible; ++i) {
      const Operand& o = s.operands[i];
      if (o.type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        imm = o.imm.value.u & 0xff;
      else if (o.encoding != ZYDIS_OPERAND_ENCODING_MASK)
        at[count++] = &o;
    }
  }
  /// The sources, of which the older encoding does not name the one it overwrites.
  const Operand* source(int i, int sources) const { return at[count - sources + i]; }
};

}  // namespace trueno::inspect
