// The order of a reduction: the contract's tree, for any state and any merge.
//
// Element i belongs to lane i mod V. 128 rows of V elements are a block; blocks merge lane by lane as a
// binary counter carries; what is left over folds from the right; then the lanes fold by halving. Nothing
// here depends on hardware, which is why every machine can give the same sum. Tests and the interpreter use
// this; back ends must agree with it.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace trueno::ir {

inline constexpr std::size_t kRowsPerBlock = 128;

/// `State` is the V lanes of a block: a value with `State merge(State earlier, const State& later, lanes)`, which joins
/// the first `lanes` lanes of both, and `State upper(state, lanes)`, whose first lanes are those from `lanes` on, in
/// `Rule`.
template <class State, class Rule>
class Tree {
 public:
  Tree(std::size_t lanes, State start, Rule rule)
      : lanes_(lanes), start_(std::move(start)), rule_(std::move(rule)), open_(start_) {}

  /// The lanes the next elements go to: from `lane` on, at most `room` of them; or whole rows, at most `rows`. Then say
  /// how many elements came, those that are missing by a mask included: they take their place.
  struct Next {
    State& state;
    std::size_t lane, room, rows;
  };
  Next next() {
    if (used_ == lanes_ * kRowsPerBlock) close_block();
    const std::size_t lane = used_ % lanes_;
    return {open_, lane, lanes_ - lane, lane == 0 ? kRowsPerBlock - used_ / lanes_ : 0};
  }
  void came(std::size_t elements) { used_ += elements; }

  /// The state of all elements so far, in lane 0; the tree is spent afterwards. Of nothing: the start, merged.
  State finish() {
    if (used_ != 0 || stack_.empty()) close_block();
    State all = std::move(stack_.back().state);
    for (std::size_t i = stack_.size() - 1; i-- > 0;) all = rule_.merge(std::move(stack_[i].state), all, lanes_);
    for (std::size_t half = lanes_ / 2; half != 0; half /= 2) {
      const State upper = rule_.upper(all, half);
      all = rule_.merge(std::move(all), upper, half);
    }
    return all;
  }

 private:
  struct Subtree {
    std::size_t blocks;
    State state;
  };

  void close_block() {
    Subtree carry{1, std::move(open_)};
    while (!stack_.empty() && stack_.back().blocks == carry.blocks) {
      State later = std::move(carry.state);
      carry = {2 * carry.blocks, rule_.merge(std::move(stack_.back().state), later, lanes_)};
      open_ = std::move(later);  // its memory serves the next block
      stack_.pop_back();
    }
    stack_.push_back(std::move(carry));
    open_ = start_;
    used_ = 0;
  }

  std::size_t lanes_;
  State start_;
  Rule rule_;
  State open_;
  std::size_t used_ = 0;  // elements in the open block
  std::vector<Subtree> stack_;
};

}  // namespace trueno::ir
