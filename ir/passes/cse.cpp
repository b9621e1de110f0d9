// Common subexpressions: nodes that compute the same value become one.
//
// Nodes are compared by primitive, type, operands and immediate (parameters and tables by index). The table
// is open addressing over node ids, sized once: this pass is on the way from text to running code.
#include <bit>
#include <utility>

#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"

namespace trueno::ir {
namespace {

std::uint64_t hash(const Node& node) {
  std::uint64_t h = static_cast<std::uint64_t>(node.op) << 8 | static_cast<std::uint64_t>(node.type);
  const auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) * 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio: multiplicative hashing
    h ^= h >> 32;
  };
  mix(node.imm);
  mix(std::uint64_t{node.args[0]} << 32 | node.args[1]);
  mix(std::uint64_t{node.args[2]} << 32 | node.mask);
  return h;
}

bool same_value(const Node& a, const Node& b) {
  return a.op == b.op && a.type == b.type && a.imm == b.imm && a.mask == b.mask && a.args[0] == b.args[0] &&
         a.args[1] == b.args[1] && a.args[2] == b.args[2];
}

}  // namespace

Kernel cse(Kernel kernel) {
  const std::size_t slots = std::bit_ceil(2 * kernel.nodes.size() + 2);
  std::vector<NodeId> table(slots, kNoNode);
  return rewrite(std::move(kernel), [&](Kernel& k, Node node) {
    if (node.op == Op::call) return emit(k, std::move(node));
    order_operands(k, node);  // merging may have changed which operand comes first
    std::size_t slot = hash(node) & (slots - 1);
    for (; table[slot] != kNoNode; slot = (slot + 1) & (slots - 1)) {
      Node& found = k.nodes[table[slot]];
      if (!same_value(found, node)) continue;
      if (found.name.empty()) found.name = std::move(node.name);
      return table[slot];
    }
    return table[slot] = emit(k, std::move(node));
  });
}

}  // namespace trueno::ir
