// SLEEF: its vector functions of at most 1.0 ULP (u10) and 3.5 ULP (u35), called from a plain loop of vectors.
// Where it has no function at u35 (exp), the u10 one is called.
#include <immintrin.h>
#include <sleef.h>

#include "bench/work.h"

namespace trueno::bench {
namespace {

/// One type's vectors: the letters of its functions, and what its intrinsics are called. Arithmetic is the compiler's.
#define TRUENO_SLEEF_TYPE(T, V, LANES, F, ISA, PREFIX, SUFFIX)                                                        \
  template <>                                                                                                         \
  struct Vector<T> {                                                                                                  \
    using type = V;                                                                                                   \
    static constexpr std::size_t kLanes = LANES;                                                                      \
    static V load(const T* p) { return PREFIX##_loadu_##SUFFIX(p); }                                                  \
    static void store(T* p, V v) { PREFIX##_storeu_##SUFFIX(p, v); }                                                  \
    static V set(T v) { return PREFIX##_set1_##SUFFIX(v); }                                                           \
    static V max(V a, V b) { return PREFIX##_max_##SUFFIX(a, b); }                                                    \
    static T max(T a, T b) { return a > b ? a : b; }                                                                  \
    static V exp(V v, int) { return Sleef_exp##F##_u10##ISA(v); }                                                     \
    static V log(V v, int ulp10) { return ulp10 == 10 ? Sleef_log##F##_u10##ISA(v) : Sleef_log##F##_u35##ISA(v); }    \
    static V tanh(V v, int ulp10) { return ulp10 == 10 ? Sleef_tanh##F##_u10##ISA(v) : Sleef_tanh##F##_u35##ISA(v); } \
    static V sqrt(V v, int ulp10) { return ulp10 == 10 ? Sleef_sqrt##F##_u05##ISA(v) : Sleef_sqrt##F##_u35##ISA(v); } \
  };

template <class T>
struct Vector;
#if defined(__AVX512F__)
constexpr char kIsa[] = "vectors of 512 bits, avx512f";
TRUENO_SLEEF_TYPE(float, __m512, 16, f16, avx512f, _mm512, ps)
TRUENO_SLEEF_TYPE(double, __m512d, 8, d8, avx512f, _mm512, pd)
#elif defined(__AVX2__) && defined(__FMA__)
constexpr char kIsa[] = "vectors of 256 bits, avx2";
TRUENO_SLEEF_TYPE(float, __m256, 8, f8, avx2, _mm256, ps)
TRUENO_SLEEF_TYPE(double, __m256d, 4, d4, avx2, _mm256, pd)
#else
constexpr char kIsa[] = "vectors of 128 bits, sse2";
TRUENO_SLEEF_TYPE(float, __m128, 4, f4, sse2, _mm, ps)
TRUENO_SLEEF_TYPE(double, __m128d, 2, d2, sse2, _mm, pd)
#endif

/// Calls f(vector) and use(result, i, lanes that count); the last vector is filled up with ones.
template <class T, class F, class Use>
void each_vector(const Work& w, F f, Use use) {
  using V = Vector<T>;
  const T* x = x_of<T>(w);
  std::size_t i = 0;
  for (; i + V::kLanes <= w.n; i += V::kLanes) use(f(V::load(x + i)), i, V::kLanes);
  if (i == w.n) return;
  T rest[V::kLanes];
  for (std::size_t k = 0; k < V::kLanes; ++k) rest[k] = i + k < w.n ? x[i + k] : T(1);
  use(f(V::load(rest)), i, w.n - i);
}

template <class T, class F>
void map(const Work& w, F f) {
  using V = Vector<T>;
  T* out = out_of<T>(w);
  each_vector<T>(w, f, [=](typename V::type v, std::size_t i, std::size_t lanes) {
    if (lanes == V::kLanes) return V::store(out + i, v);
    T rest[V::kLanes];
    V::store(rest, v);
    for (std::size_t k = 0; k < lanes; ++k) out[i + k] = rest[k];
  });
}

/// All f(vector), joined lane by lane and then the lanes; the lanes that do not count are left out.
template <class T, class F, class Join>
T fold(const Work& w, T first, F f, Join join) {
  using V = Vector<T>;
  typename V::type whole = V::set(first);
  T last[V::kLanes], result = first;
  std::size_t left = 0;
  each_vector<T>(w, f, [&](typename V::type v, std::size_t, std::size_t lanes) {
    if (lanes == V::kLanes) {
      whole = join(whole, v);
      return;
    }
    V::store(last, v);
    left = lanes;
  });
  T parts[V::kLanes];
  V::store(parts, whole);
  for (const T part : parts) result = join(result, part);
  for (std::size_t k = 0; k < left; ++k) result = join(result, last[k]);
  return result;
}

template <class T, class F>
T total(const Work& w, F f) {
  return fold<T>(w, 0, f, [](auto a, auto b) { return a + b; });
}

template <class T>
T largest(const Work& w) {
  return fold<T>(
      w, x_of<T>(w)[0], [](typename Vector<T>::type v) { return v; },
      [](auto a, auto b) { return Vector<T>::max(a, b); });
}

template <class T, int ulp10>
struct With {
  using V = Vector<T>;
  using v = typename V::type;
  static v sigmoid_of(v x) { return V::set(1) / (V::set(1) + V::exp(-x, ulp10)); }
  static v gelu_of(v x) {
    const v u = V::set(T(0.7978845608028654)) * (x + V::set(T(0.044715)) * x * x * x);
    return V::set(T(0.5)) * x * (V::set(1) + V::tanh(u, ulp10));
  }
  static void exp(const Work& w) {
    map<T>(w, [](v x) { return V::exp(x, ulp10); });
  }
  static void log(const Work& w) {
    map<T>(w, [](v x) { return V::log(x, ulp10); });
  }
  static void tanh(const Work& w) {
    map<T>(w, [](v x) { return V::tanh(x, ulp10); });
  }
  static void sqrt(const Work& w) {
    map<T>(w, [](v x) { return V::sqrt(x, ulp10); });
  }
  static void sigmoid(const Work& w) { map<T>(w, sigmoid_of); }
  static void swish(const Work& w) {
    map<T>(w, [](v x) { return x * sigmoid_of(x); });
  }
  static void gelu_tanh(const Work& w) { map<T>(w, gelu_of); }
  static void mean_sigmoid(const Work& w) {
    const v a = V::set(static_cast<T>(w.a)), b = V::set(static_cast<T>(w.b));
    give(w, total<T>(w, [=](v x) { return sigmoid_of(a * x + b); }) / static_cast<T>(w.n));
  }
  static void softmax(const Work& w) {
    const v m = V::set(largest<T>(w));
    map<T>(w, [=](v e) { return V::exp(e - m, ulp10); });
    Work second = w;
    second.x = w.out;
    const v r = V::set(1 / total<T>(second, [](v e) { return e; }));
    map<T>(second, [=](v e) { return e * r; });
  }
};

#define TRUENO_ROW(task, name, ulp10) \
  {task, Type::f32, With<float, ulp10>::name}, { task, Type::f64, With<double, ulp10>::name }
#define TRUENO_ROWS(ulp10)                                                                                       \
  TRUENO_ROW("exp", exp, ulp10), TRUENO_ROW("log", log, ulp10), TRUENO_ROW("tanh", tanh, ulp10),                 \
      TRUENO_ROW("sqrt", sqrt, ulp10), TRUENO_ROW("sigmoid", sigmoid, ulp10), TRUENO_ROW("swish", swish, ulp10), \
      TRUENO_ROW("gelu_tanh", gelu_tanh, ulp10), TRUENO_ROW("mean(sigmoid(a*x+b))", mean_sigmoid, ulp10),        \
      TRUENO_ROW("softmax", softmax, ulp10)

const Entry kTenths10[] = {TRUENO_ROWS(10)};
const Entry kTenths35[] = {TRUENO_ROWS(35)};

constexpr char kVersion[] = TRUENO_BENCH_VERSION(SLEEF_VERSION_MAJOR, SLEEF_VERSION_MINOR, SLEEF_VERSION_PATCHLEVEL);

}  // namespace

Peer sleef_u10() { return make_peer("SLEEF u10", kVersion, kIsa, kTenths10); }
Peer sleef_u35() { return make_peer("SLEEF u35", kVersion, kIsa, kTenths35); }

}  // namespace trueno::bench
