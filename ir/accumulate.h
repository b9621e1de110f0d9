// One reduction in progress, as the interpreter runs it: rows of elements go in, the state of all comes out.
#pragma once

#include <span>
#include <vector>

#include "ir/evaluate.h"
#include "ir/reducer.h"
#include "ir/tree.h"

namespace trueno::ir {

/// A small kernel of scalar parameters (a step, a merge) evaluated over up to 64 lanes at once.
class Lanewise {
 public:
  static constexpr std::size_t kMost = 64;

  explicit Lanewise(const Kernel& kernel);
  /// out[i] becomes the i-th output, `n` cells; params[i] are n cells each. The two may be the same cells.
  void run(std::span<const Cell* const> params, std::span<Cell* const> out, std::size_t n);

 private:
  const Cell* row(NodeId id) const { return rows_[id]; }
  const Kernel& kernel_;
  std::vector<Cell> cells_;
  std::vector<const Cell*> rows_;  // per node: its cells; of a parameter, the caller's
};

/// What a component of the state of everything is to be known as: a NaN is the canonical one, a zero sum +0.
Cell closed(const Reducer& reducer, std::size_t component, Cell lane);

class Accumulation {
 public:
  /// `reducer` must outlive it.
  explicit Accumulation(const Reducer& reducer);
  /// Takes `n` more elements; operands as in the step, n cells each.
  void add(std::span<const Cell* const> operands, std::size_t n);
  /// The components of the state of everything; spent afterwards. A NaN is the canonical one.
  std::vector<Cell> finish();

 private:
  using State = std::vector<std::vector<Cell>>;  // per component: its lanes
  struct Rule {
    Lanewise* merging;
    State merge(State earlier, const State& later, std::size_t lanes);
    static State upper(const State& state, std::size_t lanes);
  };
  static State start(const Reducer& reducer);

  const Reducer& reducer_;
  Lanewise step_, merge_;
  Tree<State, Rule> tree_;
};

}  // namespace trueno::ir
