// The order of a reduction: the contract's tree, for any accumulator type and any merge.
//
// Element i belongs to lane i mod V. 128 rows of V elements are a block; blocks merge lane by lane as a
// binary counter carries; what is left over folds from the right; then the lanes fold by halving. Nothing
// here depends on hardware, which is why every machine can give the same sum. Tests and the interpreter use
// this; back ends must agree with it.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace trueno::ir {

inline constexpr std::size_t kRowsPerBlock = 128;
/// 64 lanes of 4 bytes or 32 of 8: 256 bytes either way.
template <class T>
inline constexpr std::size_t kLanes = 256 / sizeof(T);

template <class T>
using Lanes = std::array<T, kLanes<T>>;

/// Merges blocks given in order as a binary counter carries: equal counts merge at once. `merge` acts on
/// two lanes, the earlier one first.
template <class T, class Merge>
class Tree {
 public:
  Tree(T start, Merge merge) : start_(start), merge_(merge) { lanes_.fill(start); }

  /// The lane of the next element. A masked-out element takes its place too, but leaves the lane alone.
  T& next() {
    if (used_ == kLanes<T> * kRowsPerBlock) close_block();
    return lanes_[used_++ % kLanes<T>];
  }

  /// The value over all elements so far; the tree is spent afterwards. Of nothing: the lanes' start, merged.
  T finish() {
    if (used_ != 0 || stack_.empty()) close_block();
    Lanes<T> all = stack_.back().lanes;
    for (std::size_t i = stack_.size() - 1; i-- > 0;) all = merged(stack_[i].lanes, all);
    for (std::size_t half = kLanes<T> / 2; half != 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) all[i] = merge_(all[i], all[i + half]);
    return all[0];
  }

 private:
  struct Subtree {
    std::size_t blocks;
    Lanes<T> lanes;
  };

  Lanes<T> merged(const Lanes<T>& a, const Lanes<T>& b) const {
    Lanes<T> out;
    for (std::size_t i = 0; i < kLanes<T>; ++i) out[i] = merge_(a[i], b[i]);
    return out;
  }

  void close_block() {
    Subtree carry{1, lanes_};
    while (!stack_.empty() && stack_.back().blocks == carry.blocks) {
      carry = {2 * carry.blocks, merged(stack_.back().lanes, carry.lanes)};
      stack_.pop_back();
    }
    stack_.push_back(carry);
    lanes_.fill(start_);
    used_ = 0;
  }

  T start_;
  Merge merge_;
  Lanes<T> lanes_;
  std::size_t used_ = 0;  // elements in the open block
  std::vector<Subtree> stack_;
};

}  // namespace trueno::ir
