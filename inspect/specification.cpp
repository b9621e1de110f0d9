// See specification.h.
#include "inspect/specification.h"

#include <fmt/format.h>

#include "ir/reducer.h"
#include "ir/tree.h"

namespace trueno::inspect {
namespace {

using ir::NodeId;
using ir::Op;
using Values = std::vector<std::vector<TermId>>;

std::uint8_t width_of(Type type) { return is_mask(type) ? 1 : static_cast<std::uint8_t>(bits_of(type)); }

/// The outputs of a step or a merge on terms.
std::vector<TermId> instantiate(Terms& terms, const ir::Kernel& body, const std::vector<TermId>& params) {
  std::vector<TermId> values(body.nodes.size());
  for (NodeId id = 0; id < body.nodes.size(); ++id) {
    const ir::Node& n = body[id];
    TermId args[3] = {};
    for (int i = 0; i < n.arity; ++i) args[i] = values[n.args[i]];
    values[id] = n.op == Op::param_scalar ? params[n.imm]
                 : n.op == Op::constant   ? terms.constant(width_of(n.type), n.imm)
                                          : terms.primitive(body, n, {args, n.arity});
  }
  std::vector<TermId> out;
  for (const ir::Output& o : body.outputs) out.push_back(values[o.value]);
  return out;
}

using State = std::vector<std::vector<TermId>>;  // per component: its lanes

struct Rule {
  Terms* terms;
  const ir::Reducer* reducer;
  std::vector<HeldInstead>* held_instead;
  void hold_instead(TermId value) const {
    if (reducer->folding)
      for (const TermId t : instantiate(*terms, reducer->folding->into, {value})) held_instead->push_back({t, value});
  }
  State merge(State earlier, const State& later, std::size_t lanes) const {
    constexpr std::size_t kMostInVector = 16;  // lanes that meet within a vector
    std::vector<TermId> params(2 * earlier.size());
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (std::size_t c = 0; c < earlier.size(); ++c)
        params[c] = earlier[c][lane], params[earlier.size() + c] = later[c][lane];
      const std::vector<TermId> joined = instantiate(*terms, reducer->merge, params);
      if (lanes <= kMostInVector) hold_instead(params[0]), hold_instead(params[1]), hold_instead(joined[0]);
      for (std::size_t c = 0; c < earlier.size(); ++c) earlier[c][lane] = joined[c];
    }
    return earlier;
  }
  static State upper(const State& state, std::size_t lanes) {
    State out;
    for (const auto& c : state) out.emplace_back(c.begin() + static_cast<std::ptrdiff_t>(lanes), c.end());
    return out;
  }
};

/// All components of a reduction of n elements.
std::vector<TermId> reduce(Terms& terms, const ir::Kernel& k, const ir::Node& node, const Values& values,
                           const Given& given, std::vector<HeldInstead>& held_instead) {
  const ir::Reducer& reducer = ir::reducer_of(k, node);
  State start;
  for (const ir::Reducer::Component& c : reducer.state)
    start.emplace_back(reducer.lanes(), terms.constant(width_of(c.type), c.init));
  ir::Tree<State, Rule> tree(reducer.lanes(), std::move(start), Rule{&terms, &reducer, &held_instead});
  const std::size_t components = reducer.state.size();
  std::vector<TermId> params;
  std::size_t at = 0, in_block = 0;
  for (std::size_t e = 0; e < given.n(); ++e, ++in_block) {
    if (in_block == given.blocks[at].count) {  // the rest of its block is missing
      if (const std::size_t rest = in_block % (reducer.lanes() * ir::kRowsPerBlock))
        tree.came(reducer.lanes() * ir::kRowsPerBlock - rest);
      ++at, in_block = 0;
    }
    const auto next = tree.next();
    params.clear();
    for (std::size_t c = 0; c < components; ++c) params.push_back(next.state[c][next.lane]);
    for (const NodeId operand : ir::operands(k, node)) params.push_back(values[operand][k[operand].varying ? e : 0]);
    const std::vector<TermId> stepped = instantiate(terms, reducer.step, params);
    for (std::size_t c = 0; c < components; ++c) next.state[c][next.lane] = stepped[c];
    tree.came(1);
  }
  const State all = tree.finish();
  std::vector<TermId> out;
  for (std::size_t c = 0; c < components; ++c) out.push_back(all[c][0]);
  if (reducer.zero_sum) {  // a sum of nothing but -0 is +0
    ir::Kernel sum;
    sum.nodes.resize(3);
    for (ir::Node& part : sum.nodes) part.type = node.type;
    sum.nodes[2].op = Op::add, sum.nodes[2].arity = 2, sum.nodes[2].args[0] = 0, sum.nodes[2].args[1] = 1;
    const TermId args[2] = {out[0], terms.constant(width_of(node.type), 0)};
    out[0] = terms.primitive(sum, sum.nodes[2], args);
  }
  return out;
}

}  // namespace

Given make_leaves(Terms& terms, const ir::Kernel& kernel, const std::vector<ElementBlock>& blocks) {
  Given given{blocks, {}, {}, {}};
  for (const ElementBlock& b : blocks)
    for (std::size_t e = 0; e < b.count; ++e) given.positions.push_back(b.begin + e);
  for (const ir::Param& p : kernel.params) {
    std::vector<TermId>& own = given.elements.emplace_back();
    given.scalars.push_back(0);
    if (!p.is_array()) {
      terms.name_leaf(given.scalars.back() = terms.leaf(p.type), p.name);
      continue;
    }
    for (const std::size_t e : given.positions) {
      own.push_back(terms.leaf(p.type));
      terms.name_leaf(own.back(), fmt::format("{}[{}]", p.name, e));
    }
  }
  return given;
}

Specification specify(Terms& terms, const ir::Kernel& k, const Given& given) {
  Specification out;
  Values& values = out.values;
  values.resize(k.nodes.size());
  std::vector<std::vector<TermId>> states(k.nodes.size());  // per reduction: its components
  for (NodeId id = 0; id < k.nodes.size(); ++id) {
    const ir::Node& n = k[id];
    if (ir::is_reduction(n.op)) states[id] = reduce(terms, k, n, values, given, out.held_instead);
    const std::size_t count = n.varying ? given.n() : 1;
    for (std::size_t e = 0; e < count; ++e) {
      TermId args[3] = {};
      for (int i = 0; i < n.arity && !ir::is_reduced(n.op); ++i)
        args[i] = values[n.args[i]][k[n.args[i]].varying ? e : 0];
      TermId value = 0;
      if (n.op == Op::param_array)
        value = given.elements[n.imm][e];
      else if (n.op == Op::param_scalar)
        value = given.scalars[n.imm];
      else if (n.op == Op::constant)
        value = terms.constant(width_of(n.type), n.imm);
      else if (n.op == Op::count || n.op == Op::index)
        value = terms.constant(64, n.op == Op::count ? given.n() : given.positions[e]);
      else if (ir::is_reduction(n.op))
        value = states[id][0];
      else if (n.op == Op::component)
        value = states[n.args[0]][n.imm];
      else
        value = terms.primitive(k, n, {args, n.arity});
      values[id].push_back(value);
    }
  }
  return out;
}

}  // namespace trueno::inspect
