// Decoding and printing machine code; see disassemble.h.
#include "tools/disassemble.h"

#include <Zydis/Zydis.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "tools/values.h"

namespace trueno::tools {
namespace {

/// Names of the places in the code: the generator's, and one made up for each jump target without.
using Places = std::map<std::uint64_t, std::string>;

struct View {
  const jit::Code* code;
  Places places;
};

std::uint32_t end_of_instructions(const jit::Code& code) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(code.pool_offset, code.bytes.size()));
}

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

struct Tools {
  ZydisDecoder decoder;
  ZydisFormatter formatter;
  Tools() {
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    const void* hook = reinterpret_cast<const void*>(&print_address);
    ZydisFormatterSetHook(&formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, &hook);
  }
};

struct Decoded {
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

bool decode_one(const Tools& tools, const jit::Code& code, std::uint32_t at, Decoded& out) {
  return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&tools.decoder, code.bytes.data() + at, end_of_instructions(code) - at,
                                             &out.instruction, out.operands));
}

/// Where a relative jump or call goes, if that is within reach of an offset.
std::optional<std::uint32_t> jump_target(const Decoded& d, std::uint32_t at) {
  const ZydisDecodedOperand& operand = d.operands[0];
  ZyanU64 target = 0;
  if (d.instruction.operand_count == 0 || operand.type != ZYDIS_OPERAND_TYPE_IMMEDIATE || !operand.imm.is_relative ||
      !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&d.instruction, &operand, at, &target)) || target > UINT32_MAX)
    return std::nullopt;
  return static_cast<std::uint32_t>(target);
}

/// Names for all jump targets: first the generator's, then ".1", ".2", ... in order of their address.
Places name_places(const Tools& tools, const jit::Code& code) {
  Places places;
  std::map<std::string, int> uses;  // a name may stand for a loop of each entry point: "main loop", "main loop 2"
  for (const jit::Label& label : code.labels) {
    const int use = ++uses[label.name];
    places.try_emplace(label.offset, use == 1 ? label.name : fmt::format("{} {}", label.name, use));
  }
  std::set<std::uint32_t> targets;
  Decoded d;
  const std::uint32_t end = end_of_instructions(code);
  for (std::uint32_t at = 0; at < end;) {
    const bool valid = decode_one(tools, code, at, d);
    if (const auto target = valid ? jump_target(d, at) : std::nullopt; target && *target < end) targets.insert(*target);
    at += valid ? d.instruction.length : 1;
  }
  int number = 0;
  for (const std::uint32_t offset : targets)
    if (!places.contains(offset)) places[offset] = fmt::format(".{}", ++number);
  return places;
}

/// Bits as the number somebody may have meant by them; a float with its bits if `exact`. What programs name in
/// numbers lies well within the limits below; NaN patterns, masks and magic bits do not, and stay hex.
std::string print_lane(std::uint64_t bits, int width, bool exact) {
  const bool wide = width == 64;
  const double value = wide ? std::bit_cast<double>(bits) : std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  const std::int64_t integer = wide ? static_cast<std::int64_t>(bits) : static_cast<std::int32_t>(bits);
  const std::string hex = print_bits(wide ? Type::i64 : Type::i32, bits);
  if (std::isinf(value) || (std::abs(value) > 1e-12 && std::abs(value) < 1e15))
    return print_value(wide ? Type::f64 : Type::f32, bits) + (exact ? " (" + hex + ")" : "");
  return std::abs(static_cast<double>(integer)) <= 65536 ? std::to_string(integer) : hex;
}

std::string constant_of(const jit::Code& code, const Decoded& d, std::uint32_t at) {
  for (int i = 0; i < d.instruction.operand_count_visible; ++i) {
    const ZydisDecodedOperand& operand = d.operands[i];
    ZyanU64 target = 0;
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || operand.mem.base != ZYDIS_REGISTER_RIP) continue;
    if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&d.instruction, &operand, at, &target))) continue;
    const std::size_t size = operand.size / 8;
    if (target < code.pool_offset || target > code.bytes.size() || code.bytes.size() - target < size) continue;
    const int width = operand.element_size == 64 ? 64 : 32;
    return print_constant(code.bytes.data() + target, size, width);
  }
  return {};
}

void append(std::string& out, const Instruction& i) {
  out += fmt::format("  {:5x}  {}", i.offset, i.text);
  if (!i.constant.empty()) {
    constexpr std::size_t kColumn = 52;  // where comments stand if the text leaves room
    out.append(i.text.size() < kColumn ? kColumn - i.text.size() : 1, ' ');
    out += "; " + i.constant;
  }
  out += '\n';
}

Listing list_range(const jit::Code& code, std::uint32_t begin, std::uint32_t end) {
  const Places places = name_places(Tools(), code);
  Listing listing;
  for (const Instruction& i : decode(code, begin, end)) {
    if (const auto place = places.find(i.offset); place != places.end()) listing.text += place->second + ":\n";
    append(listing.text, i);
    listing.invalid += !i.valid;
  }
  return listing;
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
  const Tools tools;
  View view{&code, name_places(tools, code)};
  end = std::min(end, end_of_instructions(code));
  std::vector<Instruction> out;
  Decoded d;
  for (std::uint32_t at = begin; at < end; at += out.back().length) {
    if (!decode_one(tools, code, at, d)) {
      out.push_back({at, 1, fmt::format("(bad) {:#04x}", code.bytes[at]), {}, std::nullopt, false});
      continue;
    }
    char text[256] = "";
    ZydisFormatterFormatInstruction(&tools.formatter, &d.instruction, d.operands, d.instruction.operand_count_visible,
                                    text, sizeof(text), at, &view);
    out.push_back({at, d.instruction.length, text, constant_of(code, d, at), jump_target(d, at), true});
  }
  return out;
}

Listing list(const jit::Code& code) {
  Listing listing = list_range(code, 0, end_of_instructions(code));
  listing.text += fmt::format("# {} bytes: {} of instructions, {} of constants\n", code.bytes.size(),
                              end_of_instructions(code), code.bytes.size() - end_of_instructions(code));
  return listing;
}

Listing list_loop(const jit::Code& code, std::string_view label) {
  for (std::size_t i = 0; i < code.labels.size(); ++i) {
    if (code.labels[i].name != label) continue;
    const std::uint32_t begin = code.labels[i].offset;
    std::uint32_t end = begin;
    for (const Instruction& instruction : decode(code, begin, end_of_instructions(code)))
      if (instruction.target == begin) end = instruction.offset + instruction.length;
    return list_range(code, begin, end);
  }
  return {};
}

}  // namespace trueno::tools
