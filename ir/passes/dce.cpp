// Drops what no result needs: nodes, the calls among them, and tables.
//
// Parameters stay in the signature; only their unused nodes go. One backward walk marks, one forward walk
// rebuilds.
#include <utility>

#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"

namespace trueno::ir {
namespace {

void drop_unused_tables(Kernel& kernel) {
  constexpr std::uint64_t kUnused = ~std::uint64_t{0};
  std::vector<std::uint64_t> now(kernel.tables.size(), kUnused);
  std::vector<Table> kept;
  for (Node& node : kernel.nodes) {
    if (node.op != Op::table) continue;
    if (now[node.imm] == kUnused) {
      now[node.imm] = kept.size();
      kept.push_back(std::move(kernel.tables[node.imm]));
    }
    node.imm = now[node.imm];
  }
  kernel.tables = std::move(kept);
}

}  // namespace

Kernel dce(Kernel kernel) {
  std::vector<bool> live(kernel.nodes.size());
  for (const Output& out : kernel.outputs) live[out.value] = true;
  for (const NodeId guard : kernel.guards) live[guard] = true;
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;)
    if (live[id])
      for (const NodeId operand : operands(kernel, kernel[id])) live[operand] = true;
  kernel = rewrite(
      std::move(kernel), [](Kernel& k, Node node) { return emit(k, std::move(node)); }, &live);
  if (!kernel.tables.empty()) drop_unused_tables(kernel);
  return kernel;
}

}  // namespace trueno::ir
