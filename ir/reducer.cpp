// The primitive reductions as reducers, and the filter every reducer can have.
#include "ir/reducer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ir/evaluate.h"
#include "ir/once.h"
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

bool Reducer::merges_either_way() const {
  for (std::size_t i = 0; i < state.size(); ++i) {
    const Node& joined = merge[merge.outputs[i].value];
    if (!row(joined.op).commutes) return false;
    const Node &a = merge[joined.args[0]], &b = merge[joined.args[1]];
    if (a.op != Op::param_scalar || b.op != Op::param_scalar) return false;
    if (std::min(a.imm, b.imm) != i || std::max(a.imm, b.imm) != i + state.size()) return false;
  }
  return true;
}

namespace {

/// The types a reducer is about: of its state, then of its operands; what a filter added left out.
std::vector<Type> signature(const Reducer& r) {
  std::vector<Type> out;
  for (std::size_t i = 0; i < r.state.size() + r.operands(); ++i)
    if (r.some != i) out.push_back(r.step.params[i].type);
  return out;
}

}  // namespace

bool same_reducer(const Reducer& a, const Reducer& b) { return a.name == b.name && signature(a) == signature(b); }

namespace {

struct Forms {  // of one primitive reduction of one type: unfiltered, filtered by m32 and by m64
  std::shared_ptr<const Reducer> form[3];
};
using AllForms = std::array<std::array<Forms, 4>, 4>;

AllForms all_forms() {
  AllForms all;
  for (std::size_t op = 0; op < 4; ++op)
    for (std::size_t type = 0; type < 4; ++type) {
      const auto plain = std::make_shared<Reducer>(primitive(kPrimitiveReductions[op], static_cast<Type>(type)));
      all[op][type] = {{plain, masked(plain, Type::m32), masked(plain, Type::m64)}};
    }
  return all;
}

constinit Once<AllForms> forms;

}  // namespace

const Reducer& reducer_of(const Kernel& kernel, const Node& n) {
  if (n.op == Op::reduce) return *kernel.reducers[n.imm];
  std::size_t op = 0, filter = 0;
  while (kPrimitiveReductions[op] != n.op) ++op;
  if (n.mask != kNoNode) filter = kernel[n.mask].type == Type::m32 ? 1 : 2;
  return *forms.get(all_forms)[op][static_cast<std::size_t>(n.type)].form[filter];
}

namespace {

/// Adds a parameter before what is parameter `index` now; returns its node.
NodeId insert_parameter(Kernel& k, std::size_t index, std::string name, Type type) {
  for (Node& n : k.nodes) n.imm += n.op == Op::param_scalar && n.imm >= index;
  k.params.insert(k.params.begin() + static_cast<std::ptrdiff_t>(index), Param{std::move(name), type, 0, {}});
  const NodeId id = append(k, Op::param_scalar, type, {}, {}, index);
  k.nodes[id].varying = true;
  return id;
}

/// One more component, as wide as the state is: 1 once an element has passed.
void remember_elements(Reducer& r) {
  const Type type = r.lanes() == 32 ? Type::i64 : Type::i32;
  const std::size_t size = r.state.size();
  r.some = static_cast<std::uint32_t>(size);
  r.state.push_back({"some", type, 0});
  result(r.step, insert_parameter(r.step, size, "some", type));
  const NodeId earlier = insert_parameter(r.merge, size, "some", type);
  const NodeId later = insert_parameter(r.merge, 2 * size + 1, "some2", type);
  result(r.merge, append(r.merge, Op::bit_or, type, {earlier, later}));
}

/// The value a parameter of the step has now.
NodeId parameter_node(Kernel& k, std::size_t index, Type type) {
  for (NodeId id = 0; id < k.nodes.size(); ++id)
    if (k[id].op == Op::param_scalar && k[id].imm == index) return id;
  return append(k, Op::param_scalar, type, {}, {}, index);
}

}  // namespace

std::shared_ptr<const Reducer> masked(std::shared_ptr<const Reducer> reducer, Type mask) {
  auto out = std::make_shared<Reducer>(*reducer);
  out->mask = mask;
  out->unfiltered = std::move(reducer);
  if (out->needs_elements) {
    remember_elements(*out);
    out->folding.reset();  // it is about one component
  }
  Kernel& k = out->step;
  const NodeId m = parameter(k, "where", mask);
  for (std::size_t i = 0; i < out->state.size(); ++i) {
    const Type type = out->state[i].type;
    const NodeId fitting = mask_of(type) == mask ? m : append(k, Op::mask_convert, mask_of(type), {m});
    const NodeId before = parameter_node(k, i, type);
    const bool flag = out->some == i;
    const NodeId next = flag ? append(k, Op::constant, type, {}, {}, 1) : k.outputs[i].value;
    k.outputs[i].value = append(k, Op::select, type, {fitting, next, before});
  }
  return out;
}

}  // namespace trueno::ir
