// See stats.h.
#include "inspect/stats.h"

#include <algorithm>
#include <bit>

namespace trueno::inspect {
namespace {

/// Bits of the widest vector register an instruction names; 0 if it names none.
std::uint32_t vector_bits(const Step& step) {
  std::uint32_t widest = 0;
  for (int i = 0; step.valid && i < step.instruction.operand_count_visible; ++i)
    if (step.operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER)
      switch (ZydisRegisterGetClass(step.operands[i].reg.value)) {
        case ZYDIS_REGCLASS_XMM: widest = std::max(widest, 128u); break;
        case ZYDIS_REGCLASS_YMM: widest = std::max(widest, 256u); break;
        case ZYDIS_REGCLASS_ZMM: widest = std::max(widest, 512u); break;
        default: break;
      }
  return widest;
}

bool is_vector_register(const ZydisDecodedOperand& o) {
  return o.type == ZYDIS_OPERAND_TYPE_REGISTER && register_of(o.reg.value) < kFirstMask;
}

/// A copy from one vector register to another.
bool copies(const Step& step) {
  if (!step.valid || step.instruction.operand_count_visible != 2) return false;
  switch (step.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOVAPS:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVUPS:
    case ZYDIS_MNEMONIC_VMOVDQA: return is_vector_register(step.operands[0]) && is_vector_register(step.operands[1]);
    default: return false;
  }
}

void count(Stats& stats, const Touch& touch) {
  const std::uint32_t both = std::uint32_t{touch.read} + std::uint32_t{touch.written};
  switch (touch.memory) {
    case MemoryKind::none: break;
    case MemoryKind::array: stats.loads += touch.read, stats.stores += touch.written; break;
    case MemoryKind::constant: stats.constants += both; break;
    case MemoryKind::uniform: stats.uniforms += both; break;
    case MemoryKind::lanes: stats.lanes += both; break;
    case MemoryKind::spill: stats.reloads += touch.read, stats.spills += touch.written; break;
    default: stats.other_memory += both;
  }
}

Stats over(const Study& study, std::size_t first, std::size_t steps) {
  Stats stats;
  RegisterSet used = 0;
  for (std::size_t i = first; i < first + steps; ++i) {
    const Step& step = study.steps[i];
    ++stats.instructions;
    stats.bytes += step.length;
    count(stats, study.notes[i].touch);
    stats.moves += copies(step);
    stats.vector_bits = std::max(stats.vector_bits, vector_bits(step));
    const RegisterSet named = study.liveness.access[i].reads | study.liveness.access[i].writes;
    used |= named;
    stats.most_vectors = std::max(
        stats.most_vectors, static_cast<std::uint32_t>(std::popcount(
                                (study.liveness.before[i] | study.liveness.access[i].writes) & kVectorRegisters)));
  }
  for (std::size_t i = first; i < first + steps; ++i)
    if (const std::uint32_t bits = vector_bits(study.steps[i]); bits != 0 && bits < stats.vector_bits) ++stats.narrower;
  stats.vectors_used = static_cast<std::uint32_t>(std::popcount(used & kVectorRegisters));
  stats.masks_used = static_cast<std::uint32_t>(std::popcount(used & kMaskRegisters));
  stats.general_used = static_cast<std::uint32_t>(std::popcount(used & ~(kVectorRegisters | kMaskRegisters)));
  return stats;
}

}  // namespace

Stats find_stats(const Study& study, const Part& part) {
  Stats stats = over(study, part.first, part.steps);
  stats.elements = part.elements;
  RegisterSet pinned = 0, accumulators = 0;
  for (const Range& range : find_ranges(study, part).list) {
    if (range.holds == Holds::pinned) pinned |= RegisterSet{1} << range.reg;
    if (range.holds == Holds::accumulator && range.arrives) accumulators |= RegisterSet{1} << range.reg;
  }
  stats.pinned = static_cast<std::uint32_t>(std::popcount(pinned & kVectorRegisters));
  stats.accumulators = static_cast<std::uint32_t>(std::popcount(accumulators & kVectorRegisters));
  return stats;
}

Stats find_stats(const Study& study) { return over(study, 0, study.steps.size()); }

}  // namespace trueno::inspect
