// Inputs and threads of a sweep (sweep_inputs.h).
#include "tools/sweep_inputs.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numbers>
#include <thread>

namespace trueno::tools {
namespace {

constexpr std::uint64_t kAllInputs = std::uint64_t{1} << 32;
constexpr std::int32_t kNeighbours = 16;

void add_with_neighbours(std::vector<std::uint64_t>& inputs, std::uint32_t value) {
  for (std::int32_t away = -kNeighbours; away <= kNeighbours; ++away)
    inputs.push_back(value + static_cast<std::uint32_t>(away));
}

/// The inputs a stride would jump over and nobody wants to miss. f32: powers of two, zeros, the ends of the
/// subnormals and of the finite numbers, NaN with payloads. i32: powers of two, sums of two neighbouring ones (where
/// rounding to 24 bits ties), and the ends, of both signs.
std::vector<std::uint64_t> special_inputs(Type type) {
  std::vector<std::uint64_t> inputs;
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

void add_with_neighbours(std::vector<std::uint64_t>& inputs, double value) {
  for (std::int64_t away = -kNeighbours; away <= kNeighbours; ++away)
    inputs.push_back(std::bit_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(away));
}

std::vector<std::uint64_t> hard_f64() {
  std::vector<std::uint64_t> inputs;
  for (std::uint64_t exponent = 0; exponent <= 2047; ++exponent)
    for (const std::uint64_t sign : {std::uint64_t{0}, std::uint64_t{1} << 63})
      add_with_neighbours(inputs, std::bit_cast<double>(sign | exponent << 52));
  for (int k = -2200; k <= 2200; ++k) {
    add_with_neighbours(inputs, k * 0.5);
    add_with_neighbours(inputs, k * (0.5 * std::numbers::ln2));
  }
  for (const std::uint64_t nan :
       {0x7ff8000000000000u, 0xfff8000000000000u, 0x7fffffffffffffffu, 0xffffffffffffffffu, 0x7ff5a5a5a5a5a5a5u})
    inputs.push_back(nan);
  return inputs;
}

/// Splitmix64 of a counter: any sample can be made by itself.
std::uint64_t random_of(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// In [-1, 1).
double unit(std::uint64_t random) { return static_cast<double>(static_cast<std::int64_t>(random)) * 0x1p-63; }

double sample_f64(std::uint64_t i) {
  const std::uint64_t random = random_of(2 * i), other = random_of(2 * i + 1);
  switch (i % 6) {
    case 0: return std::bit_cast<double>(random);
    case 1: return std::bit_cast<double>((random & 0x800fffffffffffff) | (1023 - 60 + other % 71) << 52);
    case 2: return 16 * unit(random);
    case 3: return 1100 * unit(random);
    case 4: return 1 + std::ldexp(unit(random), -static_cast<int>(other % 53));
    default: return std::bit_cast<float>(static_cast<std::uint32_t>(random));
  }
}

}  // namespace

SweepInputs SweepInputs::sampled(std::uint64_t samples) {
  SweepInputs inputs;
  inputs.size_ = 8;
  inputs.count_ = samples;
  inputs.specials_ = hard_f64();
  return inputs;
}

SweepInputs::SweepInputs(Type type, std::uint64_t stride, std::uint64_t limit)
    : stride_(std::max<std::uint64_t>(stride, 1)) {
  if (stride_ > 1) specials_ = special_inputs(type);
  const std::uint64_t all = (kAllInputs + stride_ - 1) / stride_;
  count_ = limit == 0 ? all : std::min(all, limit);
}

std::uint64_t SweepInputs::at(std::uint64_t i) const {
  if (i < specials_.size()) return specials_[i];
  i -= specials_.size();
  return size_ == 4 ? i * stride_ : std::bit_cast<std::uint64_t>(sample_f64(i));
}

std::size_t SweepInputs::fill(std::uint64_t chunk, void* x) const {
  const std::uint64_t begin = chunk * kSweepChunk;
  const std::uint64_t end = std::min<std::uint64_t>(begin + kSweepChunk, specials_.size() + count_);
  auto* element = static_cast<unsigned char*>(x);
  for (std::uint64_t i = begin; i < end; ++i, element += size_) {
    const std::uint64_t bits = at(i);
    std::memcpy(element, &bits, size_);  // never through a float: a signalling NaN must stay one
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
