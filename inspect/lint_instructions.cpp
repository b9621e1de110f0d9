// Rules about instructions as such; see lint.h.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/lint.h"
#include "inspect/machine.h"
#include "inspect/operands.h"

namespace trueno::inspect {

namespace {

/// The level an instruction belongs to; nothing: none of ours.
std::optional<Isa> level_of(ZydisISASet set) {
  switch (set) {
    case ZYDIS_ISA_SET_I86:
    case ZYDIS_ISA_SET_I186:
    case ZYDIS_ISA_SET_I286REAL:
    case ZYDIS_ISA_SET_I386:
    case ZYDIS_ISA_SET_I486:
    case ZYDIS_ISA_SET_I486REAL:
    case ZYDIS_ISA_SET_LONGMODE:
    case ZYDIS_ISA_SET_CMOV:
    case ZYDIS_ISA_SET_PPRO:
    case ZYDIS_ISA_SET_FAT_NOP:
    case ZYDIS_ISA_SET_CET:  // endbr64, a nop where it is not known
    case ZYDIS_ISA_SET_SSE:
    case ZYDIS_ISA_SET_SSE2: return Isa::sse2;
    case ZYDIS_ISA_SET_SSE3:
    case ZYDIS_ISA_SET_SSSE3:
    case ZYDIS_ISA_SET_SSE4:
    case ZYDIS_ISA_SET_SSE42:
    case ZYDIS_ISA_SET_POPCNT: return Isa::sse42;
    case ZYDIS_ISA_SET_AVX:
    case ZYDIS_ISA_SET_AVX2:
    case ZYDIS_ISA_SET_AVX2GATHER:
    case ZYDIS_ISA_SET_BMI1:
    case ZYDIS_ISA_SET_BMI2:
    case ZYDIS_ISA_SET_F16C:
    case ZYDIS_ISA_SET_FMA:
    case ZYDIS_ISA_SET_LZCNT:
    case ZYDIS_ISA_SET_MOVBE: return Isa::avx2;
    default: break;
  }
  const auto between = [set](ZydisISASet first, ZydisISASet last) { return set >= first && set <= last; };
  const bool avx512 = between(ZYDIS_ISA_SET_AVX512BW_128, ZYDIS_ISA_SET_AVX512DQ_SCALAR) ||
                      between(ZYDIS_ISA_SET_AVX512F_128, ZYDIS_ISA_SET_AVX512F_SCALAR);
  return avx512 ? std::optional(Isa::avx512) : std::nullopt;
}

/// What an instruction changes that outlives the call, or nothing.
const char* lasting_effect(const ZydisDecodedInstruction& in) {
  switch (in.meta.category) {
    case ZYDIS_CATEGORY_X87_ALU:
    case ZYDIS_CATEGORY_FCMOV:
    case ZYDIS_CATEGORY_MMX: return "uses x87 or MMX registers";
    case ZYDIS_CATEGORY_FLAGOP: return "sets flags by itself, the direction flag perhaps";
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_IOSTRINGOP: return "is a string operation, which goes by the direction flag";
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_SEGOP: return "is for operating systems";
    case ZYDIS_CATEGORY_XSAVE:
    case ZYDIS_CATEGORY_XSAVEOPT: return "saves or restores the state of registers";
    default: break;
  }
  switch (in.mnemonic) {
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64: return "changes MXCSR, the rounding mode perhaps";
    case ZYDIS_MNEMONIC_POPFQ:
    case ZYDIS_MNEMONIC_POPF: return "sets all flags, the direction flag among them";
    default: return nullptr;
  }
}

/// Bits of the longest vector register it names.
int vector_bits(const Step& step) {
  int bits = 0;
  for (int i = 0; i < step.instruction.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (o.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
    const auto cls = ZydisRegisterGetClass(o.reg.value);
    const int own = cls == ZYDIS_REGCLASS_ZMM   ? 512
                    : cls == ZYDIS_REGCLASS_YMM ? 256
                    : cls == ZYDIS_REGCLASS_XMM ? 128
                                                : 0;
    bits = std::max(bits, own);
  }
  return bits;
}

/// Tables of up to 16 floats are looked up by a permutation longer than the claimed vectors, in a few steps.
bool may_be_a_table(ZydisMnemonic m) {
  return m == ZYDIS_MNEMONIC_VPERMPS || m == ZYDIS_MNEMONIC_VPSLLD || m == ZYDIS_MNEMONIC_VBLENDVPS ||
         m == ZYDIS_MNEMONIC_VMOVUPS || m == ZYDIS_MNEMONIC_VMOVAPS;
}

class Instructions {
 public:
  Instructions(const Program& program, const Subject& subject, Findings& findings)
      : program_(program), target_(subject.code.target), arrays_(subject.arrays), findings_(findings) {
    permutes_ = std::any_of(program.steps.begin(), program.steps.end(),
                            [](const Step& s) { return s.valid && s.instruction.mnemonic == ZYDIS_MNEMONIC_VPERMPS; });
  }

  void check(const Step& step) {
    const auto& in = step.instruction;
    if (!step.valid) return findings_.add(LintRule::decoding, step, "these bytes are no instruction");
    if (const char* effect = lasting_effect(in)) findings_.add(LintRule::environment, step, effect);
    const auto level = level_of(in.meta.isa_set);
    if (!level || *level > target_.isa)
      findings_.add(LintRule::isa, step,
                    fmt::format("needs {}, the code is to run on {}",
                                level ? std::string(name_of(*level)) : ZydisISASetGetString(in.meta.isa_set),
                                name_of(target_.isa)));
    check_length(step);
    check_jump(step);
  }

  void check_main_loops() {
    bool named = false;
    for (const jit::Label& label : program_.code.labels)
      if (label.name.starts_with("main loop")) check_main_loop(label), named = true;
    const auto loops = [](const Step& s) { return is_jump(s) && s.target && *s.target <= s.offset; };
    if (!named && !arrays_.empty() && std::any_of(program_.steps.begin(), program_.steps.end(), loops))
      findings_.add(LintRule::vector_length, 0, "not proven: no place has the name of a main loop");
  }

 private:
  void check_length(const Step& step) {
    const int bits = vector_bits(step);
    if (bits <= target_.vector_bits || (permutes_ && may_be_a_table(step.instruction.mnemonic))) return;
    if (step.instruction.mnemonic == ZYDIS_MNEMONIC_VZEROUPPER || step.instruction.mnemonic == ZYDIS_MNEMONIC_VZEROALL)
      return;
    findings_.add(LintRule::vector_length, step,
                  fmt::format("works on {} bits, claimed are vectors of {}", bits, target_.vector_bits));
  }

  void check_jump(const Step& step) {
    if (step.instruction.meta.category == ZYDIS_CATEGORY_CALL)
      return findings_.add(LintRule::jump, step, "calls; generated code calls nothing");
    if (!is_jump(step)) return;
    if (!step.target) return findings_.add(LintRule::jump, step, "jumps to a place that is not fixed");
    if (*step.target >= end_of_instructions(program_.code))
      return findings_.add(*step.target < program_.code.bytes.size() ? LintRule::pool : LintRule::jump, step,
                           fmt::format("jumps to {:#x}, where no code is", *step.target));
    if (!program_.at(*step.target))
      findings_.add(LintRule::jump, step,
                    fmt::format("jumps to {:#x}, into the middle of an instruction", *step.target));
  }

  void check_main_loop(const jit::Label& label) {
    const auto first = program_.at(label.offset);
    std::optional<std::size_t> last;
    for (std::size_t i = first.value_or(program_.steps.size()); i < program_.steps.size(); ++i)
      if (is_jump(program_[i]) && program_[i].target == label.offset) last = i;
    if (!last) return findings_.add(LintRule::vector_length, label.offset, "'" + label.name + "' is no loop");
    int longest = 0;
    bool touches_memory = false;  // a reduction may ignore its elements
    for (std::size_t i = *first; i <= *last; ++i) {
      const Step& step = program_[i];
      if (!step.valid || is_padding(step)) continue;
      longest = std::max(longest, vector_bits(step));
      touches_memory =
          touches_memory || std::any_of(step.operands, step.operands + step.instruction.operand_count, is_memory);
    }
    if (longest < target_.vector_bits && (longest > 0 || touches_memory))
      findings_.add(LintRule::vector_length, label.offset,
                    fmt::format("'{}' works on {} bits at most, claimed are vectors of {}", label.name, longest,
                                target_.vector_bits));
  }

  const Program& program_;
  const jit::Target target_;
  const std::vector<Subject::Array>& arrays_;
  Findings& findings_;
  bool permutes_ = false;
};

}  // namespace

void lint_instructions(const Program& program, const Subject& subject, Findings& findings) {
  Instructions rules(program, subject, findings);
  for (const Step& step : program.steps) rules.check(step);
  rules.check_main_loops();
}

}  // namespace trueno::inspect
