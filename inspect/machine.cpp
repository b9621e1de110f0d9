// General registers, flags and jumps; see machine.h. An instruction that is not known here makes what it writes
// unknown: nothing is believed that was not understood.
#include "inspect/machine.h"
#include "inspect/operands.h"

#include <bit>

namespace trueno::inspect {

namespace {

constexpr std::int64_t kTwo32 = std::int64_t{1} << 32;

Value number(const Linear& e) { return {e, Value::number, Value::either}; }

bool sets_flags(const Step& step) {
  const ZydisAccessedFlags* f = step.instruction.cpu_flags;
  return f != nullptr && (f->modified | f->set_0 | f->set_1 | f->undefined) != 0;
}

}  // namespace

unsigned maskable_register(ZydisRegister reg) {
  switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_YMM:
    case ZYDIS_REGCLASS_ZMM: return static_cast<unsigned>(ZydisRegisterGetId(reg));
    case ZYDIS_REGCLASS_MASK: return kFirstMask + static_cast<unsigned>(ZydisRegisterGetId(reg));
    default: return ~0u;
  }
}

Value Machine::value(const ZydisDecodedOperand& o, const State& s) const {
  if (is_immediate(o)) return number(Linear(o.imm.value.s));
  if (!is_register(o)) return {};
  const unsigned reg = general_register(o.reg.value);
  if (reg >= kGeneral) return {};
  const bool whole = ZydisRegisterGetClass(o.reg.value) == ZYDIS_REGCLASS_GPR64;
  const Value& v = s.gp[reg];
  const bool dword = ZydisRegisterGetClass(o.reg.value) == ZYDIS_REGCLASS_GPR32;
  return whole || (dword && v.kind == Value::bits) ? v : Value();
}

Linear Machine::address(const Step& step, const ZydisDecodedOperand& o, const State& s) const {
  if (o.mem.segment == ZYDIS_REGISTER_FS || o.mem.segment == ZYDIS_REGISTER_GS) return {};
  if (o.mem.base == ZYDIS_REGISTER_RIP) {
    const auto target = absolute_address(step, o);
    return target ? Linear::of(ground_.code) + static_cast<std::int64_t>(*target) : Linear();
  }
  if (step.instruction.address_width != 64) return {};
  Linear out(o.mem.disp.value);
  const auto add = [&](ZydisRegister reg, std::int64_t scale) {
    if (reg == ZYDIS_REGISTER_NONE) return;
    const unsigned r = general_register(reg);
    const bool fine = r < kGeneral && s.gp[r].is_number();
    out = fine ? out.plus(s.gp[r].e, scale) : Linear();
  };
  add(o.mem.base, 1);
  add(o.mem.index, o.mem.scale);
  return out;
}

std::vector<Access> Machine::accesses(const Step& step, const State& s) const {
  std::vector<Access> out;
  const auto category = step.instruction.meta.category;
  for (int i = 0; i < step.instruction.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (!is_memory(o) || category == ZYDIS_CATEGORY_PUSH || category == ZYDIS_CATEGORY_POP ||
        category == ZYDIS_CATEGORY_RET || category == ZYDIS_CATEGORY_NOP || category == ZYDIS_CATEGORY_WIDENOP ||
        category == ZYDIS_CATEGORY_PREFETCH)
      continue;
    Access a;
    a.operand = &o;
    a.address = address(step, o, s);
    a.bytes = o.size / 8u;
    a.read = is_read(o);
    a.write = is_written(o);
    const unsigned k = maskable_register(step.instruction.avx.mask.reg);
    unsigned mask = ~0u;
    if (k > kFirstMask && k < kMaskable) {
      mask = k;
      a.lane_bytes = o.element_size / 8u;
    } else if (step.instruction.mnemonic == ZYDIS_MNEMONIC_VMASKMOVPS ||
               step.instruction.mnemonic == ZYDIS_MNEMONIC_VMASKMOVPD) {
      mask = maskable_register(step.operands[1].reg.value);
      a.lane_bytes = step.instruction.mnemonic == ZYDIS_MNEMONIC_VMASKMOVPS ? 4 : 8;
    }
    a.masked = mask != ~0u;
    if (const Lanes* lanes = a.masked ? s.lanes_of(mask) : nullptr) a.limit = lanes->limit[a.lane_bytes == 8 ? 1 : 0];
    out.push_back(a);
  }
  return out;
}

void Machine::run(const Step& step, State& s) {
  if (!step.valid) return;
  Flags flags;
  const Value result = computed(step, s, flags);
  store(step, s);
  forget_written(step, s);
  if (sets_flags(step)) s.flags = flags;
  const ZydisDecodedOperand& to = step.operands[0];
  if (step.instruction.operand_count > 0 && is_register(to) && is_written(to)) {
    const auto cls = ZydisRegisterGetClass(to.reg.value);
    const unsigned reg = general_register(to.reg.value);
    if (reg < kGeneral && (cls == ZYDIS_REGCLASS_GPR64 || cls == ZYDIS_REGCLASS_GPR32)) s.gp[reg] = result;
  }
  run_vector(step, s);
}

void Machine::forget_written(const Step& step, State& s) {
  const auto mnemonic = step.instruction.mnemonic;
  const Linear top = s.gp[kRsp].e;
  for (int i = 0; i < step.instruction.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (!is_register(o) || !is_written(o)) continue;
    if (const unsigned reg = general_register(o.reg.value); reg < kGeneral) s.gp[reg] = {};
    if (const unsigned reg = maskable_register(o.reg.value); reg != ~0u) s.forget_lanes(reg);
  }
  if (step.instruction.operand_width != 64) return;
  if (mnemonic == ZYDIS_MNEMONIC_PUSH) s.gp[kRsp].e = top - 8;
  if (mnemonic == ZYDIS_MNEMONIC_POP) s.gp[kRsp].e = top + 8;
}

Value Machine::operand_value(const Step& step, int index, State& s) {
  const ZydisDecodedOperand& o = step.operands[index];
  return is_memory(o) ? load(step, address(step, o, s), o.size / 8u, s) : value(o, s);
}

/// What a general register gets that is the step's first operand.
Value Machine::computed(const Step& step, State& s, Flags& flags) {
  const bool dword = step.instruction.operand_width == 32;
  const bool qword = step.instruction.operand_width == 64;
  if (!dword && !qword) return {};
  switch (step.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOV: {
      if (!is_register(step.operands[0])) return {};
      const ZydisDecodedOperand& from = step.operands[1];
      if (qword || is_memory(from)) return operand_value(step, 1, s);
      if (is_immediate(from)) return number(Linear(static_cast<std::int64_t>(from.imm.value.u & 0xffffffffu)));
      const unsigned reg = general_register(from.reg.value);
      return reg < kGeneral ? narrowed(step, s.gp[reg], s) : Value();
    }
    case ZYDIS_MNEMONIC_LEA: {
      const ZydisDecodedOperand& from = step.operands[1];
      return qword ? number(address(step, from, s)) : Value();
    }
    case ZYDIS_MNEMONIC_POP: {
      const Linear at = s.gp[kRsp].e;
      return load(step, at, 8, s);
    }
    case ZYDIS_MNEMONIC_BZHI: {
      const unsigned reg = general_register(step.operands[2].reg.value);
      const Value count = reg < kGeneral ? s.gp[reg] : Value();
      Prover p = ground_.prover(s);
      const bool small = count.is_number() && p.not_negative(count.e) && p.not_negative(Linear(255) - count.e);
      return small ? Value{count.e, Value::bits, Value::either} : Value();  // only the lowest byte of it counts
    }
    case ZYDIS_MNEMONIC_CMOVNLE:
    case ZYDIS_MNEMONIC_CMOVNL:
    case ZYDIS_MNEMONIC_CMOVL:
    case ZYDIS_MNEMONIC_CMOVLE: return qword ? conditional(step, s) : Value();
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_TEST: compare(step, s, flags); return {};
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_INC:
    case ZYDIS_MNEMONIC_DEC:
    case ZYDIS_MNEMONIC_NEG: return qword && is_register(step.operands[0]) ? arithmetic(step, s, flags) : Value();
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_XOR: return is_register(step.operands[0]) ? logic(step, s, flags) : Value();
    default: return {};
  }
}

Value Machine::arithmetic(const Step& step, State& s, Flags& flags) {
  const Value a = value(step.operands[0], s);
  if (!a.is_number()) return {};
  Linear out;
  switch (step.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_INC: out = a.e + 1; break;
    case ZYDIS_MNEMONIC_DEC: out = a.e - 1; break;
    case ZYDIS_MNEMONIC_NEG: out = -a.e; break;
    default: {
      const Value b = operand_value(step, 1, s);
      if (!b.is_number()) return {};
      const bool minus = step.instruction.mnemonic == ZYDIS_MNEMONIC_SUB;
      out = minus ? a.e - b.e : a.e + b.e;
      if (minus) flags = {Flags::compared, false, a.e, b.e, 0};
    }
  }
  if (flags.kind == Flags::nothing) flags = {Flags::result, false, out, Linear(0), 0};
  return number(out);
}

Value Machine::logic(const Step& step, State& s, Flags& flags) {
  const bool dword = step.instruction.operand_width == 32;
  const unsigned reg = general_register(step.operands[0].reg.value);
  const ZydisDecodedOperand& by = step.operands[1];
  Value out;
  if (step.instruction.mnemonic == ZYDIS_MNEMONIC_XOR) {
    if (is_register(by) && by.reg.value == step.operands[0].reg.value) out = number(Linear(0));
  } else if (is_immediate(by) && step.instruction.mnemonic == ZYDIS_MNEMONIC_SHR) {
    out = shifted(dword ? narrowed(step, s.gp[reg], s) : s.gp[reg], by.imm.value.s & (dword ? 31 : 63), s);
  } else if (is_immediate(by)) {
    const std::int64_t imm = by.imm.value.s;
    if (const std::int64_t m = all_below(imm)) {
      out = low_bits(step, s.gp[reg], m, s);
    } else if (imm >= 0) {
      out = number(ground_.fresh(s, step.offset, reg));
      s.learn({out.e, Fact::not_negative});
      s.learn({Linear(imm) - out.e, Fact::not_negative});
    } else if (!dword && std::has_single_bit(static_cast<std::uint64_t>(-imm)) && s.gp[reg].is_number()) {
      const Linear e = s.gp[reg].e;
      if (!ground_.prover(s).fits(e)) return {};
      const Symbol symbol = ground_.symbols.get({Symbols::Kind::aligned, 0, 0, -imm, e, {0}});
      if (ground_.on_stack(ground_.base_of(e)) && !ground_.is_base(symbol)) ground_.frames.push_back(symbol);
      out = number(Linear::of(symbol));
      s.learn({e - out.e, Fact::not_negative});
      s.learn({out.e - e + (-imm - 1), Fact::not_negative});
      s.learn({out.e, Fact::multiple, -imm});
    }
  }
  if (out.is_number()) flags = {Flags::result, false, out.e, Linear(0), 0};
  return out;
}

/// v & (modulus - 1). Of a multiple of 16, say, the largest is 16 below the modulus.
Value Machine::low_bits(const Step& step, const Value& v, std::int64_t modulus, State& s) {
  Linear out;
  std::int64_t least = 0, most = modulus - 1;
  if (v.is_number()) {
    Prover p = ground_.prover(s);
    if (p.not_negative(v.e) && p.not_negative(Linear(modulus - 1) - v.e)) return v;
    out = Linear::of(ground_.symbols.get({Symbols::Kind::low_bits, 0, 0, modulus, v.e, {0}}));
    for (std::int64_t m = std::min<std::int64_t>(modulus, 64); m > 1; m /= 2) {
      const auto rest = p.residue(v.e, m);
      if (!rest) continue;
      least = *rest, most = modulus - m + *rest;
      break;
    }
    s.learn({out - v.e, Fact::multiple, modulus});
  } else {
    const unsigned reg = general_register(step.operands[0].reg.value);
    out = ground_.fresh(s, step.offset, reg);
  }
  s.learn({out - least, Fact::not_negative});
  s.learn({Linear(most) - out, Fact::not_negative});
  return number(out);
}

Value Machine::narrowed(const Step& step, const Value& v, State& s) {
  if (v.kind == Value::bits) return v;
  return v.is_number() ? low_bits(step, v, kTwo32, s) : Value();
}

Value Machine::shifted(const Value& v, std::int64_t count, State& s) {
  if (v.kind == Value::bits) return {v.e - count, Value::bits, Value::either};
  if (v.kind == Value::counter)
    return count == 1 && v.parity != Value::either
               ? Value{v.parity == Value::odd ? v.e - 1 : v.e, Value::counter, Value::either}
               : Value();
  Prover p = ground_.prover(s);
  if (!v.is_number() || !p.not_negative(v.e) || !p.fits(v.e)) return {};
  const std::int64_t scale = std::int64_t{1} << count;
  const Linear out = Linear::of(ground_.symbols.get({Symbols::Kind::shifted, 0, 0, count, v.e, {0}}));
  const std::int64_t most = p.least(-v.e);
  s.learn({out, Fact::not_negative});
  s.learn({v.e - out * scale, Fact::not_negative});
  s.learn({out * scale - v.e + (scale - 1), Fact::not_negative});
  if (most != Prover::kNone) s.learn({Linear(-most / scale) - out, Fact::not_negative});
  return number(out);
}

}  // namespace trueno::inspect
