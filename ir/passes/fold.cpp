// Constant folding: what has constant operands is evaluated now, by the interpreter's own meaning.
//
// Beside it, the identities that keep every bit. Several familiar ones do not and are missing on purpose:
// x + 0.0 turns -0 into +0, x*0.0 is not 0 for inf, NaN and negative x, x - x is not 0 for inf and NaN.
#include <bit>
#include <optional>
#include <utility>

#include "ir/interpret.h"
#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"

namespace trueno::ir {
namespace {

bool is_foldable(const Kernel& k, const Node& node) {
  if (row(node.op).typing == Typing::leaf || is_reduction(node.op)) return false;
  for (int i = 0; i < node.arity; ++i)
    if (!is_constant(k, node.args[i])) return false;
  return true;
}

std::uint64_t one(Type type) {
  if (type == Type::f32) return std::bit_cast<std::uint32_t>(1.0f);
  return type == Type::f64 ? std::bit_cast<std::uint64_t>(1.0) : 1;
}
std::uint64_t minus_zero(Type type) { return type == Type::f32 ? 0x80000000u : std::uint64_t{1} << 63; }
std::uint64_t all_ones(Type type) { return is_mask(type) ? 1 : ~std::uint64_t{0} >> (64 - bits_of(type)); }

/// Asks whether an operand is the constant with these bits.
struct Operands {
  const Kernel& k;
  const Node& node;
  bool is(int i, std::uint64_t bits) const { return is_constant(k, node.args[i]) && k[node.args[i]].imm == bits; }
  bool equal() const { return node.args[0] == node.args[1]; }
};

/// Bitwise primitives, on integers and masks alike.
std::optional<NodeId> logic_identity(Kernel& k, const Node& node) {
  const Operands x{k, node};
  const NodeId a = node.args[0], b = node.args[1];
  switch (node.op) {
    case Op::bit_and:
      if (x.is(1, 0)) return b;
      if (x.is(1, all_ones(node.type)) || x.equal()) return a;
      break;
    case Op::bit_or:
      if (x.is(1, all_ones(node.type))) return b;
      if (x.is(1, 0) || x.equal()) return a;
      break;
    case Op::bit_xor:
      if (x.is(1, 0)) return a;
      if (x.equal()) return emit_constant(k, node.type, 0, node.at);
      break;
    default: break;
  }
  return std::nullopt;
}

/// shl, shr, sar: a count is unsigned, and one beyond the width leaves zeros, or of sar the sign everywhere, as the
/// largest count within does. So a constant count that a back end meets is one its instructions take.
std::optional<NodeId> shift_identity(Kernel& k, const Node& node) {
  if (!is_constant(k, node.args[1])) return std::nullopt;
  const std::uint64_t count = k[node.args[1]].imm, width = static_cast<std::uint64_t>(bits_of(node.type));
  if (count == 0) return node.args[0];
  if (count < width) return std::nullopt;
  if (node.op != Op::sar) return emit_constant(k, node.type, 0, node.at);
  Node within = node;
  within.args[1] = emit_constant(k, node.type, width - 1, node.at);
  return emit(k, std::move(within));
}

/// The sign of a positive constant, the canonical NaN included, is no sign.
std::optional<NodeId> known_sign(Kernel& k, const Node& node) {
  if (!is_constant(k, node.args[1]) || k[node.args[1]].imm >> (bits_of(node.type) - 1) != 0) return std::nullopt;
  Node size = node;
  size.op = Op::abs;
  size.arity = 1;
  size.args[1] = kNoNode;
  return emit(k, std::move(size));
}

/// A value that the node certainly equals, bit for bit, or nothing. Commuting operands are in order, so a
/// constant is the second.
std::optional<NodeId> identity(Kernel& k, const Node& node) {
  const Operands x{k, node};
  const NodeId a = node.args[0], b = node.args[1];
  const bool integer = is_int(node.type);
  switch (node.op) {
    case Op::add:  // -0.0 is the neutral element: -0 + -0 = -0, +0 + -0 = +0
      if (x.is(1, integer ? 0 : minus_zero(node.type))) return a;
      break;
    case Op::sub:  // -0 - +0 = -0
      if (x.is(1, 0)) return a;
      if (integer && x.equal()) return emit_constant(k, node.type, 0, node.at);
      break;
    case Op::mul:  // by 1 is exact
      if (x.is(1, one(node.type))) return a;
      if (integer && x.is(1, 0)) return b;
      break;
    case Op::div:
      if (x.is(1, one(node.type))) return a;
      break;
    case Op::rem:
      if (x.is(1, 1)) return emit_constant(k, node.type, 0, node.at);
      break;
    case Op::min:
    case Op::max:
    case Op::min_num:
    case Op::max_num:
      if (x.equal()) return a;
      break;
    case Op::ldexp:
    case Op::ldexp_near:  // 2^0; as a float also -0.0
      if (x.is(1, 0) || (is_float(k[b].type) && x.is(1, minus_zero(k[b].type)))) return a;
      break;
    case Op::copysign: return known_sign(k, node);
    case Op::select:
      if (is_constant(k, a)) return node.args[x.is(0, 0) ? 2 : 1];
      break;
    case Op::bit_and:
    case Op::bit_or:
    case Op::bit_xor: return logic_identity(k, node);
    case Op::shl:
    case Op::shr:
    case Op::sar: return shift_identity(k, node);
    default: break;
  }
  return std::nullopt;
}

/// An fma that is really one operation. By 1: the product is exact, the one rounding is the sum's. Plus -0.0:
/// nothing is added, and a zero keeps the product's sign; the one rounding is the product's.
void weaken_fma(const Kernel& k, Node& node) {
  if (node.op != Op::fma) return;
  const Operands x{k, node};
  if (x.is(1, one(node.type))) {
    node.op = Op::add;
    node.args[1] = node.args[2];
  } else if (x.is(2, minus_zero(node.type))) {
    node.op = Op::mul;
  } else {
    return;
  }
  node.args[2] = kNoNode;
  node.arity = 2;
}

NodeId fold_node(Kernel& k, Node node) {
  if (is_foldable(k, node)) {
    std::uint64_t bits[3] = {};
    for (int i = 0; i < node.arity; ++i) bits[i] = k[node.args[i]].imm;
    return emit_constant(k, node.type, evaluate(k, node, bits[0], bits[1], bits[2]), node.at);
  }
  order_operands(k, node);
  weaken_fma(k, node);
  order_operands(k, node);
  if (const std::optional<NodeId> same = identity(k, node)) return *same;
  return emit(k, std::move(node));
}

}  // namespace

Kernel fold(Kernel kernel) { return rewrite(std::move(kernel), fold_node); }

}  // namespace trueno::ir
