// Inputs and threads of a sweep (sweep_inputs.h).
#include "tools/sweep_inputs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>

namespace trueno::tools {
namespace {

constexpr std::uint64_t kAllInputs = std::uint64_t{1} << 32;
constexpr std::int32_t kNeighbours = 16;

void add_with_neighbours(std::vector<std::uint32_t>& inputs, std::uint32_t value) {
  for (std::int32_t away = -kNeighbours; away <= kNeighbours; ++away)
    inputs.push_back(value + static_cast<std::uint32_t>(away));
}

/// The inputs a stride would jump over and nobody wants to miss. f32: powers of two, zeros, the ends of the
/// subnormals and of the finite numbers, NaN with payloads. i32: powers of two, sums of two neighbouring ones (where
/// rounding to 24 bits ties), and the ends, of both signs.
std::vector<std::uint32_t> special_inputs(Type type) {
  std::vector<std::uint32_t> inputs;
  if (type == Type::f32) {
    for (std::uint32_t exponent = 0; exponent <= 255; ++exponent)
      for (const std::uint32_t sign : {0u, 0x80000000u}) add_with_neighbours(inputs, sign | exponent << 23);
    for (const std::uint32_t nan : {0x7fc00000u, 0xffc00000u, 0x7fffffffu, 0xffffffffu, 0x7fa5a5a5u})
      inputs.push_back(nan);
    return inputs;
  }
  add_with_neighbours(inputs, 0);
  for (int bit = 0; bit < 32; ++bit)
    for (const std::uint32_t magnitude : {1u << bit, 3u << bit}) {
      add_with_neighbours(inputs, magnitude);
      add_with_neighbours(inputs, 0u - magnitude);
    }
  return inputs;
}

}  // namespace

SweepInputs::SweepInputs(Type type, std::uint64_t stride, std::uint64_t limit)
    : stride_(std::max<std::uint64_t>(stride, 1)) {
  if (stride_ > 1) specials_ = special_inputs(type);
  const std::uint64_t all = (kAllInputs + stride_ - 1) / stride_;
  count_ = limit == 0 ? all : std::min(all, limit);
}

std::size_t SweepInputs::fill(std::uint64_t chunk, void* x) const {
  const std::uint64_t begin = chunk * kSweepChunk;
  const std::uint64_t end = std::min<std::uint64_t>(begin + kSweepChunk, specials_.size() + count_);
  auto* at = static_cast<unsigned char*>(x);
  for (std::uint64_t i = begin; i < end; ++i, at += sizeof(std::uint32_t)) {
    const std::uint32_t bits =
        i < specials_.size() ? specials_[i] : static_cast<std::uint32_t>((i - specials_.size()) * stride_);
    std::memcpy(at, &bits, sizeof bits);  // never through a float: a signalling NaN must stay one
  }
  return static_cast<std::size_t>(end - begin);
}

Result<void> for_chunks(int threads, std::uint64_t chunks,
                        const std::function<Result<void>(int, std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;
  std::optional<Error> failure;
  const auto loop = [&](int thread) {
    for (std::uint64_t chunk; (chunk = next++) < chunks;) {
      auto done = work(thread, chunk);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (!failure) failure = done.error();
      next = chunks;
    }
  };
  std::vector<std::jthread> pool;
  for (int thread = 1; thread < threads; ++thread) pool.emplace_back(loop, thread);
  loop(0);
  pool.clear();  // joins
  if (failure) return *failure;
  return {};
}

int thread_count(int asked) {
  if (asked > 0) return asked;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace trueno::tools
