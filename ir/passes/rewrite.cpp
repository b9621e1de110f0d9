// The small questions every pass asks about nodes: see rewrite.h.
#include "ir/passes/rewrite.h"

#include <algorithm>

#include "ir/evaluate.h"
#include "ir/meaning.h"

namespace trueno::ir {

NodeId emit(Kernel& kernel, Node node) {
  node.varying = node.op == Op::param_array || node.op == Op::index;
  if (!is_reduced(node.op))
    for (const NodeId operand : operands(kernel, node)) node.varying = node.varying || kernel[operand].varying;
  kernel.nodes.push_back(std::move(node));
  return static_cast<NodeId>(kernel.nodes.size() - 1);
}

NodeId emit_constant(Kernel& kernel, Type type, std::uint64_t bits, Position at) {
  Node node;
  node.op = Op::constant;
  node.type = type;
  node.imm = bits;
  node.at = at;
  return emit(kernel, std::move(node));
}

void order_operands(const Kernel& kernel, Node& node) {
  if (!row(node.op).commutes && node.op != Op::fma && node.op != Op::reduce_sum_fma) return;
  NodeId &a = node.args[0], &b = node.args[1];
  const bool a_constant = is_constant(kernel, a), b_constant = is_constant(kernel, b);
  if (a_constant != b_constant ? a_constant : a > b) std::swap(a, b);
}

bool is_settled(const Kernel& kernel, NodeId id) {
  const Node& node = kernel[id];
  const auto settled = [&](std::uint64_t bits) {
    if (node.type == Type::f32) return to_cell(meaning::canonical(from_cell<float>(bits))) == bits;
    return to_cell(meaning::canonical(from_cell<double>(bits))) == bits;
  };
  switch (node.op) {
    case Op::canonical: return true;
    case Op::constant: return settled(node.imm);
    case Op::convert: return is_int(kernel[node.args[0]].type);
    case Op::table: return std::ranges::all_of(kernel.tables[node.imm].entries, settled);
    default: return false;
  }
}

}  // namespace trueno::ir
