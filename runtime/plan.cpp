// See plan.h.
#include "runtime/plan.h"

#include <bit>
#include <cstring>
#include <new>

#include "runtime/boundary.h"

namespace trueno::runtime {

MergeStack::MergeStack(const jit::Code& code, std::int64_t n) {
  std::size_t entry = 0;
  for (const jit::PassCode& p : code.passes) entry = p.state_bytes_per_level > entry ? p.state_bytes_per_level : entry;
  const auto blocks = static_cast<std::uint64_t>(n) / 4096 + 1;
  const std::size_t bytes =
      jit::PassCode::kStateHeader + (static_cast<std::size_t>(std::bit_width(blocks)) + 1) * entry;
  if (bytes > sizeof(small_)) large_.reset(new (std::nothrow) std::byte[bytes]);
  static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= jit::PassCode::kStateAlignment);
  data_ = bytes > sizeof(small_) ? large_.get() : small_;
}

void* MergeStack::reset() {
  const std::uint64_t header[4] = {0, 0, jit::PassCode::kStateHeader, jit::PassCode::kStateHeader};
  std::memcpy(data_, header, sizeof(header));
  return data_;
}

Result<void> all_filtered_out(const Kernel::Impl& k) {
  return guarded([&]() -> Result<void> {
    return Error(Status::empty, "kernel '" + k.optimized.name + "': min or max of elements that are all filtered out");
  });
}

void run_blocks(const Kernel::Impl& k, MergeStack& stack, void* const* arrays, std::uint64_t* slots, std::int64_t n) {
  for (const jit::PassCode& pass : k.code.passes) {
    void* const state = stack.reset();
    k.entry(pass.stretch)(arrays, slots, 0, n, state);
    k.entry(pass.finish)(arrays, slots, 0, n, state);
  }
}

Result<void> run_blocks(const Kernel::Impl& k, void* const* arrays, std::uint64_t* slots, std::int64_t n) {
  MergeStack stack(k.code, n);
  if (!stack.ok()) return Error::out_of_memory();
  run_blocks(k, stack, arrays, slots, n);
  return {};
}

}  // namespace trueno::runtime
