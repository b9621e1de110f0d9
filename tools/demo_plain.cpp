// Plain loops, in a unit of their own so that the compiler sees neither the data nor the number of repetitions.
//
// They are compiled with -O3 and without fast-math, for the compiler's default processor, as most programs
// are. Without permission to reorder additions the float sums run one addition after the other: that is the
// cost of the obvious loop, and what a fixed tree of additions avoids.
#include "tools/demo_plain.h"

#include <cmath>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")  // in debug builds, too: the comparison is with what users ship
#endif

namespace trueno::tools::plain {

float sum(const float* x, std::size_t n) {
  float total = 0;
  for (std::size_t i = 0; i < n; ++i) total += x[i];
  return total;
}

float mean(const float* x, std::size_t n) { return sum(x, n) / static_cast<float>(n); }

std::int64_t sum(const std::int32_t* x, std::size_t n) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < n; ++i) total += x[i];
  return total;
}

double mean(const std::int32_t* x, std::size_t n) { return static_cast<double>(sum(x, n)) / static_cast<double>(n); }

float mean_sigmoid(const float* x, std::size_t n, float a, float b) {
  float total = 0;
  for (std::size_t i = 0; i < n; ++i) total += 1 / (1 + std::exp(-(a * x[i] + b)));
  return total / static_cast<float>(n);
}

}  // namespace trueno::tools::plain
