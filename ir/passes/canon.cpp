// One spelling for each meaning, so that equal values look equal to cse and back ends have fewer cases.
//
// Each rewrite gives equal bits; the reason stands beside it. "Equal" leaves out what cannot be seen: the
// sign and payload of a NaN before a `canonical` node.
#include <utility>

#include "ir/evaluate.h"
#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"

namespace trueno::ir {
namespace {

/// What an element must be to change no lane of a sum, as bits: lane + -0.0 is lane for every lane, -0.0 and NaN
/// included; +0.0 would turn a lane of -0.0 into +0.0.
std::uint64_t neutral(Type type) { return type == Type::f32 ? to_cell(-0.0f) : type == Type::f64 ? to_cell(-0.0) : 0; }

NodeId where(Kernel& k, NodeId mask, NodeId value, std::uint64_t otherwise, Position at) {
  Node node;
  node.op = Op::select;
  node.type = k[value].type;
  node.arity = 3;
  node.at = at;
  node.args[0] = mask;
  node.args[1] = value;
  node.args[2] = emit_constant(k, node.type, otherwise, at);
  return emit(k, std::move(node));
}

/// A missing element of a sum becomes one that changes nothing. (Extrema must know whether all are missing.)
/// Products: fma(0, -0.0, lane) is lane + -0.0, which is lane; both factors must be replaced, as the other
/// one might be infinite or negative. Integers: 0*0.
void mask_to_select(Kernel& k, Node& node) {
  if (bits_of(k[node.mask].type) != bits_of(k[node.args[0]].type)) {
    Node widened;
    widened.op = Op::mask_convert;
    widened.type = bits_of(k[node.args[0]].type) == 32 ? Type::m32 : Type::m64;
    widened.arity = 1;
    widened.at = node.at;
    widened.args[0] = node.mask;
    node.mask = emit(k, std::move(widened));
  }
  const Type type = k[node.args[0]].type;
  if (node.op == Op::reduce_sum_fma) {
    node.args[0] = where(k, node.mask, node.args[0], 0, node.at);
    node.args[1] = where(k, node.mask, node.args[1], neutral(type), node.at);
  } else {
    node.args[0] = where(k, node.mask, node.args[0], neutral(type), node.at);
  }
  node.mask = kNoNode;
}

/// -|a| is a with the sign of a negative number, and a sign that is known to be given is given the other way round.
NodeId negated(Kernel& k, const Node& node) {
  const Node inner = k[node.args[0]];
  const bool of_sign = inner.op == Op::copysign && is_constant(k, inner.args[1]) && is_settled(k, inner.args[1]);
  if (!is_float(node.type) || !(of_sign || inner.op == Op::abs)) return kNoNode;
  const std::uint64_t minus = std::uint64_t{1} << (bits_of(node.type) - 1);  // -0.0
  const bool negative = of_sign && (k[inner.args[1]].imm & minus) != 0;
  Node out = inner;
  out.op = Op::copysign;
  out.arity = 2;
  out.at = node.at;
  out.args[1] = emit_constant(k, node.type, negative ? 0 : minus, node.at);
  return emit(k, std::move(out));
}

NodeId canon_node(Kernel& k, Node node) {
  const NodeId a = node.args[0];
  switch (node.op) {
    case Op::gt:  // a > b is b < a, also with NaN: both false
    case Op::ge:
      std::swap(node.args[0], node.args[1]);
      node.op = node.op == Op::gt ? Op::lt : Op::le;
      break;
    case Op::mad: node.op = Op::fma; break;  // that is what it means
    case Op::neg:
      if (const NodeId same = negated(k, node); same != kNoNode) return same;
      [[fallthrough]];
    case Op::bit_not:  // flipping the same bits twice; integers: -(-a) wraps back
      if (k[a].op == node.op) return k[a].args[0];
      break;
    case Op::convert:
    case Op::mask_convert:  // to the type it has: nothing to round
      if (k[a].type == node.type) return a;
      break;
    case Op::canonical:  // already so, or never a NaN
      if (is_settled(k, a)) return a;
      break;
    case Op::select:
      if (node.args[1] == node.args[2]) return node.args[1];  // either way the same value
      if (k[a].op == Op::bit_not) {                           // masks are 0 or 1: not m picks the other one
        node.args[0] = k[a].args[0];
        std::swap(node.args[1], node.args[2]);
      }
      break;
    default:
      if ((node.op == Op::reduce_sum || node.op == Op::reduce_sum_fma) && node.mask != kNoNode) mask_to_select(k, node);
  }
  order_operands(k, node);
  return emit(k, std::move(node));
}

}  // namespace

Kernel canon(Kernel kernel) { return rewrite(std::move(kernel), canon_node); }

}  // namespace trueno::ir
