// The stages asm and bytes: decoded instructions with what is known of them beside; see jitdump_views.h.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inspect/places.h"
#include "tools/jitdump_views.h"

namespace trueno::tools {
namespace {

constexpr std::size_t kCommentColumn = 50, kNameWidth = 30;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

/// Lines of a part of the code, with the places that are jumped to.
void append_part(std::string& out, const inspect::Study& study, const inspect::Part& part,
                 const inspect::Places& places) {
  if (!part.name.empty()) out += heading(study, part) + "\n";
  std::uint32_t copy = 0;
  for (std::size_t i = part.first; i < part.first + part.steps; ++i) {
    const inspect::Instruction& inst = study.instructions[i];
    if (const auto place = places.find(inst.offset); place != places.end() && inst.offset != part.begin)
      out += place->second + ":\n";
    if (const inspect::Note& note = study.notes[i]; note.node != ir::kNoNode && note.copy != copy) {
      copy = note.copy;
      out += fmt::format("  ; vector {} of the turn\n", copy);
    }
    const std::string line = fmt::format("  {:5x}  {}", inst.offset, inst.text), comment = beside(study, i);
    out += comment.empty() ? line : padded(line, kCommentColumn - 1) + " ; " + comment;
    out += '\n';
  }
}

std::string hex(const std::uint8_t* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += fmt::format("{}{:02x}", i == 0 ? "" : " ", bytes[i]);
  return out;
}

}  // namespace

std::string title(const jit::Target& target) { return fmt::format("{} vl{}", name_of(target.isa), target.vector_bits); }

std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

std::string beside(const inspect::Study& study, std::size_t step) {
  const inspect::Note& note = study.notes[step];
  std::string value, memory;
  if (note.node != ir::kNoNode) {
    const Position at = study.kernel[note.node].at;
    value = shortened(note.value, kNameWidth);
    if (at.line != 0) value += fmt::format(" {}:{}", at.line, at.column);
  }
  switch (note.touch.memory) {
    case inspect::MemoryKind::none: memory = study.instructions[step].constant; break;
    case inspect::MemoryKind::array: memory = note.touch.what + "[]"; break;
    case inspect::MemoryKind::constant:
    case inspect::MemoryKind::uniform: memory = note.touch.what; break;
    case inspect::MemoryKind::slot:
    case inspect::MemoryKind::arguments: memory = "of " + (note.touch.what.empty() ? "a slot" : note.touch.what); break;
    default: memory = name_of(note.touch.memory);
  }
  for (const std::string& read : note.reads) memory += (memory.empty() ? "" : ", ") + shortened(read, kNameWidth);
  if (memory.empty()) return value;
  return value.empty() ? memory : padded(value, kNameWidth / 2) + "  " + memory;
}

std::string heading(const inspect::Study& study, const inspect::Part& part) {
  using inspect::Purpose;
  if (part.purpose == Purpose::entry || part.purpose == Purpose::between) return part.name + ":";
  std::string out = fmt::format("{}:  # {}{}", part.name, part.loop ? "a loop, " : "", name_of(part.purpose));
  const bool passes = std::any_of(study.parts.begin(), study.parts.end(), [](const auto& p) { return p.pass != 0; });
  if (passes && part.purpose != Purpose::merge && part.purpose != Purpose::realign)
    out += fmt::format(", pass {}", part.pass);
  if (part.loop && part.elements > 0) out += fmt::format(": {} elements a turn", part.elements);
  return out;
}

std::string asm_text(const inspect::Study& study, const inspect::Part& part) {
  std::string out;
  append_part(out, study, part, inspect::name_places(study.code, study.steps));
  return out;
}

std::string asm_text(const inspect::Study& study) {
  const inspect::Places places = inspect::name_places(study.code, study.steps);
  std::string out;
  for (const inspect::Part& part : study.parts) append_part(out, study, part, places);
  const std::size_t all = study.code.bytes.size(), code = inspect::end_of_instructions(study.code);
  return out + fmt::format("# {} bytes: {} of instructions, {} of constants\n", all, code, all - code);
}

std::string bytes_text(const inspect::Study& study) {
  constexpr std::size_t kHexWidth = 33;
  std::string out;
  for (const inspect::Instruction& inst : study.instructions)
    out += fmt::format("  {:5x}  {} {}\n", inst.offset,
                       padded(hex(study.code.bytes.data() + inst.offset, inst.length), kHexWidth), inst.text);
  out += "constants:\n";
  constexpr std::size_t kRow = 16;
  const std::vector<std::uint8_t>& bytes = study.code.bytes;
  for (std::size_t at = inspect::end_of_instructions(study.code); at < bytes.size(); at += kRow) {
    const std::size_t size = std::min(kRow, bytes.size() - at);
    out += fmt::format("  {:5x}  {}\n", at, hex(bytes.data() + at, size));
  }
  return out;
}

}  // namespace trueno::tools
