// Which inputs a sweep runs over, and the threads that take them chunk by chunk.
//
// Of the types of 32 bits every n-th value, by bits; a stride above 1 adds the special values and their neighbours, so
// that a short run still sees the edges. Of f64 the special values, hard cases, and samples. Chunks are numbered and
// self-contained: any thread can take any of them, and what a sweep reports does not depend on which did.
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

  /// f64: powers of two and their neighbours, what lies about the multiples of 1/2 and of ln(2)/2 up to 1100 (the
  /// ends of reductions, overflow, underflow), NaN with payloads; then `samples` numbers, the same ones every time: any
  /// bits, exponents from -60 to 10, [-16, 16), [-1100, 1100), beside 1, and f32 values, in turn.
  static SweepInputs sampled(std::uint64_t samples);

  std::uint64_t chunks() const { return (specials_.size() + count_ + kSweepChunk - 1) / kSweepChunk; }

  /// Writes chunk number `chunk` to the elements at x; returns how many it has.
  std::size_t fill(std::uint64_t chunk, void* x) const;

 private:
  SweepInputs() = default;
  std::uint64_t at(std::uint64_t i) const;

  std::size_t size_ = 4;  // bytes of an element
  std::uint64_t stride_ = 1, count_ = 0;
  std::vector<std::uint64_t> specials_;
};

/// Calls work(thread, chunk) for each chunk, from `threads` threads. The first error ends it.
Result<void> for_chunks(int threads, std::uint64_t chunks, const std::function<Result<void>(int, std::uint64_t)>& work);

/// The number of threads asked for, or as many as the host has for 0.
int thread_count(int asked);

}  // namespace trueno::tools
