// See jitdump_json.h.
#include "tools/jitdump_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/ranges.h"
#include "inspect/stats.h"
#include "ir/print.h"
#include "tools/jitdump.h"
#include "tools/jitdump_stats.h"

namespace trueno::tools {
namespace {

using inspect::Part;
using inspect::Study;

bool wanted(const std::vector<std::string>& stages, std::string_view stage) {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

Json position_json(const Position& at) { return at.line == 0 ? Json(nullptr) : Json{at.line, at.column}; }

/// Nodes of the optimized kernel, as its text names them.
Json nodes_json(const ir::Kernel& kernel) {
  Json out = Json::array();
  const std::vector<ir::PrintedNode> names = ir::print_nodes(kernel);
  std::size_t first = 1;  // line of the stage `optimized` that the kernel itself begins on
  for (const std::string& declaration : ir::print_parts(kernel).declarations)
    first += static_cast<std::size_t>(std::count(declaration.begin(), declaration.end(), '\n'));
  for (ir::NodeId id = 0; id < kernel.nodes.size(); ++id)
    if (!names[id].text.empty())
      out.push_back({{"id", id},
                     {"value", names[id].text},
                     {"named", names[id].named},
                     {"line", first + names[id].line},
                     {"op", ir::row(kernel[id].op).text},
                     {"type", name_of(kernel[id].type)},
                     {"at", position_json(kernel[id].at)}});
  return out;
}

Json part_json(const Part& part) {
  return {{"name", part.name},
          {"purpose", name_of(part.purpose)},
          {"pass", part.pass},
          {"begin", part.begin},
          {"end", part.end},
          {"first", part.first},
          {"instructions", part.steps},
          {"loop", part.loop},
          {"elements", part.elements}};
}

Json instruction_json(const Study& study, std::size_t i) {
  const inspect::Note& note = study.notes[i];
  Json out{{"offset", study.instructions[i].offset}, {"text", study.instructions[i].text}};
  if (note.node != ir::kNoNode) {
    out["node"] = note.node;
    out["value"] = note.value;
    out["vector"] = note.copy;
    out["at"] = position_json(study.kernel[note.node].at);
  }
  if (note.touch.memory != inspect::MemoryKind::none) {
    out["memory"] = name_of(note.touch.memory);
    out["access"] = note.touch.written ? note.touch.read ? "update" : "write" : "read";
    if (!note.touch.what.empty()) out["of"] = note.touch.what;
  }
  if (!note.reads.empty()) out["reads"] = note.reads;
  if (!study.instructions[i].constant.empty()) out["constant"] = study.instructions[i].constant;
  return out;
}

Json asm_json(const Study& study) {
  Json out = Json::array();
  for (std::size_t i = 0; i < study.steps.size(); ++i) out.push_back(instruction_json(study, i));
  return out;
}

bool over_elements(const Part& part) { return part.loop && part.elements > 0; }

Json alloc_json(const Study& study) {
  Json out = Json::array();
  for (const Part& part : study.parts) {
    if (!over_elements(part)) continue;
    const inspect::Ranges ranges = inspect::find_ranges(study, part);
    Json list = Json::array();
    for (const inspect::Range& r : ranges.list)
      list.push_back({{"register", inspect::name_of_register(r.reg)},
                      {"holds", name_of(r.holds)},
                      {"what", r.what},
                      {"node", r.node == ir::kNoNode ? Json(nullptr) : Json(r.node)},
                      {"from", r.from},
                      {"to", r.to},
                      {"arrives", r.arrives},
                      {"leaves", r.leaves}});
    out.push_back({{"part", part.name},
                   {"vector_registers", ranges.vector_registers},
                   {"most_vectors", ranges.most_vectors},
                   {"most_masks", ranges.most_masks},
                   {"vectors", ranges.vectors},
                   {"masks", ranges.masks},
                   {"ranges", std::move(list)}});
  }
  return out;
}

Json figures_json(const inspect::Stats& stats) {
  Json out;
  for (const Figure& figure : figures(stats)) out[figure.name] = static_cast<std::uint64_t>(figure.value);
  return out;
}

Json stats_json(const Study& study) {
  Json loops = Json::array();
  for (const Part& part : study.parts) {
    if (!over_elements(part)) continue;
    Json one{{"part", part.name}, {"elements", part.elements}};
    one.update(figures_json(inspect::find_stats(study, part)));
    loops.push_back(std::move(one));
  }
  return {{"loops", std::move(loops)},
          {"code", figures_json(inspect::find_stats(study))},
          {"constant_bytes", study.code.bytes.size() - inspect::end_of_instructions(study.code)}};
}

Json cost_json(const inspect::Estimate& estimate) {
  Json loops = Json::array();
  for (const inspect::LoopCost& loop : estimate.loops) {
    Json ports = Json::array(), latencies = Json::array();
    for (const inspect::InstructionCost& i : loop.instructions)
      ports.push_back(i.port_cycles), latencies.push_back(i.latency);
    loops.push_back({{"part", loop.part},
                     {"elements", loop.elements},
                     {"cycles", loop.cycles},
                     {"cycles_per_element", loop.cycles_per_element()},
                     {"port_bound", loop.port_bound},
                     {"busiest_port", loop.busiest},
                     {"waits_for_results", loop.waits()},
                     {"micro_ops", loop.micro_ops},
                     {"port_cycles", std::move(ports)},
                     {"latency", std::move(latencies)}});
  }
  return {{"program", estimate.program}, {"cpu", estimate.cpu}, {"loops", std::move(loops)}};
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace

Json time_json(const ElementTime& time) {
  return {{"n", time.n},
          {"ns", time.ns},
          {"ns_per_element", time.ns_per_element()},
          {"cycles_per_element", time.cycles_per_element()}};
}

Json target_json(const TargetView& view, const std::vector<std::string>& stages) {
  Json out{{"isa", name_of(view.target.isa)}, {"vector_bits", view.target.vector_bits}};
  if (!view.study) {
    out["declined"] = view.declined;
    return out;
  }
  const Study& study = *view.study;
  out["code_bytes"] = inspect::end_of_instructions(study.code);
  out["instructions"] = study.steps.size();
  out["spills"] = study.code.spills;
  out["parts"] = Json::array();
  for (const Part& part : study.parts) out["parts"].push_back(part_json(part));
  if (wanted(stages, "alloc")) out["alloc"] = alloc_json(study);
  if (wanted(stages, "asm")) out["asm"] = asm_json(study);
  if (wanted(stages, "bytes")) out["bytes"] = hex(study.code.bytes);
  if (wanted(stages, "stats")) out["stats"] = stats_json(study);
  if (view.cost) out["cost"] = cost_json(*view.cost);
  if (!view.no_cost.empty()) out["cost"] = {{"missing", view.no_cost}};
  if (view.time) out["time"] = time_json(*view.time);
  if (!view.no_time.empty()) out["time"] = {{"missing", view.no_time}};
  return out;
}

Json kernel_json(const KernelView& view, const std::vector<std::string>& stages) {
  Json out{{"name", view.parsed.name}, {"stages", Json::object()}};
  if (wanted(stages, "parsed")) out["stages"]["parsed"] = ir::print(view.parsed);
  if (wanted(stages, "expanded")) out["stages"]["expanded"] = ir::print(view.expanded);
  if (wanted(stages, "optimized")) out["stages"]["optimized"] = ir::print(view.optimized);
  if (wanted(stages, "passes")) out["stages"]["passes"] = passes_text(view.optimized);
  out["nodes"] = nodes_json(view.optimized);
  out["targets"] = Json::array();
  for (const TargetView& target : view.targets) out["targets"].push_back(target_json(target, stages));
  return out;
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace trueno::tools
