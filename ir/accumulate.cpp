// See accumulate.h.
#include "ir/accumulate.h"

#include <algorithm>

#include "ir/meaning.h"

namespace trueno::ir {

Lanewise::Lanewise(const Kernel& kernel)
    : kernel_(kernel), cells_(kernel.nodes.size() * kMost), rows_(kernel.nodes.size()) {
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    rows_[id] = cells_.data() + id * kMost;
    if (kernel[id].op == Op::constant) std::fill_n(cells_.data() + id * kMost, kMost, kernel[id].imm);
  }
}

void Lanewise::run(std::span<const Cell* const> params, std::span<Cell* const> out, std::size_t n) {
  for (NodeId id = 0; id < kernel_.nodes.size(); ++id) {
    const Node& node = kernel_[id];
    if (node.op == Op::param_scalar) rows_[id] = params[node.imm];
    if (is_leaf(node.op)) continue;
    const auto operand = [&](int i) { return i < node.arity ? rows_[node.args[i]] : nullptr; };
    evaluate(kernel_, node, {operand(0), operand(1), operand(2), cells_.data() + id * kMost, n});
  }
  // A parameter may be an output: everything is read before anything is written.
  std::vector<Cell> results(out.size() * n);
  for (std::size_t i = 0; i < out.size(); ++i) std::copy_n(rows_[kernel_.outputs[i].value], n, results.data() + i * n);
  for (std::size_t i = 0; i < out.size(); ++i) std::copy_n(results.data() + i * n, n, out[i]);
}

Accumulation::Accumulation(const Reducer& reducer)
    : reducer_(reducer),
      step_(reducer.step),
      merge_(reducer.merge),
      tree_(reducer.lanes(), start(reducer), Rule{&merge_}) {}

Accumulation::State Accumulation::start(const Reducer& reducer) {
  State state;
  for (const Reducer::Component& c : reducer.state) state.emplace_back(reducer.lanes(), c.init);
  return state;
}

Accumulation::State Accumulation::Rule::merge(State earlier, const State& later, std::size_t lanes) {
  std::vector<const Cell*> params;
  std::vector<Cell*> results;
  for (std::vector<Cell>& component : earlier) params.push_back(component.data()), results.push_back(component.data());
  for (const std::vector<Cell>& component : later) params.push_back(component.data());
  merging->run(params, results, lanes);
  return earlier;
}

Accumulation::State Accumulation::Rule::upper(const State& state, std::size_t lanes) {
  State out;
  for (const std::vector<Cell>& component : state)
    out.emplace_back(component.begin() + static_cast<std::ptrdiff_t>(lanes), component.end());
  return out;
}

void Accumulation::add(std::span<const Cell* const> operands, std::size_t n) {
  std::vector<const Cell*> params(reducer_.state.size() + operands.size());
  std::vector<Cell*> results(reducer_.state.size());
  for (std::size_t i = 0; i < n;) {
    const auto next = tree_.next();
    const std::size_t count = std::min(next.room, n - i);
    for (std::size_t c = 0; c < results.size(); ++c) params[c] = results[c] = next.state[c].data() + next.lane;
    for (std::size_t a = 0; a < operands.size(); ++a) params[results.size() + a] = operands[a] + i;
    step_.run(params, results, count);
    tree_.came(count);
    i += count;
  }
}

Cell closed(const Reducer& reducer, std::size_t component, Cell lane) {
  const Type type = reducer.state[component].type;
  if (is_mask(type)) return lane;
  return with_number(type, [&](auto t) {
    using T = decltype(t);
    const T value = from_cell<T>(lane);
    return to_cell(meaning::canonical(reducer.zero_sum ? meaning::add(value, T{0}) : value));
  });
}

std::vector<Cell> Accumulation::finish() {
  const State all = tree_.finish();
  std::vector<Cell> out;
  for (std::size_t c = 0; c < all.size(); ++c) out.push_back(closed(reducer_, c, all[c][0]));
  return out;
}

}  // namespace trueno::ir
