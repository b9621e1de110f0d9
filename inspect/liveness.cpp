// See liveness.h.
#include "inspect/liveness.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace trueno::inspect {
namespace {

constexpr RegisterSet bit(Register r) { return r == kNoRegister ? 0 : RegisterSet{1} << r; }

bool clears_of_equal(ZydisMnemonic m) {
  switch (m) {
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_XORPS:
    case ZYDIS_MNEMONIC_XORPD:
    case ZYDIS_MNEMONIC_PXOR:
    case ZYDIS_MNEMONIC_VXORPS:
    case ZYDIS_MNEMONIC_VXORPD:
    case ZYDIS_MNEMONIC_VPXOR:
    case ZYDIS_MNEMONIC_VPXORD:
    case ZYDIS_MNEMONIC_VPXORQ:
    case ZYDIS_MNEMONIC_PCMPEQD:
    case ZYDIS_MNEMONIC_VPCMPEQD:
    case ZYDIS_MNEMONIC_PCMPEQB:
    case ZYDIS_MNEMONIC_VPCMPEQB: return true;
    default: return false;
  }
}

/// Its result does not depend on the register it names twice.
bool ignores_operands(const Step& s) {
  const int last = s.instruction.operand_count_visible - 1;
  if (last < 1 || s.instruction.avx.mask.reg > ZYDIS_REGISTER_K0) return false;
  if (!clears_of_equal(s.instruction.mnemonic)) return false;
  const ZydisDecodedOperand &a = s.operands[last - 1], &b = s.operands[last];
  return a.type == ZYDIS_OPERAND_TYPE_REGISTER && b.type == ZYDIS_OPERAND_TYPE_REGISTER && a.reg.value == b.reg.value;
}

void add_register(RegisterUse& access, const Step& s, const ZydisDecodedOperand& o) {
  if (o.encoding == ZYDIS_OPERAND_ENCODING_MASK && o.reg.value == ZYDIS_REGISTER_K0) return;  // says: no mask
  const Register r = register_of(o.reg.value);
  if (o.actions & ZYDIS_OPERAND_ACTION_MASK_READ) access.reads |= bit(r);
  if ((o.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) return;
  access.writes |= bit(r);
  const bool vector = r < kFirstMask;
  const bool merges = vector && s.instruction.avx.mask.reg > ZYDIS_REGISTER_K0 &&
                      s.instruction.avx.mask.mode != ZYDIS_MASK_MODE_ZEROING;
  const bool conditional = r >= kFirstGeneral && (o.actions & ZYDIS_OPERAND_ACTION_CONDWRITE) != 0;
  if (merges || conditional) access.keeps |= bit(r), access.reads |= bit(r);
}

/// Zydis's first general register of each number is the 8-bit one; only the number counts here.
constexpr const char* kGeneral[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

bool falls_through(const Step& s) {
  return !s.valid || (s.instruction.mnemonic != ZYDIS_MNEMONIC_RET && s.instruction.mnemonic != ZYDIS_MNEMONIC_JMP);
}

}  // namespace

Register register_of(ZydisRegister reg) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
  const auto id = static_cast<int>(ZydisRegisterGetId(whole));
  switch (ZydisRegisterGetClass(whole)) {
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_YMM:
    case ZYDIS_REGCLASS_ZMM: return static_cast<Register>(id);
    case ZYDIS_REGCLASS_GPR64: return static_cast<Register>(kFirstGeneral + id);
    default: break;
  }
  if (ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_MASK)
    return static_cast<Register>(kFirstMask + ZydisRegisterGetId(reg));
  return kNoRegister;
}

std::string name_of_register(Register r) {
  if (r < kFirstMask) return fmt::format("v{}", r);
  if (r < kFirstGeneral) return fmt::format("k{}", r - kFirstMask);
  return r < kRegisters ? kGeneral[r - kFirstGeneral] : "none";
}

RegisterUse register_use(const Step& step) {
  RegisterUse access;
  if (!step.valid) return access;
  for (int i = 0; i < step.instruction.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (o.type == ZYDIS_OPERAND_TYPE_REGISTER) add_register(access, step, o);
    if (o.type == ZYDIS_OPERAND_TYPE_MEMORY)
      for (const ZydisRegister reg : {o.mem.base, o.mem.index})
        if (reg != ZYDIS_REGISTER_NONE && reg != ZYDIS_REGISTER_RIP) access.reads |= bit(register_of(reg));
  }
  if (ignores_operands(step)) access.reads &= ~access.writes, access.reads &= kMaskRegisters;
  return access;
}

Liveness find_liveness(const std::vector<Step>& steps) {
  Liveness out;
  out.before.resize(steps.size());
  out.after.resize(steps.size());
  std::map<std::uint32_t, std::size_t> at;
  for (std::size_t i = 0; i < steps.size(); ++i) at[steps[i].offset] = i, out.access.push_back(register_use(steps[i]));
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = steps.size(); i-- > 0;) {
      RegisterSet after = falls_through(steps[i]) && i + 1 < steps.size() ? out.before[i + 1] : 0;
      if (steps[i].target)
        if (const auto to = at.find(*steps[i].target); to != at.end()) after |= out.before[to->second];
      const RegisterSet before = out.access[i].reads | (after & ~out.access[i].writes);
      changed |= before != out.before[i] || after != out.after[i];
      out.before[i] = before, out.after[i] = after;
    }
  }
  return out;
}

}  // namespace trueno::inspect
