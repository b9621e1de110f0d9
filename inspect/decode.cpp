// See decode.h.
#include "inspect/decode.h"

#include <algorithm>

namespace trueno::inspect {
namespace {

std::optional<std::uint32_t> jump_target(const Step& step) {
  const ZydisDecodedOperand& operand = step.operands[0];
  if (step.instruction.operand_count == 0 || operand.type != ZYDIS_OPERAND_TYPE_IMMEDIATE || !operand.imm.is_relative)
    return std::nullopt;
  const auto target = absolute_address(step, operand);
  return target && *target <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(*target)) : std::nullopt;
}

}  // namespace

std::uint32_t end_of_instructions(const jit::Code& code) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(code.pool_offset, code.bytes.size()));
}

std::optional<std::uint64_t> absolute_address(const Step& step, const ZydisDecodedOperand& operand) {
  ZyanU64 address = 0;
  if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&step.instruction, &operand, step.offset, &address))) return std::nullopt;
  return address;
}

std::vector<Step> decode_steps(const jit::Code& code, std::uint32_t begin, std::uint32_t end) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  const std::uint32_t last = end_of_instructions(code);
  end = std::min(end, last);
  std::vector<Step> steps;
  for (std::uint32_t at = begin; at < end; at = steps.back().end()) {
    Step& step = steps.emplace_back();
    step.offset = at;
    step.valid = ZYAN_SUCCESS(
        ZydisDecoderDecodeFull(&decoder, code.bytes.data() + at, last - at, &step.instruction, step.operands));
    if (!step.valid) continue;
    step.length = step.instruction.length;
    step.target = jump_target(step);
  }
  return steps;
}

}  // namespace trueno::inspect
