// Control flow and general registers; see processor.h.
#include "inspect/processor.h"

#include <fmt/format.h>

#include <bit>

#include "inspect/processor_rules.h"

namespace trueno::inspect {
namespace {

constexpr std::size_t kMostSteps = 2'000'000;
constexpr std::size_t kMostTerms = 20'000'000;

constexpr std::uint64_t ones(unsigned width) {
  return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

int general_index(ZydisRegister reg) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
  return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(whole) : -1;
}

std::string text_of(const Step& s) {
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  char text[200] = "";
  ZydisFormatterFormatInstruction(&formatter, &s.instruction, s.operands, s.instruction.operand_count_visible, text,
                                  sizeof text, s.offset, nullptr);
  return text;
}

}  // namespace

Processor::Processor(Terms& terms, Memory& memory, const jit::Code& code, const std::vector<Step>& steps)
    : terms_(terms), memory_(memory), code_(code), steps_(steps) {
  step_at_.assign(code.bytes.size() + 1, ~0u);
  for (std::uint32_t i = 0; i < steps.size(); ++i) step_at_[steps[i].offset] = i;
  executed_.assign(steps.size(), false);
  zero_ = terms_.constant(32, 0);
  const TermId zero64 = terms_.constant(64, 0), no = terms_.constant(1, 0);
  general_.fill(zero64);
  for (Vector& v : vectors_) v.fill(zero_);
  for (Mask& m : masks_) m.fill(no);
}

void Processor::set_register(ZydisRegister reg, std::uint64_t value) {
  general_[static_cast<std::size_t>(general_index(reg))] = terms_.constant(64, value);
}

std::string Processor::run(std::uint32_t entry) {
  std::uint32_t at = entry;
  for (std::size_t count = 0; count < kMostSteps && terms_.size() < kMostTerms; ++count) {
    const std::uint32_t index = at < step_at_.size() ? step_at_[at] : ~0u;
    if (index == ~0u || !steps_[index].valid) return fmt::format("goes to {:#x}, where no instruction is", at);
    const Step& s = steps_[index];
    executed_[index] = true;
    if (s.instruction.mnemonic == ZYDIS_MNEMONIC_RET) return {};
    terms_.set_origin(s.offset);
    if (std::string why = step(s, at); !why.empty()) return fmt::format("{} (at {:#x}: {})", why, s.offset, text_of(s));
  }
  return "takes too long";
}

std::string Processor::step(const Step& s, std::uint32_t& at) {
  at = s.end();
  const Rule* rule = rule_of(s.instruction.mnemonic);
  why_ = "this instruction is not known";
  if (rule != nullptr ? (this->*rule->run)(s, *rule) : general(s, at)) return {};
  return why_;
}

std::optional<std::uint64_t> Processor::address(const Step& s, const ZydisDecodedOperand& o) {
  std::uint64_t sum = o.mem.disp.has_displacement ? static_cast<std::uint64_t>(o.mem.disp.value) : 0;
  const auto add = [&](ZydisRegister reg, std::uint64_t scale) {
    if (reg == ZYDIS_REGISTER_NONE) return true;
    if (reg == ZYDIS_REGISTER_RIP) return sum += kCode + s.end(), true;
    const int index = general_index(reg);
    if (index < 0 || !terms_.is_constant(general_[static_cast<std::size_t>(index)]))
      return fail("an address that depends on an element");
    sum += terms_.imm(general_[static_cast<std::size_t>(index)]) * scale;
    return true;
  };
  if (!add(o.mem.base, 1) || !add(o.mem.index, o.mem.scale)) return std::nullopt;
  return sum;
}

/// A load whose index is `and`-ed with a constant: an entry of a table, all of which must be constants.
std::optional<TermId> Processor::entry_of_table(const Step& s, const ZydisDecodedOperand& o) {
  const int base = general_index(o.mem.base), index = general_index(o.mem.index);
  if (base < 0 || index < 0 || !terms_.is_constant(general_[static_cast<std::size_t>(base)])) return std::nullopt;
  const TermId at = terms_.make(Fn::low, 32, {general_[static_cast<std::size_t>(index)]});
  if (!terms_.is(at, Fn::bit_and) || !terms_.is_constant(terms_.arg(at, 1))) return std::nullopt;
  const std::uint64_t last = terms_.imm(terms_.arg(at, 1));
  if (last > 255 || (last & (last + 1)) != 0) return std::nullopt;
  const std::uint64_t first =
      terms_.imm(general_[static_cast<std::size_t>(base)]) + static_cast<std::uint64_t>(o.mem.disp.value);
  std::vector<TermId> args{at};
  for (std::uint64_t i = 0; i <= last; ++i) {
    const auto entry = memory_.read(first + i * o.mem.scale, o.size / 8);
    if (!entry || !terms_.is_constant(*entry)) return std::nullopt;
    args.push_back(*entry);
  }
  (void)s;
  return terms_.make(Fn::pick, o.size, args);
}

/// A register's low bits, memory or an immediate, as wide as the operand.
std::optional<TermId> Processor::read_general(const Step& s, const ZydisDecodedOperand& o) {
  const int width = static_cast<int>(o.size);
  if (o.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
    const unsigned to = s.operands[0].size;
    return terms_.constant(static_cast<std::uint8_t>(to), o.imm.value.u & ones(to));
  }
  if (o.type == ZYDIS_OPERAND_TYPE_MEMORY) {
    const int index = general_index(o.mem.index);
    if (index >= 0 && !terms_.is_constant(general_[static_cast<std::size_t>(index)])) return entry_of_table(s, o);
    const auto at = address(s, o);
    const auto value = at ? memory_.read(*at, o.size / 8) : std::nullopt;
    if (at && !value) fail(memory_.complaint());
    return value;
  }
  const int index = general_index(o.reg.value);
  if (index < 0) return std::nullopt;
  const TermId whole = general_[static_cast<std::size_t>(index)];
  if (width == 64) return whole;
  if (width == 32) return terms_.make(Fn::low, 32, {whole});
  return width == 8 ? std::optional(terms_.make(Fn::byte, 8, {whole}, 0, 64)) : std::nullopt;
}

bool Processor::write_general(const Step& s, const ZydisDecodedOperand& o, TermId value) {
  if (o.type == ZYDIS_OPERAND_TYPE_MEMORY) {
    const auto at = address(s, o);
    return at && (memory_.write(*at, o.size / 8, value) || fail(memory_.complaint()));
  }
  const int index = general_index(o.reg.value);
  if (index < 0 || o.size < 32) return false;
  if (o.size == 32) value = terms_.make(Fn::zero_extend, 64, {value}, 0, 32);
  general_[static_cast<std::size_t>(index)] = value;
  return true;
}

bool Processor::move_general(const Step& s) {
  const auto value = read_general(s, s.operands[1]);
  if (!value) return false;
  if (s.operands[1].size < s.operands[0].size && s.operands[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
    return write_general(s, s.operands[0],
                         terms_.make(Fn::zero_extend, s.operands[0].size, {*value}, 0, s.operands[1].size));
  return write_general(s, s.operands[0], *value);
}

bool Processor::arithmetic(const Step& s) {
  const unsigned width = s.operands[0].size;
  const ZydisMnemonic m = s.instruction.mnemonic;
  const bool three = m == ZYDIS_MNEMONIC_BZHI, one = s.instruction.operand_count_visible == 1;
  const auto a = read_general(s, s.operands[three ? 1 : 0]);
  const auto b = one ? std::optional(terms_.constant(64, 1)) : read_general(s, s.operands[three ? 2 : 1]);
  if (!a || !b) return false;
  if (!terms_.is_constant(*a) || !terms_.is_constant(*b)) {
    flags_.known = false;
    if (m == ZYDIS_MNEMONIC_TEST) return true;  // a branch on it will be refused
    if (m != ZYDIS_MNEMONIC_AND) return fail("arithmetic of general registers on elements");
    return write_general(s, s.operands[0], terms_.make(Fn::bit_and, static_cast<int>(width), {*a, *b}));
  }
  const std::uint64_t x = terms_.imm(*a), y = terms_.imm(*b);
  std::uint64_t r = 0;
  flags_ = {true, false, false, false, false};
  const auto sign = [&](std::uint64_t v) { return (v >> (width - 1) & 1) != 0; };
  switch (m) {
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_INC: r = x + y, flags_.overflow = sign(~(x ^ y) & (x ^ r)); break;
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_DEC: r = x - y, flags_.carry = x < y, flags_.overflow = sign((x ^ y) & (x ^ r)); break;
    case ZYDIS_MNEMONIC_NEG: r = 0 - x; break;
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_TEST: r = x & y; break;
    case ZYDIS_MNEMONIC_XOR: r = x ^ y; break;
    case ZYDIS_MNEMONIC_SHR: r = x >> (y & (width - 1)); break;
    case ZYDIS_MNEMONIC_BZHI: r = x & ones(static_cast<unsigned>(y & 0xff)); break;
    default: return false;
  }
  r &= ones(width);
  flags_.zero = r == 0, flags_.sign = sign(r);
  if (m == ZYDIS_MNEMONIC_CMP || m == ZYDIS_MNEMONIC_TEST) return true;
  return write_general(s, s.operands[0], terms_.constant(static_cast<std::uint8_t>(width), r));
}

bool Processor::condition(ZydisMnemonic m, bool& taken) {
  if (!flags_.known) return fail("a branch that depends on an element");
  const bool less = flags_.sign != flags_.overflow;
  switch (m) {
    case ZYDIS_MNEMONIC_JZ: return taken = flags_.zero, true;
    case ZYDIS_MNEMONIC_JNZ: return taken = !flags_.zero, true;
    case ZYDIS_MNEMONIC_JL: return taken = less, true;
    case ZYDIS_MNEMONIC_JLE: return taken = less || flags_.zero, true;
    case ZYDIS_MNEMONIC_JNLE:
    case ZYDIS_MNEMONIC_CMOVNLE: return taken = !less && !flags_.zero, true;
    case ZYDIS_MNEMONIC_JNL: return taken = !less, true;
    case ZYDIS_MNEMONIC_JBE: return taken = flags_.carry || flags_.zero, true;
    default: return fail("this instruction is not known");
  }
}

bool Processor::jump(const Step& s, bool taken, std::uint32_t& at) {
  if (!s.target) return false;
  if (taken) at = *s.target;
  return true;
}

bool Processor::general(const Step& s, std::uint32_t& at) {
  auto& sp = general_[4];
  switch (s.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_ENDBR64:
    case ZYDIS_MNEMONIC_NOP:
    case ZYDIS_MNEMONIC_SFENCE: return true;
    case ZYDIS_MNEMONIC_VZEROUPPER: return true;  // nobody looks afterwards
    case ZYDIS_MNEMONIC_JMP: return jump(s, true, at);
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX: return move_general(s);
    case ZYDIS_MNEMONIC_LEA: {
      const auto to = address(s, s.operands[1]);
      return to && write_general(
                       s, s.operands[0],
                       terms_.constant(static_cast<std::uint8_t>(s.operands[0].size), *to & ones(s.operands[0].size)));
    }
    case ZYDIS_MNEMONIC_PUSH: {
      const auto value = read_general(s, s.operands[0]);
      sp = terms_.constant(64, terms_.imm(sp) - 8);
      return value && (memory_.write(terms_.imm(sp), 8, *value) || fail(memory_.complaint()));
    }
    case ZYDIS_MNEMONIC_POP: {
      const auto value = memory_.read(terms_.imm(sp), 8);
      sp = terms_.constant(64, terms_.imm(sp) + 8);
      return value ? write_general(s, s.operands[0], *value) : fail(memory_.complaint());
    }
    case ZYDIS_MNEMONIC_CMOVNLE: {
      bool taken = false;
      const auto value = read_general(s, s.operands[1]);
      return value && condition(s.instruction.mnemonic, taken) && (!taken || write_general(s, s.operands[0], *value));
    }
    default: break;
  }
  if (s.instruction.meta.category == ZYDIS_CATEGORY_COND_BR) {
    bool taken = false;
    return condition(s.instruction.mnemonic, taken) && jump(s, taken, at);
  }
  return arithmetic(s);
}

}  // namespace trueno::inspect
