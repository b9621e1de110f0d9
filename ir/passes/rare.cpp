// What is computed only if a condition asks for it.
//
// `rare(m, slow, fast)` means a select, so `slow` may be left alone while m is false. Where m is uniform that is worth
// most: whole passes over the data may be needed by nothing else. Found from results to operands: a value is needed
// under a condition if all its users are, and under that of the outermost `rare` if they are nested. So a condition is
// never itself conditional, and whatever always runs can find out whether the rest has to.
#include <algorithm>

#include "ir/passes/passes.h"

namespace trueno::ir {

std::vector<NodeId> find_conditions(const Kernel& kernel, const std::vector<NodeId>& needed) {
  const auto asks = [&](const Node& n) {
    return n.op == Op::rare && !kernel[n.args[0]].varying && !is_leaf(kernel[n.args[0]].op);
  };
  if (std::none_of(kernel.nodes.begin(), kernel.nodes.end(), asks)) return {};
  constexpr NodeId kUnused = kNoNode - 1;
  std::vector<NodeId> out(kernel.nodes.size(), kUnused);
  const auto use = [&](NodeId id, NodeId condition) {
    out[id] = out[id] == kUnused || out[id] == condition ? condition : kNoNode;
  };
  for (const Output& o : kernel.outputs) use(o.value, kNoNode);
  for (const NodeId id : needed) use(id, kNoNode);
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;) {
    if (out[id] == kUnused) out[id] = kNoNode;
    const Node& n = kernel[id];
    const Operands all = operands(kernel, n);
    for (std::size_t i = 0; i < all.size(); ++i)
      use(all[i], i == 1 && out[id] == kNoNode && asks(n) ? n.args[0] : out[id]);
  }
  return out;
}

}  // namespace trueno::ir
