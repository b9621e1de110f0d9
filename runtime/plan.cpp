// How generated code is driven over the data: within one block by one call, else by blocks and the merge stack.
#include <bit>
#include <cstring>
#include <memory>
#include <new>

#include "runtime/impl.h"

namespace trueno::runtime {

namespace {

/// Memory for the merge stack: a level for each bit of the number of blocks, and one for the block at hand.
class State {
 public:
  State(const jit::Code& code, std::int64_t n) {
    std::size_t entry = 0;
    for (const jit::PassCode& p : code.passes)
      entry = p.state_bytes_per_level > entry ? p.state_bytes_per_level : entry;
    const auto blocks = static_cast<std::uint64_t>(n) / 4096 + 1;
    const std::size_t bytes =
        jit::PassCode::kStateHeader + (static_cast<std::size_t>(std::bit_width(blocks)) + 1) * entry;
    if (bytes > sizeof(small_)) large_.reset(new (std::nothrow) std::byte[bytes]);
    data_ = bytes > sizeof(small_) ? large_.get() : small_;
  }
  bool ok() const { return data_ != nullptr; }
  /// An empty stack for each size of accumulator: counts, then offsets of the tops.
  void* reset() {
    const std::uint64_t header[4] = {0, 0, jit::PassCode::kStateHeader, jit::PassCode::kStateHeader};
    std::memcpy(data_, header, sizeof(header));
    return data_;
  }

 private:
  alignas(64) std::byte small_[8192];
  std::unique_ptr<std::byte[]> large_;
  std::byte* data_ = nullptr;
};

}  // namespace

Result<void> run_blocks(const Kernel::Impl& k, void* const* arrays, std::uint64_t* slots, std::int64_t n) {
  State state(k.code, n);
  if (!state.ok()) return Error(Status::internal, "no memory for the merge stack of '" + k.optimized.name + "'");
  for (const jit::PassCode& pass : k.code.passes) {
    void* const stack = state.reset();
    k.entry(pass.stretch)(arrays, slots, 0, n, stack);
    k.entry(pass.finish)(arrays, slots, 0, n, stack);
  }
  return {};
}

}  // namespace trueno::runtime
