// Decides which values a pass keeps in the arrays of results, for later passes to read instead of computing them anew.
//
// The array of a result may be that of an argument, so it may be stored to only when no later pass reads an argument
// of that element size (contract, part 4): what is kept must stand between those passes and all such arguments. In the
// graph of a pass, a value dominates what nothing but it needs; reading it back saves all of that, arguments included.
// Costs are counted in primitives, the same for every machine; those of a pass that hardly ever runs count nothing, and
// it cannot be the one that stores. What is kept keeps its type and its bits.
#include <algorithm>

#include "ir/passes/passes.h"

namespace trueno::ir {
namespace {

/// Of storing a value and reading it back: about what an element costs in memory traffic.
constexpr std::uint64_t kKeepCost = 8;
/// Only that many passes before the last are considered: what stands further back has had many readers in between.
constexpr std::uint32_t kReach = 8;

/// Simple arithmetic is 1.
std::uint64_t cost(const Node& n) {
  switch (n.op) {
    case Op::div:
    case Op::rem:
    case Op::sqrt: return 8;
    case Op::ldexp:
    case Op::ldexp_near:
    case Op::exponent:
    case Op::significand:
    case Op::table: return 4;
    case Op::convert: return 2;
    default: return is_leaf(n.op) ? 0 : 1;
  }
}

std::size_t bytes_of(const Kernel& kernel, NodeId id) { return stored_bytes(kernel[id].type); }

/// What reading a value back would save the passes after `keeping`, all together.
struct Gain {
  std::uint64_t cost = 0;
  std::uint64_t arguments = 0;  ///< reads of arguments of the element size asked for
};

/// Immediate dominators: users stand behind their operands, so that a dominator has the greater number, and of two
/// paths to the roots (kNoNode, the greatest number) the one at the lesser number can go on.
std::vector<NodeId> dominators(const Kernel& kernel, const std::vector<NodeId>& nodes, const Schedule& plan,
                               std::uint32_t pass) {
  constexpr NodeId kUnseen = 0;  // no node dominates another from there
  std::vector<NodeId> above(kernel.nodes.size(), kUnseen);
  const auto meet = [&](NodeId a, NodeId b) {
    while (a != b) (a < b ? a : b) = above[std::min(a, b)];
    return a;
  };
  const auto use = [&](NodeId id, NodeId user) { above[id] = above[id] == kUnseen ? user : meet(above[id], user); };
  for (const Store& store : stores(kernel, plan, pass)) use(store.value, kNoNode);
  for (NodeId r : plan.reductions[pass])
    for (NodeId operand : operands(kernel, kernel[r])) use(operand, kNoNode);
  for (auto id = nodes.rbegin(); id != nodes.rend(); ++id)
    if (plan.read_back(pass, *id) == ~0u)
      for (NodeId operand : operands(kernel, kernel[*id])) use(operand, *id);
  return above;
}

std::vector<Gain> gains(const Kernel& kernel, const Schedule& plan, std::size_t bytes) {
  std::vector<Gain> all(kernel.nodes.size());
  for (std::uint32_t pass = plan.keeping + 1; pass < plan.passes; ++pass) {
    const std::vector<NodeId> nodes = loop_nodes(kernel, plan, pass);
    const std::vector<NodeId> above = dominators(kernel, nodes, plan, pass);
    std::vector<Gain> here(kernel.nodes.size());
    for (NodeId id : nodes) {
      if (plan.read_back(pass, id) != ~0u) continue;
      here[id].cost += cost(kernel[id]);
      here[id].arguments += kernel[id].op == Op::param_array && bytes_of(kernel, id) == bytes;
      all[id].cost += here[id].cost, all[id].arguments += here[id].arguments;
      if (above[id] == kNoNode) continue;
      here[above[id]].cost += here[id].cost, here[above[id]].arguments += here[id].arguments;
    }
  }
  return all;
}

/// Of what the keeping pass computes anyway: the value whose return saves most, arguments first.
NodeId best_for(const Kernel& kernel, const Schedule& plan, const Output& output) {
  const Type type = kernel[output.value].type;
  const std::vector<Gain> all = gains(kernel, plan, stored_bytes(type));
  NodeId best = kNoNode;
  for (NodeId id : loop_nodes(kernel, plan, plan.keeping)) {
    const Node& n = kernel[id];
    if (!n.varying || n.type != type || is_leaf(n.op)) continue;
    if (all[id].cost <= kKeepCost && all[id].arguments == 0) continue;
    const auto rank = [&](NodeId v) { return std::pair(all[v].arguments, all[v].cost); };
    if (best == kNoNode || rank(id) >= rank(best)) best = id;
  }
  return best;
}

/// True if a pass after the keeping one reads an argument of that size.
bool reads_later(const Kernel& kernel, const Schedule& plan, std::size_t bytes) {
  for (std::uint32_t pass = plan.keeping + 1; pass < plan.passes; ++pass)
    for (NodeId id : loop_nodes(kernel, plan, pass))
      if (kernel[id].op == Op::param_array && bytes_of(kernel, id) == bytes) return true;
  return false;
}

/// Takes back what may not be kept; that can make other passes read more arguments, of another size.
void withdraw(const Kernel& kernel, Schedule& plan) {
  for (bool again = true; again;) {
    again = false;
    for (NodeId& kept : plan.kept)
      if (kept != kNoNode && reads_later(kernel, plan, bytes_of(kernel, kept))) kept = kNoNode, again = true;
  }
}

std::uint64_t cost(const Kernel& kernel, const Schedule& plan, std::uint32_t from) {
  std::uint64_t sum = 0;
  for (NodeId kept : plan.kept) sum += kept != kNoNode ? kKeepCost : 0;
  for (std::uint32_t pass = from; pass < plan.passes; ++pass) {
    if (plan.conditional(pass)) continue;
    for (NodeId id : loop_nodes(kernel, plan, pass)) sum += plan.read_back(pass, id) == ~0u ? cost(kernel[id]) : 0;
  }
  return sum;
}

}  // namespace

void keep(const Kernel& kernel, Schedule& plan) {
  plan.kept.assign(kernel.outputs.size(), kNoNode);
  const auto room = [&](const Output& o) { return o.array && is_number(kernel[o.value].type); };
  if (plan.passes < 2 || std::none_of(kernel.outputs.begin(), kernel.outputs.end(), room)) return;
  const std::uint32_t first = plan.passes - 1 - std::min(plan.passes - 1, kReach);
  Schedule best = plan;
  std::uint64_t least = cost(kernel, plan, first);
  for (std::uint32_t pass = first; pass + 1 < plan.passes; ++pass) {
    if (plan.conditional(pass)) continue;
    Schedule candidate = plan;
    candidate.keeping = pass;
    for (std::size_t i = 0; i < kernel.outputs.size(); ++i)
      if (room(kernel.outputs[i])) candidate.kept[i] = best_for(kernel, candidate, kernel.outputs[i]);
    withdraw(kernel, candidate);
    const std::uint64_t now = cost(kernel, candidate, first);
    if (now < least) least = now, best = std::move(candidate);
  }
  plan = std::move(best);
}

}  // namespace trueno::ir
