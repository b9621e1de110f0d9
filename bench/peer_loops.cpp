// Plain C++ loops, as anybody would write them: compiled with -O3 -ffast-math by the compiler of this build, and once
// more by clang if it is there; TRUENO_PEER is the namespace of each copy. With these flags g++ calls glibc's libmvec
// for vectors of exp, log and tanh by itself, and clang does with -fveclib=libmvec.
#include <math.h>

#include "bench/work.h"

namespace trueno::bench::TRUENO_PEER {
namespace {

// clang-format off
inline float exp_(float v) { return expf(v); }
inline double exp_(double v) { return ::exp(v); }
inline float log_(float v) { return logf(v); }
inline double log_(double v) { return ::log(v); }
inline float tanh_(float v) { return tanhf(v); }
inline double tanh_(double v) { return ::tanh(v); }
inline float sqrt_(float v) { return sqrtf(v); }
inline double sqrt_(double v) { return ::sqrt(v); }
// clang-format on

template <class T>
T sigmoid_(T v) {
  return 1 / (1 + exp_(-v));
}

/// out[i] = f(x[i])
template <class T, class F>
void map(const Work& w, F f) {
  const T* x = x_of<T>(w);
  T* __restrict out = out_of<T>(w);
  const std::size_t n = w.n;
  for (std::size_t i = 0; i < n; ++i) out[i] = f(x[i]);
}

/// The sum of f(i).
template <class R, class F>
R total(std::size_t n, F f) {
  R s = 0;
  for (std::size_t i = 0; i < n; ++i) s += f(i);
  return s;
}

template <class T>
void sum(const Work& w) {
  const T* x = x_of<T>(w);
  give(w, total<SumOf<T>>(w.n, [=](std::size_t i) { return x[i]; }));
}
template <class T>
void mean(const Work& w) {
  const T* x = x_of<T>(w);
  give(w, total<T>(w.n, [=](std::size_t i) { return x[i]; }) / static_cast<T>(w.n));
}
template <>
void mean<std::int32_t>(const Work& w) {
  const std::int32_t* x = x_of<std::int32_t>(w);
  const std::int64_t s = total<std::int64_t>(w.n, [=](std::size_t i) { return x[i]; });
  give(w, static_cast<double>(s) / static_cast<double>(w.n));
}
template <class T>
void dot(const Work& w) {
  const T *x = x_of<T>(w), *y = y_of<T>(w);
  give(w, total<SumOf<T>>(w.n, [=](std::size_t i) { return static_cast<SumOf<T>>(x[i]) * y[i]; }));
}
template <class T>
T largest(const T* x, std::size_t n) {
  T m = x[0];
  for (std::size_t i = 0; i < n; ++i) m = x[i] > m ? x[i] : m;
  return m;
}
template <class T>
void max(const Work& w) {
  give(w, largest(x_of<T>(w), w.n));
}
template <class T>
void min(const Work& w) {
  const T* x = x_of<T>(w);
  T m = x[0];
  for (std::size_t i = 0; i < w.n; ++i) m = x[i] < m ? x[i] : m;
  give(w, m);
}
template <class T>
T mean_of(const T* x, std::size_t n) {
  return total<T>(n, [=](std::size_t i) { return x[i]; }) / static_cast<T>(n);
}
template <class T>
T variance_of(const T* x, std::size_t n, T m) {
  return total<T>(n, [=](std::size_t i) { return (x[i] - m) * (x[i] - m); }) / static_cast<T>(n);
}
template <class T>
void variance(const Work& w) {
  give(w, variance_of(x_of<T>(w), w.n, mean_of(x_of<T>(w), w.n)));
}
template <class T>
void sum_where(const Work& w) {
  const T* x = x_of<T>(w);
  give(w, total<T>(w.n, [=](std::size_t i) { return x[i] > 0 ? x[i] : 0; }));
}
template <class T>
void squared_difference(const Work& w) {
  const T *x = x_of<T>(w), *y = y_of<T>(w);
  give(w, total<T>(w.n, [=](std::size_t i) { return (x[i] - y[i]) * (x[i] - y[i]); }));
}
template <class T>
void mean_sigmoid(const Work& w) {
  const T *x = x_of<T>(w), a = static_cast<T>(w.a), b = static_cast<T>(w.b);
  give(w, total<T>(w.n, [=](std::size_t i) { return sigmoid_(a * x[i] + b); }) / static_cast<T>(w.n));
}
template <class T>
void relu_axpb(const Work& w) {
  const T a = static_cast<T>(w.a), b = static_cast<T>(w.b);
  map<T>(w, [=](T v) { return a * v + b > 0 ? a * v + b : 0; });
}
template <class T>
void softmax(const Work& w) {
  const T m = largest(x_of<T>(w), w.n);
  const T* x = x_of<T>(w);
  T* __restrict out = out_of<T>(w);
  T s = 0;
  for (std::size_t i = 0; i < w.n; ++i) s += out[i] = exp_(x[i] - m);
  const T r = 1 / s;
  for (std::size_t i = 0; i < w.n; ++i) out[i] *= r;
}
template <class T>
void layer_norm(const Work& w) {
  const T m = mean_of(x_of<T>(w), w.n);
  const T r = 1 / sqrt_(variance_of(x_of<T>(w), w.n, m) + static_cast<T>(w.epsilon));
  map<T>(w, [=](T v) { return (v - m) * r; });
}

#define TRUENO_MAP(name, expression)                \
  template <class T>                                \
  void name(const Work& w) {                        \
    map<T>(w, [](T v) -> T { return expression; }); \
  }
TRUENO_MAP(relu, v > 0 ? v : 0)
TRUENO_MAP(exp, exp_(v))
TRUENO_MAP(log, log_(v))
TRUENO_MAP(tanh, tanh_(v))
TRUENO_MAP(sqrt, sqrt_(v))
TRUENO_MAP(sigmoid, sigmoid_(v))
TRUENO_MAP(swish, v* sigmoid_(v))
TRUENO_MAP(gelu_tanh, T(0.5) * v * (1 + tanh_(T(0.7978845608028654) * (v + T(0.044715) * v * v * v))))

const Entry kEntries[] = {
    TRUENO_BENCH_NUMBERS("sum", sum),
    TRUENO_BENCH_NUMBERS("mean", mean),
    TRUENO_BENCH_NUMBERS("min", min),
    TRUENO_BENCH_NUMBERS("max", max),
    TRUENO_BENCH_NUMBERS("dot", dot),
    TRUENO_BENCH_FLOATS("variance", variance),
    TRUENO_BENCH_FLOATS("relu", relu),
    TRUENO_BENCH_FLOATS("exp", exp),
    TRUENO_BENCH_FLOATS("log", log),
    TRUENO_BENCH_FLOATS("tanh", tanh),
    TRUENO_BENCH_FLOATS("sigmoid", sigmoid),
    TRUENO_BENCH_FLOATS("swish", swish),
    TRUENO_BENCH_FLOATS("gelu_tanh", gelu_tanh),
    TRUENO_BENCH_FLOATS("sqrt", sqrt),
    TRUENO_BENCH_FLOATS("relu(a*x+b)", relu_axpb),
    TRUENO_BENCH_FLOATS("sum((x-y)^2)", squared_difference),
    TRUENO_BENCH_FLOATS("mean(sigmoid(a*x+b))", mean_sigmoid),
    TRUENO_BENCH_FLOATS("softmax", softmax),
    TRUENO_BENCH_FLOATS("layer_norm", layer_norm),
    TRUENO_BENCH_FLOATS("sum(x where x>0)", sum_where),
};

}  // namespace

Peer loops() {
#ifdef __clang__
  constexpr const char* kName = "clang loops";
  constexpr const char* kHow = "-O3 -ffast-math -fveclib=libmvec";
#else
  constexpr const char* kName = "g++ loops";
  constexpr const char* kHow = "-O3 -ffast-math, which calls libmvec";
#endif
  return make_peer(kName, __VERSION__, kHow, kEntries);
}

}  // namespace trueno::bench::TRUENO_PEER
