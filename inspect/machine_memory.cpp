// Loads and stores, opmasks and vector registers; see machine.h.
#include <algorithm>
#include <cstring>

#include "inspect/machine.h"
#include "inspect/operands.h"

namespace trueno::inspect {

namespace {

bool is_vector_move(ZydisMnemonic m) {
  switch (m) {
    case ZYDIS_MNEMONIC_VMOVUPS:
    case ZYDIS_MNEMONIC_VMOVUPD:
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVDQU:
    case ZYDIS_MNEMONIC_VMOVDQA: return true;
    default: return false;
  }
}

}  // namespace

Value Machine::load(const Step& step, const Linear& address, std::uint32_t bytes, State& s) {
  if (!address.known() || bytes != 8) return {};
  for (const Cell& c : s.cells)
    if (c.bytes == 8 && c.at == address) return c.value;
  const Linear base = ground_.base_of(address);
  const Linear within = address - base;
  if (!within.is_constant()) return {};
  const auto at = within.constant;
  if (base == Linear::of(ground_.table) && at >= 0 && at % 8 == 0 &&
      static_cast<std::size_t>(at / 8) < ground_.arrays.size())
    return {Linear::of(ground_.arrays[static_cast<std::size_t>(at / 8)]), Value::number, Value::either};
  if (base == Linear::of(ground_.merge_stack) && at >= 0 && at < 32 && at % 8 == 0) return load_header(step, at / 8, s);
  return {};
}

/// The words of the merge stack's header: how many blocks of 64 and of 32 lanes there were, and where their stacks end.
/// There is an entry for every bit that is set in a count.
Value Machine::load_header(const Step& step, std::int64_t word, State& s) {
  Linear& blocks = s.blocks[word & 1];
  if (word < 2) {
    const Linear set = ground_.fresh(s, step.offset, kGeneral + static_cast<unsigned>(word));
    s.learn({set, Fact::not_negative});
    s.learn({Linear(64) - set, Fact::not_negative});
    s.blocks[word] = set;
    return {set, Value::counter, Value::either};
  }
  const Linear top = ground_.fresh(s, step.offset, kGeneral + static_cast<unsigned>(word));
  const Linear filled = top - static_cast<std::int64_t>(jit::PassCode::kStateHeader);
  const std::int64_t entry = ground_.entry.state_bytes;
  s.learn({filled, Fact::not_negative});
  s.learn({Linear(std::int64_t{1} << 40) - top, Fact::not_negative});
  if (entry > 0) s.learn({filled, Fact::multiple, entry});
  if (blocks.known()) s.learn({filled - blocks * entry, Fact::zero});
  if (ground_.entry.kind == Entry::finish) s.learn({filled - entry, Fact::not_negative});  // some block there was
  return {top, Value::number, Value::either};
}

/// What is known of the stack, after a store.
void Machine::store(const Step& step, State& s) {
  const auto overwritten = [&](const Linear& at, std::uint32_t bytes) {
    Prover p = ground_.prover(s);
    std::erase_if(s.cells, [&](const Cell& c) {
      const Linear apart = at - c.at;
      return !at.known() || !(p.not_negative(apart - c.bytes) || p.not_negative(-apart - bytes));
    });
  };
  if (step.instruction.mnemonic == ZYDIS_MNEMONIC_PUSH) {
    s.saved = s.gp[kRsp].e - 8;
    overwritten(s.saved, 8);
    if (s.saved.known()) s.cells.push_back({s.saved, 8, value(step.operands[0], s), {}});
    return;
  }
  const bool none = std::none_of(step.operands, step.operands + step.instruction.operand_count,
                                 [](const auto& o) { return is_memory(o) && is_written(o); });
  if (none) return;
  for (const Access& a : accesses(step, s)) {
    if (!a.write) continue;
    const Linear base = ground_.base_of(a.address);
    if (base == Linear::of(ground_.merge_stack)) {
      const Linear within = a.address - base;
      if (!within.is_constant() || within.constant < 32) s.blocks[0] = s.blocks[1] = {};
      continue;
    }
    if (!base.known()) s.blocks[0] = s.blocks[1] = {};
    if (base.known() && !ground_.on_stack(base)) continue;
    overwritten(base.known() ? a.address : Linear(), a.bytes);
    const ZydisDecodedOperand& from = step.operands[1];
    if (!is_register(from) || !base.known() || a.masked) continue;
    const unsigned reg = maskable_register(from.reg.value);
    if (reg < kVectors && is_vector_move(step.instruction.mnemonic)) {
      if (const Lanes* lanes = s.lanes_of(reg)) s.cells.push_back({a.address, a.bytes, {}, *lanes});
    } else if (step.instruction.mnemonic == ZYDIS_MNEMONIC_MOV && a.bytes == 8) {
      s.cells.push_back({a.address, 8, value(from, s), {}});
    }
  }
}

/// AVX2's masks of tails: a part of the constants where lanes that are set are followed by others. Whatever the number
/// is that it begins at, lane i is set only if i < limit, where limit falls as that number grows.
void Machine::window(const Step& step, const Access& access, State& s) {
  const unsigned to = maskable_register(step.operands[0].reg.value);
  const Linear at = access.address - Linear::of(ground_.code);
  constexpr std::int64_t kMost = 1024;
  Prover p = ground_.prover(s);
  const std::int64_t low = p.least(at), below = p.least(-at);
  if (at.is_constant() || low == Prover::kNone || below == Prover::kNone || -below - low > kMost) return;
  const std::int64_t high = -below;
  const auto& bytes = ground_.subject.code.bytes;
  if (low < 0 || high + access.bytes > static_cast<std::int64_t>(bytes.size())) return;
  Linear limits[2];
  for (const std::int64_t lane : {4, 8}) {
    const std::int64_t stride = at.divisor();
    if (stride % lane != 0) continue;
    const std::int64_t first = low + (((at.constant - low) % stride) + stride) % stride;
    std::int64_t most = INT64_MIN;  // of i + 1 + start/lane, over lanes i that are set
    for (std::int64_t start = first; start <= high; start += stride)
      for (std::int64_t i = 0; i < access.bytes / lane; ++i)
        if ((bytes[static_cast<std::size_t>(start + i * lane + lane - 1)] & 0x80) != 0)
          most = std::max(most, i + 1 + (start - at.constant) / lane);
    limits[lane / 8] = most == INT64_MIN ? Linear(0) : Linear(most) - (at - at.constant).divided(lane);
  }
  s.set_lanes(to, limits[0], limits[1]);
}

void Machine::run_vector(const Step& step, State& s) {
  const auto& in = step.instruction;
  if (in.mnemonic == ZYDIS_MNEMONIC_VZEROUPPER || in.mnemonic == ZYDIS_MNEMONIC_VZEROALL) {
    s.dirty_uppers = false;
    std::erase_if(s.lanes, [](const Lanes& l) { return l.reg < kVectors; });
    return;
  }
  for (int i = 0; i < in.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (!is_register(o) || !is_written(o)) continue;
    const auto cls = ZydisRegisterGetClass(o.reg.value);
    const bool longer = cls == ZYDIS_REGCLASS_YMM || cls == ZYDIS_REGCLASS_ZMM;
    s.dirty_uppers = s.dirty_uppers || (longer && ZydisRegisterGetId(o.reg.value) < 16);
  }
  if (in.operand_count < 2 || !is_register(step.operands[0])) return;
  const ZydisDecodedOperand& from = step.operands[1];
  const unsigned to = maskable_register(step.operands[0].reg.value);
  if (to == ~0u) return;
  const bool unmasked = in.avx.mask.reg == ZYDIS_REGISTER_NONE || in.avx.mask.reg == ZYDIS_REGISTER_K0;
  switch (in.mnemonic) {
    case ZYDIS_MNEMONIC_KMOVB:
    case ZYDIS_MNEMONIC_KMOVW:
    case ZYDIS_MNEMONIC_KMOVD:
    case ZYDIS_MNEMONIC_KMOVQ: {
      if (!is_register(from)) return;
      const unsigned reg = general_register(from.reg.value);
      if (reg < kGeneral && s.gp[reg].kind == Value::bits) s.set_lanes(to, s.gp[reg].e, s.gp[reg].e);
      if (const Lanes* lanes = s.lanes_of(maskable_register(from.reg.value)); reg >= kGeneral && lanes != nullptr) {
        const Linear limit = lanes->limit[0];
        s.set_lanes(to, limit, limit);
      }
      return;
    }
    case ZYDIS_MNEMONIC_KSHIFTRB:
    case ZYDIS_MNEMONIC_KSHIFTRW:
    case ZYDIS_MNEMONIC_KSHIFTRD:
    case ZYDIS_MNEMONIC_KSHIFTRQ: {
      const Lanes* lanes = s.lanes_of(maskable_register(from.reg.value));
      if (lanes == nullptr || step.operands[2].type != ZYDIS_OPERAND_TYPE_IMMEDIATE) return;
      const Linear limit = lanes->limit[0] - static_cast<std::int64_t>(step.operands[2].imm.value.u & 0xff);
      s.set_lanes(to, limit, limit);
      return;
    }
    default: break;
  }
  if (!is_vector_move(in.mnemonic) || !unmasked) return;
  if (is_register(from)) {
    if (const Lanes* lanes = s.lanes_of(maskable_register(from.reg.value))) {
      const Lanes copy = *lanes;
      s.set_lanes(to, copy.limit[0], copy.limit[1]);
    }
    return;
  }
  if (!is_memory(from)) return;
  const Linear at = address(step, from, s);
  const std::uint32_t bytes = from.size / 8u;
  const Linear base = ground_.base_of(at);
  if (base == Linear::of(ground_.code)) return window(step, {&from, at, bytes, true, false, false, 0, {}}, s);
  for (const Cell& c : s.cells)
    if (c.at == at && c.bytes == bytes) {
      const Lanes copy = c.lanes;
      s.set_lanes(to, copy.limit[0], copy.limit[1]);
      return;
    }
}

}  // namespace trueno::inspect
