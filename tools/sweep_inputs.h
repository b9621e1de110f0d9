// Which inputs a sweep runs over, and the threads that take them chunk by chunk.
//
// An input is 32 bits, whatever type they are read as. A strided sweep adds the special values of the type and their
// neighbours, so that a short run still sees the edges. Chunks are numbered and self-contained: any thread can take
// any of them, and what a sweep reports does not depend on which did.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "trueno/types.h"

namespace trueno::tools {

/// Elements of a chunk at most: small enough that inputs and results stay in a core's cache.
inline constexpr std::size_t kSweepChunk = std::size_t{1} << 14;

class SweepInputs {
 public:
  /// Every stride-th input (0 counts as 1), by bits; of these the first `limit`, 0: all. `type`: f32 or i32.
  SweepInputs(Type type, std::uint64_t stride, std::uint64_t limit);
  std::uint64_t chunks() const { return (specials_.size() + count_ + kSweepChunk - 1) / kSweepChunk; }

  /// Writes chunk number `chunk` to the 4-byte elements at x; returns how many it has.
  std::size_t fill(std::uint64_t chunk, void* x) const;

 private:
  std::uint64_t stride_, count_ = 0;
  std::vector<std::uint32_t> specials_;
};

/// Calls work(thread, chunk) for each chunk, from `threads` threads. The first error ends it.
Result<void> for_chunks(int threads, std::uint64_t chunks, const std::function<Result<void>(int, std::uint64_t)>& work);

/// The number of threads asked for, or as many as the host has for 0.
int thread_count(int asked);

}  // namespace trueno::tools
