// How generated code is driven over the data: within one block by one call, else by blocks and the merge stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/impl.h"

namespace trueno::runtime {

/// Memory for the merge stack: a level for each bit of the number of blocks, and one for the block at hand. One
/// will do for any number of runs over n elements, one after the other.
class MergeStack {
 public:
  MergeStack(const jit::Code& code, std::int64_t n);
  /// False if memory cannot be had.
  bool ok() const { return data_ != nullptr; }
  /// An empty stack for each size of accumulator: counts, then offsets of the tops.
  void* reset();

 private:
  alignas(64) std::byte small_[8192];
  std::unique_ptr<std::byte[]> large_;
  std::byte* data_ = nullptr;
};

/// Whether n elements go by blocks, and need a merge stack.
inline bool by_blocks(const Kernel::Impl& k, std::int64_t n) { return k.code.block != 0 && n > k.code.block; }

/// n beyond one block, pass by pass. `arrays`, `slots`: as for run_code.
void run_blocks(const Kernel::Impl& k, MergeStack& stack, void* const* arrays, std::uint64_t* slots, std::int64_t n);
/// The same with a merge stack of its own. Errors: out_of_memory.
Result<void> run_blocks(const Kernel::Impl& k, void* const* arrays, std::uint64_t* slots, std::int64_t n);

/// After a run: did a filter let nothing pass where a result needs an element? A flag may take 4 bytes.
inline bool turned_out_empty(const Kernel::Impl& k, const std::uint64_t* slots) {
  for (const std::uint32_t guard : k.code.slots.guards)
    if (static_cast<std::uint32_t>(slots[guard]) == 0) return true;
  return false;
}
/// Status::empty; Status::out_of_memory if it cannot be said.
Result<void> all_filtered_out(const Kernel::Impl& k);

/// Runs generated code over n elements: one call within a block, else stretch and finish pass by pass.
/// `arrays`: bases of the array parameters, then of the array outputs. `slots`: of the code's SlotMap, scalar
/// parameters filled in. Errors: out_of_memory.
inline Result<void> run_code(const Kernel::Impl& k, void* const* arrays, std::uint64_t* slots, std::int64_t n) {
  slots[jit::SlotMap::kCount] = static_cast<std::uint64_t>(n);
  if (by_blocks(k, n)) return run_blocks(k, arrays, slots, n);
  k.whole(arrays, slots, 0, n, nullptr);
  return {};
}

}  // namespace trueno::runtime
