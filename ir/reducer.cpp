// The primitive reductions as reducers, and the filter every reducer can have.
#include "ir/reducer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ir/evaluate.h"
#include "ir/typing.h"

namespace trueno::ir {
namespace {

NodeId parameter(Kernel& k, std::string name, Type type) {
  const NodeId id = append(k, Op::param_scalar, type, {}, {}, k.params.size());
  k.nodes[id].varying = true;  // as in the body of an op
  k.params.push_back({std::move(name), type, 0, {}});
  return id;
}

void result(Kernel& k, NodeId value) { k.outputs.push_back({"", value, false}); }

/// What the lanes of an extremum start from: the identity of min or max.
std::uint64_t extreme(Type type, bool min) {
  return with_number(type, [&](auto t) {
    using T = decltype(t);
    using Limits = std::numeric_limits<T>;
    if constexpr (Limits::has_infinity)
      return to_cell(min ? Limits::infinity() : -Limits::infinity());
    else
      return to_cell(min ? Limits::max() : Limits::min());
  });
}

/// Bits of a float as an integer of the same order, -0 below +0; and the other way: the same steps.
NodeId ordered(Kernel& k, NodeId bits) {
  const auto count = [&](std::uint64_t n) { return append(k, Op::constant, Type::i32, {}, {}, n); };
  const NodeId sign = append(k, Op::sar, Type::i32, {bits, count(31)});
  return append(k, Op::bit_xor, Type::i32, {bits, append(k, Op::shr, Type::i32, {sign, count(1)})});
}

/// The maximum of f32 as one of i32, where the canonical NaN is above all numbers.
Reducer::Folding integer_maximum() {
  Reducer::Folding f;
  const NodeId x = append(f.into, Op::canonical, Type::f32, {parameter(f.into, "x", Type::f32)});
  result(f.into, ordered(f.into, append(f.into, Op::bitcast_raw, Type::i32, {x})));
  const NodeId a = parameter(f.join, "earlier", Type::i32), b = parameter(f.join, "later", Type::i32);
  result(f.join, append(f.join, Op::max, Type::i32, {a, b}));
  const NodeId bits = ordered(f.back, parameter(f.back, "ordered", Type::i32));
  result(f.back, append(f.back, Op::bitcast_raw, Type::f32, {bits}));
  return f;
}

Reducer primitive(Op op, Type type) {
  const bool sums = op == Op::reduce_sum || op == Op::reduce_sum_fma;
  const Op join = sums ? Op::add : op == Op::reduce_min ? Op::min : Op::max;
  Reducer r;
  r.name = row(op).text;
  r.state = {{"value", type, sums ? 0 : extreme(type, op == Op::reduce_min)}};
  r.needs_elements = !sums;
  r.zero_sum = op == Op::reduce_sum_fma && is_float(type);
  r.expanded = true;
  const NodeId lane = parameter(r.step, "lane", type), x = parameter(r.step, "x", type);
  if (op != Op::reduce_sum_fma) {
    result(r.step, append(r.step, join, type, {lane, x}));
  } else {
    const NodeId y = parameter(r.step, "y", type);
    if (is_float(type))
      result(r.step, append(r.step, Op::fma, type, {x, y, lane}));
    else
      result(r.step, append(r.step, Op::add, type, {lane, append(r.step, Op::mul, type, {x, y})}));
  }
  const NodeId earlier = parameter(r.merge, "earlier", type), later = parameter(r.merge, "later", type);
  result(r.merge, append(r.merge, join, type, {earlier, later}));
  if (op == Op::reduce_max && type == Type::f32) r.folding = integer_maximum();
  return r;
}

constexpr Op kPrimitiveReductions[] = {Op::reduce_sum, Op::reduce_sum_fma, Op::reduce_min, Op::reduce_max};

}  // namespace

std::size_t Reducer::lanes() const {
  const bool wide = std::any_of(state.begin(), state.end(), [](const Component& c) { return bits_of(c.type) == 64; });
  return wide ? 32 : 64;
}

bool same_reducer(const Reducer& a, const Reducer& b) {
  const std::size_t count = a.state.size() + a.operands();
  const auto type = [](const Param& x, const Param& y) { return x.type == y.type; };
  return a.name == b.name && b.state.size() + b.operands() == count &&
         std::equal(a.step.params.begin(), a.step.params.begin() + static_cast<std::ptrdiff_t>(count),
                    b.step.params.begin(), type);
}

const Reducer& reducer_of(const Kernel& kernel, const Node& n) {
  if (n.op == Op::reduce) return *kernel.reducers[n.imm];
  static const auto kTable = [] {
    std::array<std::array<Reducer, 4>, 4> table;
    for (std::size_t op = 0; op < 4; ++op)
      for (std::size_t type = 0; type < 4; ++type)
        table[op][type] = primitive(kPrimitiveReductions[op], static_cast<Type>(type));
    return table;
  }();
  const auto op =
      static_cast<std::size_t>(std::find(std::begin(kPrimitiveReductions), std::end(kPrimitiveReductions), n.op) -
                               std::begin(kPrimitiveReductions));
  return kTable[op][static_cast<std::size_t>(n.type)];
}

std::shared_ptr<const Reducer> masked(const Reducer& reducer, Type mask) {
  auto out = std::make_shared<Reducer>(reducer);
  out->mask = mask;
  Kernel& k = out->step;
  const NodeId m = parameter(k, "where", mask);
  for (std::size_t i = 0; i < out->state.size(); ++i) {
    const Type type = out->state[i].type;
    const NodeId fitting = mask_of(type) == mask ? m : append(k, Op::mask_convert, mask_of(type), {m});
    NodeId before = 0;
    while (before < k.nodes.size() && (k[before].op != Op::param_scalar || k[before].imm != i)) ++before;
    if (before == k.nodes.size()) before = append(k, Op::param_scalar, type, {}, {}, i);
    k.outputs[i].value = append(k, Op::select, type, {fitting, k.outputs[i].value, before});
  }
  return out;
}

}  // namespace trueno::ir
