// A reduction over the contract's tree, as data: what a lane starts from, what an element does to it, how two
// lanes join.
//
// The state of a lane is one or more components. `step` and `merge` are kernels of scalar parameters, like the
// body of an op; the interpreter evaluates them and back ends put them in line, so neither knows one reduction
// from another. The primitive reductions (sum, sum.fma, min, max) are such data too, made here.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

inline constexpr std::size_t kMaxState = 8;  ///< components of a state; a filter may add one more

struct Reducer {
  struct Component {
    std::string name;
    Type type = Type::f32;
    std::uint64_t init = 0;  ///< bits
  };
  std::string name;
  std::vector<Component> state;
  Kernel step;                        ///< (state..., operands..., mask if masked) -> state
  Kernel merge;                       ///< (state of earlier elements..., state of later ones...) -> state
  std::optional<Type> mask;           ///< its step leaves the state alone where the last operand, this mask, is false
  bool needs_elements = false;        ///< of no elements there is no result: Status::empty
  std::optional<std::uint32_t> some;  ///< the component that tells whether an element passed: not 0
  bool zero_sum = false;              ///< +0 is added at the end: a sum of nothing but -0 is +0
  bool expanded = false;              ///< step and merge are primitives only
  bool built_in = false;              ///< of the library's catalogue: who reads a printed kernel knows it by its name
  std::shared_ptr<const Reducer> unfiltered;  ///< if masked: what it was before
  /// How a back end may fold lanes to one where that has a shorter latency than `merge`: `back` of lanes joined by
  /// `join`, each taken `into` that form first. The same result, but for a NaN's payload.
  struct Folding {
    Kernel into, join, back;
  };
  std::optional<Folding> folding;

  /// V of the contract: 64 for a state of 4-byte components, 32 with one of 8 bytes.
  std::size_t lanes() const;
  /// Is it certain that merging two states gives the same whichever is called the earlier one?
  bool merges_either_way() const;
  std::size_t operands() const { return step.params.size() - state.size() - (mask ? 1 : 0); }
};

/// How one reduction node works. The kernel, if it is of text, is expanded.
const Reducer& reducer_of(const Kernel& kernel, const Node& reduction);

/// The same reducer over the elements where a mask of type `mask` holds. If it needs elements, its state remembers
/// whether there were any.
std::shared_ptr<const Reducer> masked(std::shared_ptr<const Reducer> reducer, Type mask);

/// The reducer before a filter was put into it.
inline const Reducer& without_filter(const Reducer& r) { return r.unfiltered ? *r.unfiltered : r; }

/// Is it the same reducer of one program, with a filter or without? There a name and types stand for one definition.
bool same_reducer(const Reducer& a, const Reducer& b);

}  // namespace trueno::ir
