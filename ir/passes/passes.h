// The passes: each a pure function Kernel -> Kernel in a file of its own; equal bits only.
// They take their kernel by value: move one in where it is not needed any more.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

/// Replaces every call by the definition of its op, recursively, and makes NaN canonical wherever it becomes
/// observable (stores, scalar results, bitcast, the sign operand of copysign) by `canonical` nodes.
/// Errors: too_large beyond kMaxNodes; invalid_text for an op that calls itself.
Result<Kernel> expand(const Kernel& kernel, const Catalogue& ops);

/// One spelling for each meaning: operand order of commuting primitives, gt/ge as lt/le, double negation,
/// a reduction's `where` as a select of the identity, mad as fma, needless conversions and `canonical`.
Kernel canon(Kernel kernel);

/// Constant folding, by the interpreter's meaning of each primitive.
Kernel fold(Kernel kernel);

/// Common subexpressions, found by value.
Kernel cse(Kernel kernel);

/// Drops what no output needs. Parameters stay, as they are the signature.
Kernel dce(Kernel kernel);

/// Called after each pass with its name, for those who want to look.
using Observer = std::function<void(std::string_view pass, const Kernel&)>;

/// expand, then canon, fold, cse, dce: the whole pipeline, readable as this list.
Result<Kernel> optimize(const Kernel& kernel, const Catalogue& ops, const Observer& observer = {});

/// Does a scalar result depend on the min or max of elements?
bool needs_elements(const Kernel& kernel);
/// Filtered reductions that a scalar result needs elements from.
std::vector<NodeId> find_guards(const Kernel& kernel);

/// Per node: the uniform mask without which nothing needs it, as all its users are, in the end, below the slow operand
/// of `rare` with that mask; kNoNode: there is none. Empty: no node has one. What `needed` names is always needed.
std::vector<NodeId> find_conditions(const Kernel& kernel, const std::vector<NodeId>& needed);

/// The passes over the data a kernel needs: reductions inside expressions split it. A value that varies is computed
/// in each pass that needs it, unless one pass keeps it in the array of a result, from where later ones read it.
struct Schedule {
  std::vector<std::uint32_t> level;  ///< per node: number of passes that must have ended before it is known
  std::uint32_t passes = 0;          ///< number of loops over the data; >= 1 if anything is varying
  /// Per pass: the reductions it computes. Results are stored in the last pass, so that no pass stores to what may
  /// alias an input that a later pass reads (contract, part 4).
  std::vector<std::vector<NodeId>> reductions;
  /// Per pass: the uniform mask without which it is left out; kNoNode: it always runs. It is known before the pass, is
  /// no leaf, and is itself always computed. Such a pass reduces and stores nothing.
  std::vector<NodeId> condition;
  /// Per node: a uniform value that is left out with the pass before it, having no other use; empty: none. It may be
  /// read all the same, and is 0 then.
  std::vector<bool> left_out;
  bool needs_elements = false;  ///< some result depends on min or max: no elements means Status::empty
  std::vector<NodeId> guards;   ///< Kernel::guards: Status::empty if no element passed (Reducer::some)
  std::vector<NodeId> kept;     ///< per output: the value its array holds until the last pass; kNoNode: none
  std::uint32_t keeping = ~0u;  ///< the pass that stores what is kept; ~0u: none

  bool last(std::uint32_t pass) const { return pass + 1 == passes; }
  bool conditional(std::uint32_t pass) const { return condition[pass] != kNoNode; }
  bool is_left_out(NodeId id) const { return !left_out.empty() && left_out[id]; }
  /// Are two uniform values computed between the same passes, and always both or none?
  bool together(NodeId a, NodeId b) const { return level[a] == level[b] && is_left_out(a) == is_left_out(b); }
  /// The output from whose array that pass reads a value; ~0u: none, it computes the value.
  std::uint32_t read_back(std::uint32_t pass, NodeId value) const;
};
Schedule schedule(const Kernel& kernel);

/// Decides what is kept, by what it costs to compute it again (keep.cpp); the rest of the schedule is there.
void keep(const Kernel& kernel, Schedule& plan);

/// What a pass stores in arrays: results and what it keeps.
struct Store {
  std::size_t output = 0;
  NodeId value = kNoNode;
};
std::vector<Store> stores(const Kernel& kernel, const Schedule& plan, std::uint32_t pass);

/// What the loop of a pass needs for each element, in order: varying values (what it reads among them), and uniform
/// masks, which are computed again there.
std::vector<NodeId> loop_nodes(const Kernel& kernel, const Schedule& plan, std::uint32_t pass);
inline bool in_loop(const Node& n) { return n.varying || is_mask(n.type); }

}  // namespace trueno::ir
