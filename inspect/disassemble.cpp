// Decoding and printing machine code; see disassemble.h.
#include "inspect/disassemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "inspect/decode.h"
#include "inspect/places.h"
#include "ir/print.h"

namespace trueno::inspect {
namespace {

struct View {
  const jit::Code* code;
  Places places;
};

/// Zydis hook: an absolute address is printed as the place's name or as an offset into the pool.
ZyanStatus print_address(const ZydisFormatter*, ZydisFormatterBuffer* buffer, ZydisFormatterContext* context) {
  const View& view = *static_cast<const View*>(context->user_data);
  ZyanU64 address = 0;
  ZYAN_CHECK(ZydisCalcAbsoluteAddress(context->instruction, context->operand, context->runtime_address, &address));
  const auto place = view.places.find(address);
  const std::string text = place != view.places.end() ? place->second
                           : address >= view.code->pool_offset
                               ? fmt::format("pool+{:#x}", address - view.code->pool_offset)
                               : fmt::format("{:#x}", address);
  ZYAN_CHECK(ZydisFormatterBufferAppend(buffer, ZYDIS_TOKEN_SYMBOL));
  ZyanString* out = nullptr;
  ZYAN_CHECK(ZydisFormatterBufferGetString(buffer, &out));
  ZyanStringView view_of_text;
  ZYAN_CHECK(ZyanStringViewInsideBufferEx(&view_of_text, text.data(), text.size()));
  return ZyanStringAppend(out, &view_of_text);
}

/// Bits as the number somebody may have meant by them; a float with its bits if `exact`. What programs name in
/// numbers lies well within the limits below; NaN patterns, masks and magic bits do not, and stay hex.
std::string print_lane(std::uint64_t bits, int width, bool exact) {
  const bool wide = width == 64;
  const double value = wide ? std::bit_cast<double>(bits) : std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  const std::int64_t integer = wide ? static_cast<std::int64_t>(bits) : static_cast<std::int32_t>(bits);
  const std::string hex =
      wide ? fmt::format("{:#018x}", bits) : fmt::format("{:#010x}", static_cast<std::uint32_t>(bits));
  if (std::isinf(value) || (std::abs(value) > 1e-12 && std::abs(value) < 1e15))
    return ir::print_literal(wide ? Type::f64 : Type::f32, bits) + (exact ? " (" + hex + ")" : "");
  return std::abs(static_cast<double>(integer)) <= 65536 ? std::to_string(integer) : hex;
}

std::string constant_of(const jit::Code& code, const Step& step) {
  for (int i = 0; i < step.instruction.operand_count_visible; ++i) {
    const ZydisDecodedOperand& operand = step.operands[i];
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || operand.mem.base != ZYDIS_REGISTER_RIP) continue;
    const auto target = absolute_address(step, operand);
    const std::size_t size = operand.size / 8;
    if (!target || *target < code.pool_offset || *target > code.bytes.size() || code.bytes.size() - *target < size)
      continue;
    return print_constant(code.bytes.data() + *target, size, operand.element_size == 64 ? 64 : 32);
  }
  return {};
}

}  // namespace

std::string print_constant(const std::uint8_t* bytes, std::size_t size, int element_bits) {
  const std::size_t step = static_cast<std::size_t>(element_bits) / 8;
  std::vector<std::uint64_t> lanes;
  for (std::size_t at = 0; at + step <= size; at += step) {
    std::uint64_t lane = 0;
    std::memcpy(&lane, bytes + at, step);
    lanes.push_back(lane);
  }
  if (lanes.empty()) return {};
  if (std::equal(lanes.begin() + 1, lanes.end(), lanes.begin())) return print_lane(lanes[0], element_bits, true);
  constexpr std::size_t kShown = 8;  // a table of 16 floats would not fit a line
  std::string out;
  for (std::size_t i = 0; i < std::min(lanes.size(), kShown); ++i)
    out += (i == 0 ? "{" : ", ") + print_lane(lanes[i], element_bits, false);
  return out + (lanes.size() > kShown ? fmt::format(", ... {} lanes}}", lanes.size()) : "}");
}

std::vector<Instruction> decode(const jit::Code& code, std::uint32_t begin, std::uint32_t end) {
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  const void* hook = reinterpret_cast<const void*>(&print_address);
  ZydisFormatterSetHook(&formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, &hook);
  View view{&code, name_places(code, decode_steps(code, 0, code.pool_offset))};
  std::vector<Instruction> out;
  for (const Step& step : decode_steps(code, begin, end)) {
    if (!step.valid) {
      out.push_back({step.offset, 1, fmt::format("(bad) {:#04x}", code.bytes[step.offset]), {}, std::nullopt, false});
      continue;
    }
    char text[256] = "";
    ZydisFormatterFormatInstruction(&formatter, &step.instruction, step.operands,
                                    step.instruction.operand_count_visible, text, sizeof(text), step.offset, &view);
    out.push_back({step.offset, step.length, text, constant_of(code, step), step.target, true});
  }
  return out;
}

}  // namespace trueno::inspect
