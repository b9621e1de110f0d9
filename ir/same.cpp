// Sameness: two graphs with equal results, whatever the order of their nodes and the names in them.
//
// Walks both from the results at once and pairs nodes. Sharing counts (x*x of one product is not x*x of two
// equal ones), but constants and the count are leaves, equal by value: printing repeats them.
#include <vector>

#include "ir/print.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

class Pairing {
 public:
  Pairing(const Kernel& a, const Kernel& b) : a_(a), b_(b), partner_(a.nodes.size(), kNoNode), taken_(b.nodes.size()) {}

  bool pair(NodeId x, NodeId y) {
    pending_.push_back({x, y});
    while (!pending_.empty()) {
      const auto [m, n] = pending_.back();
      pending_.pop_back();
      if (!step(m, n)) return false;
    }
    return true;
  }

 private:
  // Operands are queued, not recursed into: kernels may be deep.
  bool step(NodeId x, NodeId y) {
    const Node &m = a_[x], &n = b_[y];
    if (m.op != n.op || m.type != n.type) return false;
    if (m.op == Op::constant || m.op == Op::param_array || m.op == Op::param_scalar) return m.imm == n.imm;
    if (m.op == Op::count || m.op == Op::index) return true;
    if (partner_[x] != kNoNode || taken_[y]) return partner_[x] == y;
    partner_[x] = y;
    taken_[y] = true;
    if (m.op == Op::call &&
        (a_.calls[m.imm].callee != b_.calls[n.imm].callee || a_.calls[m.imm].masked != b_.calls[n.imm].masked))
      return false;
    if (m.op == Op::reduce && !equal(*a_.reducers[m.imm], *b_.reducers[n.imm])) return false;
    if (m.op == Op::component && m.imm != n.imm) return false;
    if (m.op == Op::table && !equal(a_.tables[m.imm], b_.tables[n.imm])) return false;
    if ((m.mask == kNoNode) != (n.mask == kNoNode)) return false;
    const Operands ms = operands(a_, m), ns = operands(b_, n);
    if (ms.size() != ns.size()) return false;
    for (std::size_t i = 0; i < ms.size(); ++i) pending_.push_back({ms[i], ns[i]});
    return true;
  }

  static bool equal(const Table& a, const Table& b) { return a.type == b.type && a.entries == b.entries; }

  /// Of the library's own a name says all.
  static bool equal(const Reducer& filtered_a, const Reducer& filtered_b) {
    const Reducer &a = without_filter(filtered_a), &b = without_filter(filtered_b);
    if (!same_reducer(a, b)) return false;
    if (a.built_in && b.built_in) return true;
    for (std::size_t i = 0; i < a.state.size(); ++i)
      if (a.state[i].init != b.state[i].init) return false;
    return a.needs_elements == b.needs_elements && same(a.step, b.step) && same(a.merge, b.merge);
  }

  const Kernel& a_;
  const Kernel& b_;
  std::vector<NodeId> partner_;
  std::vector<bool> taken_;
  std::vector<std::pair<NodeId, NodeId>> pending_;
};

}  // namespace

bool same(const Kernel& a, const Kernel& b) {
  if (a.params.size() != b.params.size() || a.outputs.size() != b.outputs.size()) return false;
  for (std::size_t i = 0; i < a.params.size(); ++i)
    if (a.params[i].type != b.params[i].type || a.params[i].stride != b.params[i].stride) return false;
  Pairing pairing(a, b);
  for (std::size_t i = 0; i < a.outputs.size(); ++i)
    if (a.outputs[i].array != b.outputs[i].array || !pairing.pair(a.outputs[i].value, b.outputs[i].value)) return false;
  return true;
}

}  // namespace trueno::ir
