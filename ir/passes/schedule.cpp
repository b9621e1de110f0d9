// Splits a kernel at its reductions into passes over the data.
//
// A node's level is the number of passes that must have ended before its value is known: a reduction is known
// one pass after its operands, anything else as soon as its operands are. A value that varies is computed again in
// each pass that needs it, unless it pays to keep it (keep.cpp).
#include <algorithm>

#include "ir/passes/passes.h"
#include "ir/reducer.h"

namespace trueno::ir {

// Only returned scalars count: an array result of no elements stores nothing, so it misses nothing.
bool needs_elements(const Kernel& kernel) {
  std::vector<bool> extremal(kernel.nodes.size());  // depends on a min or max over elements
  bool any = false;
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    const Node& node = kernel[id];
    bool depends = is_reduction(node.op) && reducer_of(kernel, node).needs_elements;
    for (const NodeId operand : operands(kernel, node)) depends = depends || extremal[operand];
    extremal[id] = depends;
    any = any || depends;
  }
  return any && std::any_of(kernel.outputs.begin(), kernel.outputs.end(),
                            [&](const Output& out) { return !out.array && extremal[out.value]; });
}

std::vector<NodeId> find_guards(const Kernel& kernel) {
  const auto is_guard = [&](const Node& n) { return is_reduction(n.op) && reducer_of(kernel, n).some; };
  std::vector<NodeId> out;
  if (std::none_of(kernel.nodes.begin(), kernel.nodes.end(), is_guard)) return out;
  std::vector<bool> needed(kernel.nodes.size());
  for (const Output& o : kernel.outputs)
    if (!o.array) needed[o.value] = true;
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;) {
    if (!needed[id]) continue;
    if (is_guard(kernel[id])) out.push_back(id);
    for (const NodeId operand : operands(kernel, kernel[id])) needed[operand] = true;
  }
  return out;
}

Schedule schedule(const Kernel& kernel) {
  Schedule plan;
  plan.level.resize(kernel.nodes.size());
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    const Node& node = kernel[id];
    std::uint32_t level = 0;
    for (const NodeId operand : operands(kernel, node)) level = std::max(level, plan.level[operand]);
    if (is_reduction(node.op)) {
      if (plan.reductions.size() <= level) plan.reductions.resize(level + 1);
      plan.reductions[level].push_back(id);
      ++level;
    }
    plan.level[id] = level;
  }
  // Arrays are stored in the last pass, and there must be one in which their values are known.
  const auto reduced = static_cast<std::uint32_t>(plan.reductions.size());
  const bool one_more = std::any_of(kernel.outputs.begin(), kernel.outputs.end(),
                                    [&](const Output& out) { return out.array && plan.level[out.value] == reduced; });
  plan.passes = reduced + (one_more ? 1 : 0);
  plan.reductions.resize(plan.passes);
  plan.needs_elements = needs_elements(kernel);
  plan.guards = kernel.guards.empty() ? find_guards(kernel) : kernel.guards;
  keep(kernel, plan);
  return plan;
}

std::uint32_t Schedule::read_back(std::uint32_t pass, NodeId value) const {
  if (keeping == ~0u || pass <= keeping) return ~0u;
  const auto found = std::find(kept.begin(), kept.end(), value);
  return found == kept.end() ? ~0u : static_cast<std::uint32_t>(found - kept.begin());
}

std::vector<Store> stores(const Kernel& kernel, const Schedule& plan, std::uint32_t pass) {
  std::vector<Store> out;
  for (std::size_t i = 0; i < kernel.outputs.size(); ++i) {
    const Output& o = kernel.outputs[i];
    if (pass == plan.keeping && plan.kept[i] != kNoNode) out.push_back({i, plan.kept[i]});
    if (plan.last(pass) && o.array && o.value != plan.kept[i]) out.push_back({i, o.value});
  }
  return out;
}

std::vector<NodeId> loop_nodes(const Kernel& kernel, const Schedule& plan, std::uint32_t pass) {
  std::vector<bool> needed(kernel.nodes.size(), false);
  for (NodeId r : plan.reductions[pass])
    for (NodeId operand : operands(kernel, kernel[r])) needed[operand] = true;
  for (const Store& store : stores(kernel, plan, pass)) needed[store.value] = true;
  std::vector<NodeId> out;
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;) {
    if (!needed[id] || !in_loop(kernel[id])) continue;
    out.push_back(id);
    if (plan.read_back(pass, id) != ~0u) continue;
    for (NodeId operand : operands(kernel, kernel[id])) needed[operand] = true;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace trueno::ir
