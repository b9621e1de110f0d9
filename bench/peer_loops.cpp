// Plain C++ loops, as anybody would write them: compiled with -O3 -march=native -ffast-math by the compiler of
// this build, and once more by clang if it is there; TRUENO_PEER is the namespace of each copy.
// No header of the standard library with inline code here: its copies for this machine's ISA could be linked
// into everything else.
#include <math.h>

#include "bench/peers.h"

namespace trueno::bench::TRUENO_PEER {
namespace {

float sum(const float* x, std::size_t n) {
  float s = 0;
  for (std::size_t i = 0; i < n; ++i) s += x[i];
  return s;
}

float mean(const float* x, std::size_t n) { return sum(x, n) / static_cast<float>(n); }

float dot(const float* x, const float* y, std::size_t n) {
  float s = 0;
  for (std::size_t i = 0; i < n; ++i) s += x[i] * y[i];
  return s;
}

float min(const float* x, std::size_t n) {
  float m = x[0];
  for (std::size_t i = 0; i < n; ++i) m = x[i] < m ? x[i] : m;
  return m;
}

float max(const float* x, std::size_t n) {
  float m = x[0];
  for (std::size_t i = 0; i < n; ++i) m = x[i] > m ? x[i] : m;
  return m;
}

std::int64_t sum_i32(const std::int32_t* x, std::size_t n) {
  std::int64_t s = 0;
  for (std::size_t i = 0; i < n; ++i) s += x[i];
  return s;
}

void relu_axpb(const float* x, float a, float b, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float v = a * x[i] + b;
    y[i] = v > 0 ? v : 0;
  }
}

float mean_sigmoid(const float* x, float a, float b, std::size_t n) {
  float s = 0;
  for (std::size_t i = 0; i < n; ++i) s += 1 / (1 + expf(-(a * x[i] + b)));
  return s / static_cast<float>(n);
}

void softmax(const float* x, float* __restrict y, std::size_t n) {
  const float m = max(x, n);
  float s = 0;
  for (std::size_t i = 0; i < n; ++i) s += y[i] = expf(x[i] - m);
  const float r = 1 / s;
  for (std::size_t i = 0; i < n; ++i) y[i] *= r;
}

}  // namespace

#ifdef __clang__
constexpr char kName[] = "clang";
#else
constexpr char kName[] = "g++";
#endif

Peer loops() { return {kName, sum, mean, dot, min, max, sum_i32, relu_axpb, mean_sigmoid, softmax}; }

}  // namespace trueno::bench::TRUENO_PEER
