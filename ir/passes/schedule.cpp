// Splits a kernel at its reductions into passes over the data.
//
// A node's level is the number of passes that must have ended before its value is known: a reduction is known
// one pass after its operands, anything else as soon as its operands are. Every value that varies is
// recomputed in each pass that needs it, so nothing is stored between passes but reduced values.
#include <algorithm>

#include "ir/passes/passes.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

/// Only returned scalars count: an array result of no elements stores nothing, so it misses nothing.
bool scalar_needs_elements(const Kernel& kernel) {
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

}  // namespace

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
  plan.needs_elements = scalar_needs_elements(kernel);
  plan.guards = kernel.guards.empty() ? find_guards(kernel) : kernel.guards;
  return plan;
}

}  // namespace trueno::ir
