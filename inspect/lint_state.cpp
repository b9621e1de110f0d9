// Rules about what an instruction does where it stands: each load and store within what the call owns, the stack and
// the caller's registers at each return; see lint.h.
#include <fmt/format.h>

#include "inspect/lint.h"
#include "inspect/machine.h"

namespace trueno::inspect {

/// Bytes that may be touched, from their base on.
struct StateRules::Range {
  Linear first, end;
};

void StateRules::not_within(const Step& step, const Access& access, const std::string& what, const std::string& range) {
  const char* verb = access.write ? "store" : "load";
  const std::string size = access.masked ? fmt::format("{} bytes at most, masked by lanes below {},", access.bytes,
                                                       ground_.symbols.text(access.limit))
                                         : fmt::format("{} bytes", access.bytes);
  findings_.add(LintRule::bounds, step,
                fmt::format("not proven: that the {} of {} at {} stays within {}{} (entered at {})", verb, size,
                            ground_.symbols.text(access.address), what, range, ground_.entry.name));
}

bool StateRules::within(const Access& access, const Range& range, const State& s) const {
  Prover p = ground_.prover(s);
  const Linear at = access.address - ground_.base_of(access.address);
  if (!at.known() || !p.not_negative(at - range.first)) return false;
  const Linear room = range.end - at;
  if (p.not_negative(room - access.bytes)) return true;
  return access.masked && access.limit.known() && p.not_negative(room - access.limit * access.lane_bytes);
}

void StateRules::must_be_within(const Step& step, const Access& access, const Range& range, const std::string& what,
                                const State& s) {
  if (within(access, range, s))
    ++report_.accesses;
  else
    not_within(step, access, what,
               fmt::format(", bytes {} to {}", ground_.symbols.text(range.first), ground_.symbols.text(range.end)));
}

void StateRules::check_access(const Step& step, const Access& access, const State& s) {
  const Linear base = ground_.base_of(access.address);
  const auto is = [&](Symbol symbol) { return base == Linear::of(symbol); };
  const auto only_read = [&](const char* what) {
    if (access.write) findings_.add(LintRule::input, step, fmt::format("stores to {}", what));
  };
  for (std::size_t i = 0; i < ground_.arrays.size(); ++i) {
    if (!is(ground_.arrays[i])) continue;
    const Subject::Array& array = ground_.subject.arrays[i];
    if (!array.output) only_read(("the argument '" + array.name + "'").c_str());
    const auto bytes = static_cast<std::int64_t>(array.bytes);
    return must_be_within(step, access, {ground_.begin * bytes, ground_.end * bytes}, "array '" + array.name + "'", s);
  }
  if (ground_.on_stack(base)) return check_frame(step, access, s);
  if (is(ground_.merge_stack)) return check_merge_stack(step, access, s);
  if (is(ground_.slots)) return check_slots(step, access, s);
  if (is(ground_.table)) {
    only_read("the table of arrays");
    const auto bytes = 8 * static_cast<std::int64_t>(ground_.arrays.size());
    return must_be_within(step, access, {0, bytes}, "the table of arrays", s);
  }
  if (is(ground_.code)) {
    only_read("the code and its constants");
    const jit::Code& code = ground_.subject.code;
    const auto end = static_cast<std::int64_t>(code.bytes.size());
    return must_be_within(step, access, {code.pool_offset, end}, "the constant pool", s);
  }
  not_within(step, access, "what the call owns", ": it counts from no known address");
}

/// From the stack pointer up: stores to where something was pushed, loads also from there.
void StateRules::check_frame(const Step& step, const Access& access, const State& s) {
  const Linear base = ground_.base_of(access.address), top = s.gp[kRsp].e - base;
  if (!access.write) return must_be_within(step, access, {top, Linear::of(ground_.stack) - base}, "the frame", s);
  if (within(access, {top, s.saved - base}, s))
    ++report_.accesses;
  else
    findings_.add(LintRule::stack, step,
                  fmt::format("not proven: that the store of {} bytes at {} stays within the frame, below {}",
                              access.bytes, ground_.symbols.text(access.address), ground_.symbols.text(s.saved)));
}

void StateRules::check_slots(const Step& step, const Access& access, const State& s) {
  const Linear at = access.address - Linear::of(ground_.slots);
  const std::vector<bool>& fixed = ground_.subject.fixed_slots;
  if (access.write && !at.is_constant())
    findings_.add(LintRule::input, step, "not proven: that the slot it stores to is no argument");
  for (std::size_t slot = 0; access.write && at.is_constant() && slot < fixed.size(); ++slot) {
    const auto first = static_cast<std::int64_t>(8 * slot);
    if (fixed[slot] && at.constant < first + 8 && at.constant + access.bytes > first)
      findings_.add(LintRule::input, step, fmt::format("stores to slot {}, an argument", slot));
  }
  must_be_within(step, access, {0, static_cast<std::int64_t>(8 * fixed.size())}, "the slots", s);
}

/// Its header by words, of which the code may count blocks up and move the tops by whole entries; and whole entries.
void StateRules::check_merge_stack(const Step& step, const Access& access, const State& s) {
  constexpr std::int64_t kHeader = jit::PassCode::kStateHeader;
  const Linear at = access.address - Linear::of(ground_.merge_stack);
  const std::int64_t entry = ground_.entry.state_bytes;
  Prover p = ground_.prover(s);
  if (at.is_constant() && at.constant < kHeader) {
    const bool word = at.constant >= 0 && at.constant < 32 && at.constant % 8 == 0 && access.bytes == 8;
    if (!word) return not_within(step, access, "a word of the merge stack's header", "");
    ++report_.accesses;
    if (!access.write) return;
    if (at.constant < 16) {
      if (step.instruction.mnemonic != ZYDIS_MNEMONIC_INC)
        findings_.add(LintRule::bounds, step, "stores to the number of blocks otherwise than by counting one up");
      return;
    }
    const unsigned from = general_register(step.operands[1].reg.value);
    const Value top = from < kGeneral ? s.gp[from] : Value();
    const bool one_above =
        top.is_number() && std::any_of(s.gp.begin(), s.gp.end(), [&](const Value& v) {
          return v.kind == Value::counter && v.parity == Value::even && p.zero(top.e - kHeader - (v.e + 1) * entry);
        });
    if (!one_above)
      findings_.add(LintRule::bounds, step,
                    "not proven: that the merge stack's top is one entry above what is left of it");
    return;
  }
  const Linear filled = at - kHeader;
  const auto inside = entry > 0 ? p.residue(filled, entry) : std::nullopt;
  if (inside && *inside + access.bytes <= entry && p.not_negative(filled))
    ++report_.accesses;
  else
    not_within(step, access, "an entry of the merge stack", fmt::format(" ({} bytes each)", entry));
}

namespace {

/// How an access has to be aligned, in bytes; 1: not at all.
std::int64_t alignment_of(const Step& step, const Access& access) {
  switch (step.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVUPD:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_LDDQU: return 1;
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVDQA32:
    case ZYDIS_MNEMONIC_VMOVDQA64:
    case ZYDIS_MNEMONIC_VMOVNTPS:
    case ZYDIS_MNEMONIC_VMOVNTPD:
    case ZYDIS_MNEMONIC_VMOVNTDQ:
    case ZYDIS_MNEMONIC_VMOVNTDQA: return access.bytes;
    default: break;
  }
  return step.instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY && access.bytes == 16 ? 16 : 1;
}

bool is_legacy_vector(const Step& step) {
  if (step.instruction.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) return false;
  for (int i = 0; i < step.instruction.operand_count; ++i)
    if (step.operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        ZydisRegisterGetClass(step.operands[i].reg.value) == ZYDIS_REGCLASS_XMM)
      return true;
  return false;
}

}  // namespace

void StateRules::check_alignment(const Step& step, const Access& access, const State& s) {
  const std::int64_t m = alignment_of(step, access);
  if (m > 1 && ground_.prover(s).residue(access.address, m) != 0)
    findings_.add(LintRule::alignment, step,
                  fmt::format("not proven: that {} is a multiple of {}", ground_.symbols.text(access.address), m));
}

/// push and pop.
void StateRules::check_stack_word(const Step& step, const State& s) {
  const Linear top = s.gp[kRsp].e;
  if (!top.known()) return findings_.add(LintRule::stack, step, "not proven: where the stack pointer is");
  const bool pop = step.instruction.meta.category == ZYDIS_CATEGORY_POP;
  if (pop && !ground_.prover(s).not_negative(Linear::of(ground_.stack) - top - 8))
    findings_.add(LintRule::stack, step, "takes what the caller has on the stack");
}

void StateRules::check_return(const Step& step, const State& s) {
  Prover p = ground_.prover(s);
  const auto text = [&](const Linear& e) { return e.known() ? ground_.symbols.text(e) : std::string("not known"); };
  if (step.instruction.raw.imm[0].size != 0)
    findings_.add(LintRule::stack, step, "takes arguments from the stack, there are none");
  if (!p.zero(s.gp[kRsp].e - Linear::of(ground_.stack)))
    findings_.add(LintRule::stack, step,
                  fmt::format("not proven: that rsp is what it was at the entry; it is {} (entered at {})",
                              text(s.gp[kRsp].e), ground_.entry.name));
  for (const unsigned reg : {kRbx, kRbp, 12u, 13u, 14u, 15u}) {
    const Linear was = Linear::of(ground_.before[reg]);
    if (s.gp[reg].kind == Value::number && s.gp[reg].e == was) continue;
    findings_.add(LintRule::saved, step,
                  fmt::format("not proven: that this is still {}: {} (entered at {})", text(was), text(s.gp[reg].e),
                              ground_.entry.name));
  }
  if (s.dirty_uppers)
    findings_.add(LintRule::uppers, step, "upper halves of vector registers may be in use: vzeroupper is missing");
}

void StateRules::check(const Step& step, const State& s) {
  if (!step.valid) return;
  const auto category = step.instruction.meta.category;
  if (category == ZYDIS_CATEGORY_PUSH || category == ZYDIS_CATEGORY_POP) check_stack_word(step, s);
  if (is_return(step)) check_return(step, s);
  if (s.dirty_uppers && is_legacy_vector(step))
    findings_.add(LintRule::uppers, step, "is in the older encoding while upper halves are in use");
  for (const Access& access : Machine(ground_).accesses(step, s)) {
    check_access(step, access, s);
    check_alignment(step, access, s);
  }
}

}  // namespace trueno::inspect
