// What the memory and the multipliers of this machine can do, by kernels that do nothing else: see limits.h.
// Work::n is a number of bytes here. Whole vectors only: the last may go beyond the end, which costs as much as a tail.
#include <immintrin.h>

#include "bench/limits.h"

namespace trueno::bench {
namespace {

#if defined(__AVX512F__)
#define TRUENO_WIDEST 64
#elif defined(__AVX__)
#define TRUENO_WIDEST 32
#else
#define TRUENO_WIDEST 16
#endif

template <int bytes>
using Bits __attribute__((vector_size(bytes), may_alias)) = long long;
template <class T, int bytes>
using Lanes __attribute__((vector_size(bytes), may_alias)) = T;

template <int bytes>
void keep(Bits<bytes> v, void* where) {
  *static_cast<Bits<bytes>*>(where) = v;
}

/// Reads `arrays` arrays, in `chains` chains of or.
template <int bytes, int chains, int arrays>
void read(const Work& w) {
  using V = Bits<bytes>;
  const char *x = static_cast<const char*>(w.x), *y = static_cast<const char*>(w.y);
  V acc[chains] = {};
  std::size_t i = 0;
  const auto load = [&](std::size_t at) {
    const V v = *reinterpret_cast<const V*>(x + at);
    return arrays == 1 ? v : v ^ *reinterpret_cast<const V*>(y + at);
  };
  for (; i + bytes * chains <= w.n; i += bytes * chains)
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) acc[c] |= load(i + static_cast<std::size_t>(c) * bytes);
  for (; i < w.n; i += bytes) acc[0] |= load(i);
  for (int c = 1; c < chains; ++c) acc[0] |= acc[c];
  keep<bytes>(acc[0], w.state);
}

enum class Store { plain, past_the_caches };

template <int bytes, Store how>
void store(char* at, Bits<bytes> v) {
  if constexpr (how == Store::past_the_caches) {
#if TRUENO_WIDEST == 64
    if constexpr (bytes == 64) return _mm512_stream_si512(reinterpret_cast<__m512i*>(at), (__m512i)v);
#endif
#if TRUENO_WIDEST >= 32
    if constexpr (bytes == 32) return _mm256_stream_si256(reinterpret_cast<__m256i*>(at), (__m256i)v);
#endif
    if constexpr (bytes == 16) return _mm_stream_si128(reinterpret_cast<__m128i*>(at), (__m128i)v);
  }
  *reinterpret_cast<Bits<bytes>*>(at) = v;
}

/// out = f(x), where f is the least work that no compiler turns into a call of memcpy; `x` may be `out`.
template <int bytes, int chains, Store how, bool in_place>
void write(const Work& w) {
  using V = Bits<bytes>;
  char* out = static_cast<char*>(w.out);
  const char* x = in_place ? out : static_cast<const char*>(w.x);
  const V mask = V{} + static_cast<long long>(w.n);
  std::size_t i = 0;
  const auto step = [&](std::size_t at) { store<bytes, how>(out + at, *reinterpret_cast<const V*>(x + at) ^ mask); };
  for (; i + bytes * chains <= w.n; i += bytes * chains)
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) step(i + static_cast<std::size_t>(c) * bytes);
  for (; i < w.n; i += bytes) step(i);
  if constexpr (how == Store::past_the_caches) _mm_sfence();
}

/// n steps of 10 independent chains of multiply-and-add.
template <class T, int bytes>
void multiply_add(const Work& w) {
  using V = Lanes<T, bytes>;
  constexpr int kChains = 10;
  V acc[kChains];
  for (int c = 0; c < kChains; ++c) acc[c] = V{} + static_cast<T>(c);
  const V m = V{} + static_cast<T>(w.a), b = V{} + static_cast<T>(w.b);
  for (std::size_t i = 0; i < w.n; ++i)
#pragma GCC unroll 16
    for (int c = 0; c < kChains; ++c) acc[c] = acc[c] * m + b;
  for (int c = 1; c < kChains; ++c) acc[0] += acc[c];
  *static_cast<V*>(w.state) = acc[0];
}
template <class T, int bytes>
constexpr double flops_per_step = 2.0 * 10 * bytes / sizeof(T);

#define TRUENO_READS(bytes)                                                                                   \
  {Pattern::read, read<bytes, 4, 1>}, {Pattern::read, read<bytes, 8, 1>}, {Pattern::read, read<bytes, 1, 1>}, \
      {Pattern::read_two, read<bytes, 2, 2>}, {Pattern::read_two, read<bytes, 4, 2>}, {                       \
    Pattern::read_two, read<bytes, 1, 2>                                                                      \
  }
#define TRUENO_WRITES(bytes)                                                                                    \
  {Pattern::copy, write<bytes, 1, Store::plain, false>}, {Pattern::copy, write<bytes, 4, Store::plain, false>}, \
      {Pattern::copy, write<bytes, 4, Store::past_the_caches, false>},                                          \
      {Pattern::in_place, write<bytes, 1, Store::plain, true>}, {                                               \
    Pattern::in_place, write<bytes, 4, Store::plain, true>                                                      \
  }
const LimitKernel kKernels[] = {
    TRUENO_READS(16), TRUENO_WRITES(16),
#if TRUENO_WIDEST >= 32
    TRUENO_READS(32), TRUENO_WRITES(32),
#endif
#if TRUENO_WIDEST == 64
    TRUENO_READS(64), TRUENO_WRITES(64),
#endif
};

constexpr int kNarrower = TRUENO_WIDEST > 16 ? TRUENO_WIDEST / 2 : 16;
const PeakKernel kPeaks[] = {
    {Type::f32, flops_per_step<float, TRUENO_WIDEST>, multiply_add<float, TRUENO_WIDEST>},
    {Type::f32, flops_per_step<float, kNarrower>, multiply_add<float, kNarrower>},
    {Type::f64, flops_per_step<double, TRUENO_WIDEST>, multiply_add<double, TRUENO_WIDEST>},
    {Type::f64, flops_per_step<double, kNarrower>, multiply_add<double, kNarrower>},
};

}  // namespace

Range<LimitKernel> limit_kernels() { return {kKernels, kKernels + sizeof kKernels / sizeof *kKernels}; }
Range<PeakKernel> peak_kernels() { return {kPeaks, kPeaks + sizeof kPeaks / sizeof *kPeaks}; }

}  // namespace trueno::bench
