// What comparisons leave behind, and what a jump or a conditional move then knows; see machine.h.
#include "inspect/machine.h"
#include "inspect/operands.h"

namespace trueno::inspect {

void Machine::compare(const Step& step, State& s, Flags& flags) {
  const bool dword = step.instruction.operand_width == 32;
  const ZydisDecodedOperand &left = step.operands[0], &right = step.operands[1];
  if (step.instruction.mnemonic == ZYDIS_MNEMONIC_CMP) {
    const Value a = operand_value(step, 0, s), b = operand_value(step, 1, s);
    if (!dword && a.is_number() && b.is_number()) flags = {Flags::compared, false, a.e, b.e, 0};
    return;
  }
  const unsigned reg = is_register(left) ? general_register(left.reg.value) : kGeneral;
  if (reg >= kGeneral) return;
  const Value& v = s.gp[reg];
  if (is_immediate(right)) {
    const std::int64_t m = all_below(right.imm.value.s);
    const bool counter = v.kind == Value::counter && m == 2;
    if (m != 0 && v.e.known() && (v.is_number() || counter)) flags = {Flags::low_bits, counter, v.e, {}, m};
  } else if (!dword && is_register(right) && right.reg.value == left.reg.value && v.is_number()) {
    flags = {Flags::compared, false, v.e, Linear(0), 0};
  }
}

Linear Machine::smaller(const Linear& a, const Linear& b, State& s) {
  Prover p = ground_.prover(s);
  if (p.not_negative(b - a)) return a;
  if (p.not_negative(a - b)) return b;
  const Linear out = Linear::of(ground_.symbols.get({Symbols::Kind::minimum, 0, 0, 0, a, b}));
  s.learn({a - out, Fact::not_negative});
  s.learn({b - out, Fact::not_negative});
  return out;
}

/// The smaller of the two that were compared; nothing else is known.
Value Machine::conditional(const Step& step, State& s) {
  const Value mine = value(step.operands[0], s), other = operand_value(step, 1, s);
  const Flags& f = s.flags;
  if (f.kind != Flags::compared || !mine.is_number() || !other.is_number()) return {};
  Prover p = ground_.prover(s);
  if (!p.fits(f.a) || !p.fits(f.b)) return {};
  const auto m = step.instruction.mnemonic;
  const bool if_greater = m == ZYDIS_MNEMONIC_CMOVNLE || m == ZYDIS_MNEMONIC_CMOVNL;
  const bool smaller_one = if_greater ? mine.e == f.a && other.e == f.b : mine.e == f.b && other.e == f.a;
  if (!smaller_one) return {};
  return {smaller(mine.e, other.e, s), Value::number, Value::either};
}

namespace {

/// What is so if the jump is not taken, as the jump that would then be.
ZydisMnemonic opposite(ZydisMnemonic jump) {
  constexpr ZydisMnemonic kPairs[][2] = {{ZYDIS_MNEMONIC_JZ, ZYDIS_MNEMONIC_JNZ},
                                         {ZYDIS_MNEMONIC_JL, ZYDIS_MNEMONIC_JNL},
                                         {ZYDIS_MNEMONIC_JLE, ZYDIS_MNEMONIC_JNLE},
                                         {ZYDIS_MNEMONIC_JB, ZYDIS_MNEMONIC_JNB},
                                         {ZYDIS_MNEMONIC_JBE, ZYDIS_MNEMONIC_JNBE}};
  for (const auto& pair : kPairs) {
    if (pair[0] == jump) return pair[1];
    if (pair[1] == jump) return pair[0];
  }
  return ZYDIS_MNEMONIC_INVALID;
}

bool is_unsigned(ZydisMnemonic jump) {
  return jump == ZYDIS_MNEMONIC_JB || jump == ZYDIS_MNEMONIC_JNB || jump == ZYDIS_MNEMONIC_JBE ||
         jump == ZYDIS_MNEMONIC_JNBE;
}

/// What is not negative if the jump is taken that compares a with b; unknown: nothing of the kind.
Linear implied(ZydisMnemonic jump, const Linear& a, const Linear& b) {
  switch (jump) {
    case ZYDIS_MNEMONIC_JL:
    case ZYDIS_MNEMONIC_JB: return b - a - 1;
    case ZYDIS_MNEMONIC_JLE:
    case ZYDIS_MNEMONIC_JBE: return b - a;
    case ZYDIS_MNEMONIC_JNL:
    case ZYDIS_MNEMONIC_JNB: return a - b;
    case ZYDIS_MNEMONIC_JNLE:
    case ZYDIS_MNEMONIC_JNBE: return a - b - 1;
    default: return {};
  }
}

}  // namespace

bool Machine::follow(const Step& jump, bool taken, State& s) {
  const ZydisMnemonic m = taken ? jump.instruction.mnemonic : opposite(jump.instruction.mnemonic);
  const Flags f = s.flags;
  const bool equal = m == ZYDIS_MNEMONIC_JZ, differs = m == ZYDIS_MNEMONIC_JNZ;
  if (f.kind == Flags::nothing) return true;
  if (f.kind == Flags::low_bits) return equal || differs ? follow_low_bits(f, equal, s) : true;
  Prover p = ground_.prover(s);
  if (!p.fits(f.a) || !p.fits(f.b)) return true;
  const Linear difference = f.a - f.b;
  if (equal) return ground_.assume(s, {difference, Fact::zero});
  if (differs) {
    if (p.zero(difference)) return false;
    if (p.not_negative(difference)) return ground_.assume(s, {difference - 1, Fact::not_negative});
    if (p.not_negative(-difference)) return ground_.assume(s, {-difference - 1, Fact::not_negative});
    return true;
  }
  if (f.kind != Flags::compared) return true;
  if (is_unsigned(m) && !(p.not_negative(f.a) && p.not_negative(f.b))) return true;
  return ground_.assume(s, {implied(m, f.a, f.b), Fact::not_negative});
}

bool Machine::follow_low_bits(const Flags& f, bool clear, State& s) {
  if (f.counter) {
    for (Value& v : s.gp)
      if (v.kind == Value::counter && v.e == f.a) v.parity = clear ? Value::even : Value::odd;
    return clear || ground_.assume(s, {f.a - 1, Fact::not_negative});
  }
  if (clear) return ground_.assume(s, {f.a, Fact::multiple, f.modulus});
  return ground_.prover(s).residue(f.a, f.modulus) != 0;
}

}  // namespace trueno::inspect
