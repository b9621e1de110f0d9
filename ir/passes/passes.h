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

/// Filtered reductions that a scalar result needs elements from.
std::vector<NodeId> find_guards(const Kernel& kernel);

/// The passes over the data a kernel needs: reductions inside expressions split it.
struct Schedule {
  std::vector<std::uint32_t> level;  ///< per node: number of passes that must have ended before it is known
  std::uint32_t passes = 0;          ///< number of loops over the data; >= 1 if anything is varying
  /// Per pass: the reductions it computes. All array outputs are stored in the last pass, so that no pass
  /// stores to what may alias an input that a later pass reads (contract, part 4).
  std::vector<std::vector<NodeId>> reductions;
  bool needs_elements = false;  ///< some result depends on min or max: no elements means Status::empty
  std::vector<NodeId> guards;   ///< Kernel::guards: Status::empty if no element passed (Reducer::some)
};
Schedule schedule(const Kernel& kernel);

}  // namespace trueno::ir
