// The stage alloc: which register holds which value from where to where, per loop; see jitdump_views.h.
//
// A bar per register, one column per instruction: `=` holds something that is needed, `*` is filled there, and the last
// line is the number of vector registers in use. Long loops are unrolled copies of one body, so only the first copy is
// drawn.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inspect/ranges.h"
#include "tools/jitdump_views.h"

namespace trueno::tools {
namespace {

using inspect::Holds;
using inspect::Range;
using inspect::Ranges;

constexpr std::uint32_t kColumns = 96;

std::string held_text(const Range& range) {
  if (range.what.empty()) return std::string(name_of(range.holds));
  return range.what;
}

std::string span_text(const inspect::Study& study, const inspect::Part& part, const Range& range) {
  const auto at = [&](std::uint32_t i) { return study.steps[part.first + i].offset; };
  if (range.holds == Holds::pinned) return "all along";
  return fmt::format("{} .. {}", range.arrives ? "before" : fmt::format("{:x}", at(range.from)),
                     range.leaves ? "next turn" : fmt::format("{:x}", at(range.to)));
}

/// Instructions of the first copy of an unrolled body.
std::uint32_t first_copy(const inspect::Study& study, const inspect::Part& part) {
  std::uint32_t i = 0;
  while (i < part.steps && study.notes[part.first + i].copy == 0) ++i;
  return i;
}

/// One line per register: what it holds when.
void append_bars(std::string& out, const Ranges& ranges, std::uint32_t shown) {
  std::map<inspect::Register, std::string> bars;
  for (const Range& range : ranges.list) {
    std::string& bar = bars.try_emplace(range.reg, shown, '.').first->second;
    for (std::uint32_t i = range.from; i <= range.to && i < shown; ++i)
      bar[i] = i == range.from && !range.arrives ? '*' : '=';
  }
  for (const auto& [reg, bar] : bars) out += fmt::format("  {:>4} {}\n", inspect::name_of_register(reg), bar);
  for (const int digit : {10, 1}) {
    out += "       ";
    for (std::uint32_t i = 0; i < shown; ++i) {
      const std::uint32_t number = ranges.vectors[i];
      out += digit == 10 ? number >= 10 ? static_cast<char>('0' + number / 10) : ' '
                         : static_cast<char>('0' + number % 10);
    }
    out += digit == 10 ? "  vector registers in use,\n" : "  tens over ones\n";
  }
}

void append_part(std::string& out, const inspect::Study& study, const inspect::Part& part) {
  const Ranges ranges = inspect::find_ranges(study, part);
  out += fmt::format("{}: at most {} of {} vector registers in use", part.name, ranges.most_vectors,
                     ranges.vector_registers);
  if (ranges.most_masks != 0) out += fmt::format(", {} of 8 mask registers", ranges.most_masks);
  out += "\n";
  const std::uint32_t copy = first_copy(study, part);
  for (const Holds holds : {Holds::pinned, Holds::accumulator, Holds::temporary}) {
    for (const Range& range : ranges.list) {
      const bool first = range.arrives || range.holds != Holds::accumulator;
      if (range.holds != holds || !first || (holds == Holds::temporary && range.from >= copy)) continue;
      out += fmt::format("  {:>4}  {:<11}  {:<18} {}\n", inspect::name_of_register(range.reg), name_of(holds),
                         span_text(study, part, range), shortened(held_text(range), 60));
    }
  }
  if (copy < part.steps) out += "        (temporaries of the other vectors of the turn alike)\n";
  const std::uint32_t shown = std::min(part.steps, kColumns);
  append_bars(out, ranges, shown);
  if (shown < part.steps) out += fmt::format("  (the first {} of {} instructions)\n", shown, part.steps);
}

}  // namespace

std::string alloc_text(const inspect::Study& study) {
  std::string out;
  for (const inspect::Part& part : study.parts)
    if (part.loop && part.elements > 0) append_part(out, study, part);
  return out.empty() ? "no loop over elements\n" : out;
}

}  // namespace trueno::tools
