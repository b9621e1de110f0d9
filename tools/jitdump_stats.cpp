// See jitdump_stats.h.
#include "tools/jitdump_stats.h"

#include <fmt/format.h>

namespace trueno::tools {

std::vector<Figure> figures(const inspect::Stats& s) {
  const auto n = [](std::uint32_t count) { return static_cast<double>(count); };
  return {
      {"instructions", "instructions", n(s.instructions), true},
      {"code_bytes", "bytes of code", n(s.bytes), false},
      {"loads", "loads of arrays", n(s.loads), true},
      {"stores", "stores to arrays", n(s.stores), true},
      {"constant_loads", "reads of constants", n(s.constants), true},
      {"uniform_loads", "reads of uniforms in the frame", n(s.uniforms), true},
      {"lane_accesses", "accumulators in the frame", n(s.lanes), true},
      {"spill_stores", "spills", n(s.spills), true},
      {"spill_loads", "reloads of spills", n(s.reloads), true},
      {"other_memory", "other memory", n(s.other_memory), true},
      {"register_moves", "moves between registers", n(s.moves), true},
      {"vector_bits", "bits of the widest vector", n(s.vector_bits), false},
      {"narrower_instructions", "instructions on narrower ones", n(s.narrower), true},
      {"vector_registers_used", "vector registers named", n(s.vectors_used), false},
      {"vector_registers_live", "most in use at a time", n(s.most_vectors), false},
      {"pinned_registers", "of them pinned", n(s.pinned), false},
      {"accumulator_registers", "of them accumulators", n(s.accumulators), false},
      {"mask_registers_used", "mask registers named", n(s.masks_used), false},
      {"general_registers_used", "general registers named", n(s.general_used), false},
  };
}

namespace {

void append(std::string& out, const std::string& name, const inspect::Stats& stats) {
  out += fmt::format("{}", name);
  if (stats.elements > 0) out += fmt::format(": {} elements a turn", stats.elements);
  out += '\n';
  for (const Figure& figure : figures(stats)) {
    if (figure.value == 0) continue;
    out += fmt::format("  {:<32}{:>6}", figure.words, figure.value);
    if (figure.per_element && stats.elements > 0)
      out += fmt::format("  {:>8.4f} per element", figure.value / static_cast<double>(stats.elements));
    out += '\n';
  }
}

}  // namespace

std::string stats_text(const inspect::Study& study) {
  std::string out;
  for (const inspect::Part& part : study.parts)
    if (part.loop && part.elements > 0) append(out, part.name, inspect::find_stats(study, part));
  inspect::Stats all = inspect::find_stats(study);
  append(out, "all code", all);
  const std::size_t pool = study.code.bytes.size() - inspect::end_of_instructions(study.code);
  return out + fmt::format("  {:<32}{:>6}\n", "bytes of constants", pool);
}

}  // namespace trueno::tools
