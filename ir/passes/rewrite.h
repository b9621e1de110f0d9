// What the passes share: one walk over the nodes that builds the next kernel.
//
// A pass is a rule asked once per node, operands first. The rule sees a node whose operands already name
// nodes of the new kernel and answers with the node that stands for it there: a new one, or one that exists.
// As everything is visited in order, one walk also simplifies what a simplification uncovers.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

/// Appends a node. Whether it varies is found from its operands: rewriting may have made them uniform.
NodeId emit(Kernel& kernel, Node node);

NodeId emit_constant(Kernel& kernel, Type type, std::uint64_t bits, Position at);

inline bool is_constant(const Kernel& kernel, NodeId id) { return kernel[id].op == Op::constant; }

/// Puts the two operands of a commuting primitive in order: a constant second, else the earlier node first.
/// Equal bits: sums, products, compares and extrema do not depend on it (a NaN's payload is never seen),
/// and neither does the exact product inside an fma.
void order_operands(const Kernel& kernel, Node& node);

/// True if the value, of float type, is certainly not a NaN or certainly the canonical one.
bool is_settled(const Kernel& kernel, NodeId id);

/// Rebuilds `kernel` by `rule(Kernel& out, Node node) -> NodeId`. Nodes not in `live` (if given) are left out.
template <class Rule>
Kernel rewrite(Kernel kernel, Rule rule, const std::vector<bool>* live = nullptr) {
  std::vector<Node> old = std::exchange(kernel.nodes, {});
  std::vector<Call> old_calls = std::exchange(kernel.calls, {});
  kernel.nodes.reserve(old.size() + 4);
  std::vector<NodeId> now(old.size(), kNoNode);  // by old id: the node that stands for it
  for (NodeId id = 0; id < old.size(); ++id) {
    if (live != nullptr && !(*live)[id]) continue;
    Node node = std::move(old[id]);
    for (int i = 0; i < node.arity && node.op != Op::call; ++i) node.args[i] = now[node.args[i]];
    if (node.mask != kNoNode) node.mask = now[node.mask];
    if (node.op == Op::call) {
      Call call = std::move(old_calls[node.imm]);  // one node per call
      for (NodeId& argument : call.args) argument = now[argument];
      node.imm = kernel.calls.size();
      kernel.calls.push_back(std::move(call));
    }
    now[id] = rule(kernel, std::move(node));
  }
  for (Output& out : kernel.outputs) out.value = now[out.value];
  for (NodeId& guard : kernel.guards) guard = now[guard];
  std::sort(kernel.guards.begin(), kernel.guards.end());  // equal ones have become one
  kernel.guards.erase(std::unique(kernel.guards.begin(), kernel.guards.end()), kernel.guards.end());
  return kernel;
}

}  // namespace trueno::ir
