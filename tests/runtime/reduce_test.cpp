// The reductions with no set-up, against a tree of additions written here, from the contract, on its own.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::bits;

namespace {

template <class T>
std::vector<T> values(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<T> out(n);
  for (T& v : out) {
    const double unit = static_cast<double>(random()) / 4294967296.0 * 2 - 1;
    const double scale = std::ldexp(1.0, static_cast<int>(random() % 21));
    v = static_cast<T>(unit * scale);
  }
  return out;
}

// One rounding, and no compiler may fuse it with its neighbours.
template <class T>
T add(T a, T b) {
  volatile T r = a + b;
  return r;
}

/// The lanes of the blocks [from, to): split at the largest power of two below their number.
template <class T>
std::vector<T> tree(const std::vector<T>& x, const std::vector<T>* y, std::size_t from, std::size_t to) {
  constexpr std::size_t kLanes = 256 / sizeof(T), kBlock = 128 * kLanes;
  if (to - from <= 1) {
    std::vector<T> lanes(kLanes, T(0));
    for (std::size_t i = from * kBlock; i < std::min(x.size(), (from + 1) * kBlock); ++i)
      lanes[i % kLanes] = y == nullptr ? add(lanes[i % kLanes], x[i]) : std::fma(x[i], (*y)[i], lanes[i % kLanes]);
    return lanes;
  }
  std::size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  std::vector<T> left = tree(x, y, from, from + split);
  const std::vector<T> right = tree(x, y, from + split, to);
  for (std::size_t i = 0; i < kLanes; ++i) left[i] = add(left[i], right[i]);
  return left;
}

template <class T>
T tree_sum(const std::vector<T>& x, const std::vector<T>* y = nullptr) {
  constexpr std::size_t kLanes = 256 / sizeof(T), kBlock = 128 * kLanes;
  std::vector<T> lanes = tree(x, y, 0, std::max<std::size_t>(1, (x.size() + kBlock - 1) / kBlock));
  for (std::size_t half = kLanes / 2; half >= 1; half /= 2)
    for (std::size_t i = 0; i < half; ++i) lanes[i] = add(lanes[i], lanes[i + half]);
  return lanes[0];
}

const std::size_t kSizes[] = {0,     1,     2,     7,     31,    32,    33,     63,     64,    65,    100,
                              1000,  4095,  4096,  4097,  8191,  8192,  8193,   8229,   16384, 16421, 24576,
                              24577, 32805, 40961, 57381, 65537, 73765, 131072, 131109, 139301};

}  // namespace

TEST_CASE("sum and mean of floats go by the tree") {
  for (const std::size_t n : kSizes) {
    INFO("n = " << n);
    const auto f = values<float>(n, 1);
    const auto d = values<double>(n, 2);
    CHECK(bits(sum(f)) == bits(tree_sum(f)));
    CHECK(bits(sum(d)) == bits(tree_sum(d)));
    if (n == 0) continue;
    CHECK(bits(mean(f)) == bits(static_cast<float>(static_cast<double>(tree_sum(f)) / static_cast<double>(n))));
    CHECK(bits(mean(d)) == bits(tree_sum(d) / static_cast<double>(n)));
  }
}

TEST_CASE("dot goes by the tree, with fma") {
  for (const std::size_t n : kSizes) {
    INFO("n = " << n);
    const auto x = values<float>(n, 3), y = values<float>(n, 4);
    const auto u = values<double>(n, 5), v = values<double>(n, 6);
    CHECK(bits(*dot(x, y)) == bits(tree_sum(x, &y)));
    CHECK(bits(*dot(u, v)) == bits(tree_sum(u, &v)));
  }
  const std::vector<float> two = {1, 2}, three = {1, 2, 3};
  CHECK_FALSE(dot(two, three));
}

TEST_CASE("sums of integers") {
  for (const std::size_t n : kSizes) {
    INFO("n = " << n);
    const auto x = values<std::int32_t>(n, 7);
    std::int64_t right = 0;
    for (const std::int32_t v : x) right += v;
    CHECK(sum(x) == right);
    if (n != 0) CHECK(bits(mean(x)) == bits(static_cast<double>(right) / static_cast<double>(n)));
  }
  const std::vector<std::int32_t> extremes(100, std::numeric_limits<std::int32_t>::min());
  CHECK(sum(extremes) == std::int64_t{100} * std::numeric_limits<std::int32_t>::min());
  const std::vector<std::int64_t> wraps(2, std::numeric_limits<std::int64_t>::max());
  CHECK(sum(wraps) == -2);
}

TEST_CASE("min and max") {
  for (const std::size_t n : kSizes) {
    if (n == 0) continue;
    INFO("n = " << n);
    const auto f = values<float>(n, 8);
    const auto i = values<std::int32_t>(n, 9);
    CHECK(*min(f) == *std::min_element(f.begin(), f.end()));
    CHECK(*max(f) == *std::max_element(f.begin(), f.end()));
    CHECK(*min(i) == *std::min_element(i.begin(), i.end()));
    CHECK(*max(i) == *std::max_element(i.begin(), i.end()));
  }
}

TEST_CASE("min and max: NaN wins, minus zero is below zero") {
  for (const std::size_t n : {1u, 5u, 64u, 100u, 8200u})
    for (std::size_t at = 0; at < n; at += 1 + n / 13) {
      std::vector<float> x(n, 1.0f);
      x[at] = -std::numeric_limits<float>::quiet_NaN();
      CHECK(bits(*min(x)) == 0x7fc00000);
      CHECK(bits(*max(x)) == 0x7fc00000);
      std::vector<float> zeros(n, 0.0f);
      zeros[at] = -0.0f;
      CHECK(bits(*min(zeros)) == 0x80000000);
      std::vector<float> minus(n, -0.0f);
      minus[at] = 0.0f;
      CHECK(bits(*max(minus)) == 0);
    }
}

TEST_CASE("nothing to reduce") {
  CHECK(bits(sum(std::span<const float>())) == 0);
  CHECK(bits(sum(std::span<const double>())) == 0);
  CHECK(sum(std::span<const std::int32_t>()) == 0);
  CHECK(bits(mean(std::span<const float>())) == 0x7fc00000);
  CHECK(bits(mean(std::span<const double>())) == 0x7ff8000000000000);
  CHECK_FALSE(min(std::span<const float>()));
  CHECK_FALSE(max(std::span<const double>()));
  CHECK_FALSE(min(std::span<const std::int32_t>()));
  CHECK_FALSE(max(std::span<const std::int64_t>()));
  CHECK(bits(*dot(std::span<const float>(), std::span<const float>())) == 0);
}

TEST_CASE("a sum of nothing but minus zeros is plus zero") {
  const std::vector<float> x(100, -0.0f);
  CHECK(bits(sum(x)) == 0);
}
