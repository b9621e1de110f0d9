// Splits a kernel at its reductions into passes over the data.
//
// A node's level is the number of passes that must have ended before its value is known: a reduction is known
// one pass after its operands, anything else as soon as its operands are. A value that varies is computed again in
// each pass that needs it, unless it pays to keep it (keep.cpp). Reductions that only a condition asks for (rare.cpp)
// have passes of their own, behind the condition.
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

namespace {

/// Fills pass after pass with the reductions that can be computed by then.
class Filling {
 public:
  Filling(const Kernel& kernel, const std::vector<NodeId>& conditions, Schedule& plan)
      : kernel_(kernel), conditions_(conditions), plan_(plan) {
    plan_.level.assign(kernel.nodes.size(), kUnknown);
    for (NodeId id = 0; id < kernel.nodes.size(); ++id)
      if (is_reduction(kernel[id].op)) waiting_.push_back(id);
  }

  void run() {
    for (note_known(); !waiting_.empty(); note_known()) {
      const NodeId condition = next_condition();
      std::vector<NodeId>& taken = plan_.reductions.emplace_back();
      plan_.condition.push_back(condition);
      std::erase_if(waiting_, [&](NodeId id) {
        const bool now = condition_of(id) == condition && is_ready(id);
        if (now) taken.push_back(id);
        return now;
      });
      if (taken.empty()) {  // a condition that is itself conditional: rare.cpp makes none, and nothing hangs on that
        unconditional_ = true;
        plan_.reductions.pop_back(), plan_.condition.pop_back();
        continue;
      }
      ++plan_.passes;
      for (const NodeId id : taken) plan_.level[id] = plan_.passes;
    }
  }

 private:
  static constexpr std::uint32_t kUnknown = ~0u;

  NodeId condition_of(NodeId id) const { return conditions_.empty() || unconditional_ ? kNoNode : conditions_[id]; }
  bool is_known(NodeId id) const { return plan_.level[id] != kUnknown; }
  bool has_operands(NodeId id) const {
    const Operands all = operands(kernel_, kernel_[id]);
    return std::all_of(all.begin(), all.end(), [&](NodeId operand) { return is_known(operand); });
  }
  bool is_ready(NodeId id) const {
    return has_operands(id) && (condition_of(id) == kNoNode || is_known(condition_of(id)));
  }
  void note_known() {
    for (NodeId id = 0; id < kernel_.nodes.size(); ++id)
      if (!is_known(id) && !is_reduction(kernel_[id].op) && has_operands(id)) plan_.level[id] = plan_.passes;
  }
  /// What is conditional goes first: others may wait for it, and had better share a pass with those that do not.
  NodeId next_condition() const {
    for (const NodeId id : waiting_)
      if (condition_of(id) != kNoNode && is_ready(id)) return condition_of(id);
    return kNoNode;
  }

  const Kernel& kernel_;
  const std::vector<NodeId>& conditions_;
  Schedule& plan_;
  std::vector<NodeId> waiting_;
  bool unconditional_ = false;
};

/// What is known right after a conditional pass and needed by nothing that always runs: the results of its reductions,
/// and what is computed from these alone or from what was known before.
void leave_out(const Kernel& kernel, const std::vector<NodeId>& conditions, Schedule& plan) {
  plan.left_out.resize(kernel.nodes.size());
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    const std::uint32_t level = plan.level[id];
    if (kernel[id].varying || conditions[id] == kNoNode || level == 0) continue;
    const Operands all = operands(kernel, kernel[id]);
    plan.left_out[id] =
        plan.condition[level - 1] == conditions[id] && std::all_of(all.begin(), all.end(), [&](NodeId operand) {
          return plan.level[operand] < level || plan.left_out[operand];
        });
  }
}

}  // namespace

Schedule schedule(const Kernel& kernel) {
  Schedule plan;
  plan.guards = kernel.guards.empty() ? find_guards(kernel) : kernel.guards;
  plan.needs_elements = needs_elements(kernel);
  const std::vector<NodeId> conditions = find_conditions(kernel, plan.guards);
  Filling(kernel, conditions, plan).run();
  if (!conditions.empty()) leave_out(kernel, conditions, plan);
  // Arrays are stored in the last pass, and there must be one that always runs and in which their values are known.
  const bool conditional = plan.passes != 0 && plan.conditional(plan.passes - 1);
  if (std::any_of(kernel.outputs.begin(), kernel.outputs.end(), [&](const Output& out) {
        return out.array && (conditional || plan.level[out.value] == plan.passes);
      })) {
    ++plan.passes;
    plan.reductions.emplace_back();
    plan.condition.push_back(kNoNode);
  }
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
