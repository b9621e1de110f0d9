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

void append(std::string& out, const inspect::LoopCost& cost) {
  out += fmt::format(
      "  {:<32}{:>6.2f}  {:>8.4f} per element; {}\n", "cycles, estimated", cost.cycles, cost.cycles_per_element(),
      cost.waits() ? "it waits for results" : fmt::format("bound by {}, {:.2f} cycles", cost.busiest, cost.port_bound));
  out += fmt::format("  {:<32}{:>6}\n", "micro-operations", cost.micro_ops);
}

}  // namespace

std::string stats_text(const TargetView& view) {
  const inspect::Study& study = *view.study;
  std::string out;
  for (const inspect::Part& part : study.parts) {
    if (!part.loop || part.elements <= 0) continue;
    append(out, part.name, inspect::find_stats(study, part));
    if (const inspect::LoopCost* cost = view.cost ? view.cost->of(part) : nullptr) append(out, *cost);
  }
  append(out, "all code", inspect::find_stats(study));
  const std::size_t pool = study.code.bytes.size() - inspect::end_of_instructions(study.code);
  out += fmt::format("  {:<32}{:>6}\n", "bytes of constants", pool);
  if (view.cost && !view.cost->loops.empty())
    out += fmt::format("estimated by {} for {}\n", view.cost->program, view.cost->cpu);
  if (!view.no_cost.empty()) out += fmt::format("cost: {}\n", view.no_cost);
  if (view.time)
    out += fmt::format("measured: {:.4f} cycles per element, {:.4f} ns, over {} elements in the first cache\n",
                       view.time->cycles_per_element(), view.time->ns_per_element(), view.time->n);
  if (!view.no_time.empty()) out += fmt::format("time: {}\n", view.no_time);
  return out;
}

}  // namespace trueno::tools
