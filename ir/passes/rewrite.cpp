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

namespace {

/// How many nodes are looked through: each may ask about three others, and an answer is wanted at once.
constexpr int kDepth = 4;

/// Does `holds` hold for whatever entry a constant or a table gives?
template <class Test>
bool of_every_entry(const Kernel& kernel, const Node& node, Test holds) {
  if (node.op == Op::constant) return holds(node.imm);
  return node.op == Op::table && std::ranges::all_of(kernel.tables[node.imm].entries, holds);
}

double as_double(Type type, std::uint64_t bits) {
  return type == Type::f32 ? from_cell<float>(bits) : from_cell<double>(bits);
}

/// True if the value, of float type, is no NaN whatever the inputs are. Nothing that computes is here: with infinities
/// most of it gives NaN.
bool is_number(const Kernel& kernel, NodeId id, int depth) {
  const Node& node = kernel[id];
  const auto operand = [&](int i) { return depth > 0 && is_number(kernel, node.args[i], depth - 1); };
  switch (node.op) {
    case Op::constant:
    case Op::table:
      return of_every_entry(kernel, node, [&](std::uint64_t bits) {
        const double v = as_double(node.type, bits);
        return v == v;
      });
    case Op::convert: return is_int(kernel[node.args[0]].type) || operand(0);
    case Op::abs:
    case Op::neg:
    case Op::copysign:  // the sign operand is but a sign
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::rint:
    case Op::exponent:
    case Op::canonical: return operand(0);
    case Op::min:
    case Op::max: return operand(0) && operand(1);
    case Op::min_num:
    case Op::max_num: return operand(0) || operand(1);
    case Op::select:
    case Op::rare: return operand(1) && operand(2);
    default: return false;
  }
}

bool is_settled(const Kernel& kernel, NodeId id, int depth) {
  const Node& node = kernel[id];
  const auto canonical = [&](std::uint64_t bits) {
    if (node.type == Type::f32) return to_cell(meaning::canonical(from_cell<float>(bits))) == bits;
    return to_cell(meaning::canonical(from_cell<double>(bits))) == bits;
  };
  const auto operand = [&](int i) { return depth > 0 && is_settled(kernel, node.args[i], depth - 1); };
  switch (node.op) {
    case Op::canonical: return true;
    case Op::constant:
    case Op::table: return of_every_entry(kernel, node, canonical);
    case Op::select:
    case Op::rare: return operand(1) && operand(2);
    case Op::abs: return operand(0);  // the canonical NaN is positive
    default: return is_number(kernel, id, depth);
  }
}

}  // namespace

bool is_settled(const Kernel& kernel, NodeId id) { return is_settled(kernel, id, kDepth); }

}  // namespace trueno::ir
