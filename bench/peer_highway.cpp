// Highway: vectors of the best target that this file is compiled for (its dynamic dispatch is off), four
// accumulators, and exp, log and tanh of its contrib/math.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "bench/work.h"

HWY_BEFORE_NAMESPACE();
namespace trueno::bench {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Lanes = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Lanes<T>>;

/// Calls step(accumulator, i, vector) for all whole vectors, in four chains, and one(i) for the rest.
template <class T, class R = T, class Load, class Step, class Join, class One>
void chains(std::size_t n, std::size_t width, Vector<R> first, Load load, Step step, Join join, One one) {
  Vector<R> s0 = first, s1 = first, s2 = first, s3 = first;
  std::size_t i = 0;
  for (; i + 4 * width <= n; i += 4 * width) {
    s0 = step(s0, load(i));
    s1 = step(s1, load(i + width));
    s2 = step(s2, load(i + 2 * width));
    s3 = step(s3, load(i + 3 * width));
  }
  for (; i + width <= n; i += width) s0 = step(s0, load(i));
  join(s0, s1, s2, s3);
  for (; i < n; ++i) one(i);
}

/// The sum of f(i), where f gives a vector from i, and scalar(i) one value.
template <class T, class F, class S>
T total(std::size_t n, F f, S scalar) {
  const Lanes<T> d;
  T s = 0;
  const auto join = [&](auto s0, auto s1, auto s2, auto s3) {
    s = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  };
  const auto add = [](auto a, auto b) { return hn::Add(a, b); };
  chains<T>(n, hn::Lanes(d), hn::Zero(d), f, add, join, [&](std::size_t i) { s += scalar(i); });
  return s;
}

/// The same of f(vector of x), for any T, where f is given a tag and may be given fewer lanes that matter.
template <class T, class F>
T total_of(const Work& w, F f) {
  const Lanes<T> d;
  const T* x = x_of<T>(w);
  const std::size_t whole = w.n / hn::Lanes(d) * hn::Lanes(d);
  T s = total<T>(
      whole, [&](std::size_t i) { return f(hn::LoadU(d, x + i), i); }, [](std::size_t) { return T(0); });
  if (whole == w.n) return s;
  const auto mask = hn::FirstN(d, w.n - whole);
  const auto last = hn::IfThenElseZero(mask, f(hn::MaskedLoad(mask, d, x + whole), whole));
  return s + hn::GetLane(hn::SumOfLanes(d, last));
}

/// out = f(x)
template <class T, class F>
void map(const Work& w, F f) {
  const Lanes<T> d;
  const std::size_t width = hn::Lanes(d);
  const T* HWY_RESTRICT x = x_of<T>(w);
  T* HWY_RESTRICT out = out_of<T>(w);
  std::size_t i = 0;
  for (; i + 4 * width <= w.n; i += 4 * width) {
    hn::StoreU(f(hn::LoadU(d, x + i)), d, out + i);
    hn::StoreU(f(hn::LoadU(d, x + i + width)), d, out + i + width);
    hn::StoreU(f(hn::LoadU(d, x + i + 2 * width)), d, out + i + 2 * width);
    hn::StoreU(f(hn::LoadU(d, x + i + 3 * width)), d, out + i + 3 * width);
  }
  for (; i + width <= w.n; i += width) hn::StoreU(f(hn::LoadU(d, x + i)), d, out + i);
  if (i == w.n) return;
  const auto mask = hn::FirstN(d, w.n - i);
  hn::BlendedStore(f(hn::MaskedLoad(mask, d, x + i)), mask, d, out + i);
}

template <class T>
Vector<T> constant(double v) {
  return hn::Set(Lanes<T>(), static_cast<T>(v));
}
template <class T, class V>
V sigmoid_of(V v) {
  const V one = constant<T>(1);
  return hn::Div(one, hn::Add(one, hn::Exp(Lanes<T>(), hn::Neg(v))));
}

template <class T>
void sum(const Work& w) {
  give(w, total_of<T>(w, [](auto v, std::size_t) { return v; }));
}
/// In i64, as the sum of i32 may need it.
std::int64_t wide_sum(const Work& w) {
  const Lanes<std::int64_t> wide;
  const hn::Rebind<std::int32_t, Lanes<std::int64_t>> narrow;
  const std::int32_t* x = x_of<std::int32_t>(w);
  return total<std::int64_t>(
      w.n, [&](std::size_t i) { return hn::PromoteTo(wide, hn::LoadU(narrow, x + i)); },
      [&](std::size_t i) { return x[i]; });
}
void sum_i32(const Work& w) { give(w, wide_sum(w)); }
void mean_i32(const Work& w) { give(w, static_cast<double>(wide_sum(w)) / static_cast<double>(w.n)); }
template <class T>
T mean_of(const Work& w) {
  return total_of<T>(w, [](auto v, std::size_t) { return v; }) / static_cast<T>(w.n);
}
template <class T>
void mean(const Work& w) {
  give(w, mean_of<T>(w));
}
template <class T, class Pick, class Across>
T extreme(const Work& w, Pick pick, Across across) {
  const Lanes<T> d;
  const T* x = x_of<T>(w);
  T m = x[0];
  const auto join = [&](auto s0, auto s1, auto s2, auto s3) {
    m = hn::GetLane(across(d, pick(pick(s0, s1), pick(s2, s3))));
  };
  chains<T>(
      w.n, hn::Lanes(d), hn::Set(d, m), [&](std::size_t i) { return hn::LoadU(d, x + i); }, pick, join,
      [&](std::size_t i) { m = hn::GetLane(pick(hn::Set(d, m), hn::Set(d, x[i]))); });
  return m;
}
template <class T>
T largest(const Work& w) {
  return extreme<T>(
      w, [](auto a, auto b) { return hn::Max(a, b); }, [](auto d, auto v) { return hn::MaxOfLanes(d, v); });
}
template <class T>
void max(const Work& w) {
  give(w, largest<T>(w));
}
template <class T>
void min(const Work& w) {
  give(w, extreme<T>(
              w, [](auto a, auto b) { return hn::Min(a, b); }, [](auto d, auto v) { return hn::MinOfLanes(d, v); }));
}
template <class T>
void dot(const Work& w) {
  const Lanes<T> d;
  const T *x = x_of<T>(w), *y = y_of<T>(w);
  T s = 0;
  std::size_t i = 0;
  const std::size_t width = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  const auto step = [&](auto sum, std::size_t at) {
    return hn::MulAdd(hn::LoadU(d, x + at), hn::LoadU(d, y + at), sum);
  };
  for (; i + 4 * width <= w.n; i += 4 * width)
    s0 = step(s0, i), s1 = step(s1, i + width), s2 = step(s2, i + 2 * width), s3 = step(s3, i + 3 * width);
  for (; i + width <= w.n; i += width) s0 = step(s0, i);
  s = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  for (; i < w.n; ++i) s += x[i] * y[i];
  give(w, s);
}
template <class T>
T variance_of(const Work& w, T m) {
  const auto middle = constant<T>(m);
  return total_of<T>(w,
                     [&](auto v, std::size_t) {
                       const auto off = hn::Sub(v, middle);
                       return hn::Mul(off, off);
                     }) /
         static_cast<T>(w.n);
}
template <class T>
void variance(const Work& w) {
  give(w, variance_of(w, mean_of<T>(w)));
}
template <class T>
void sum_where(const Work& w) {
  // Not by total_of's sum of zeros: max(v, 0) is the same sum for finite numbers.
  give(w, total_of<T>(w, [](auto v, std::size_t) { return hn::ZeroIfNegative(v); }));
}
template <class T>
void squared_difference(const Work& w) {
  const Lanes<T> d;
  const T *x = x_of<T>(w), *y = y_of<T>(w);
  give(w, total<T>(
              w.n,
              [&](std::size_t i) {
                const auto off = hn::Sub(hn::LoadU(d, x + i), hn::LoadU(d, y + i));
                return hn::Mul(off, off);
              },
              [&](std::size_t i) { return (x[i] - y[i]) * (x[i] - y[i]); }));
}
template <class T>
void mean_sigmoid(const Work& w) {
  const auto a = constant<T>(w.a), b = constant<T>(w.b);
  const T s = total_of<T>(w, [&](auto v, std::size_t) { return sigmoid_of<T>(hn::MulAdd(a, v, b)); });
  give(w, s / static_cast<T>(w.n));
}
template <class T>
void relu_axpb(const Work& w) {
  const auto a = constant<T>(w.a), b = constant<T>(w.b);
  map<T>(w, [&](auto v) { return hn::ZeroIfNegative(hn::MulAdd(a, v, b)); });
}
template <class T>
void softmax(const Work& w) {
  const auto m = constant<T>(largest<T>(w));
  const Lanes<T> d;
  map<T>(w, [&](auto v) { return hn::Exp(d, hn::Sub(v, m)); });
  Work second = w;
  second.x = w.out;
  const auto r = constant<T>(1 / total_of<T>(second, [](auto v, std::size_t) { return v; }));
  map<T>(second, [&](auto v) { return hn::Mul(v, r); });
}
template <class T>
void layer_norm(const Work& w) {
  const T m = mean_of<T>(w);
  const auto middle = constant<T>(m);
  const auto spread = constant<T>(static_cast<double>(variance_of(w, m)) + w.epsilon);
  const auto r = hn::Div(constant<T>(1), hn::Sqrt(spread));
  map<T>(w, [&](auto v) { return hn::Mul(hn::Sub(v, middle), r); });
}

#define TRUENO_MAP(name, expression)               \
  template <class T>                               \
  void name(const Work& w) {                       \
    [[maybe_unused]] const Lanes<T> d;             \
    map<T>(w, [&](auto v) { return expression; }); \
  }
TRUENO_MAP(relu, hn::ZeroIfNegative(v))
TRUENO_MAP(exp, hn::Exp(d, v))
TRUENO_MAP(log, hn::Log(d, v))
TRUENO_MAP(tanh, hn::Tanh(d, v))
TRUENO_MAP(sqrt, hn::Sqrt(v))
TRUENO_MAP(sigmoid, sigmoid_of<T>(v))
TRUENO_MAP(swish, hn::Mul(v, sigmoid_of<T>(v)))
template <class T>
void gelu_tanh(const Work& w) {
  const auto c = constant<T>(0.7978845608028654), k = constant<T>(0.044715), half = constant<T>(0.5);
  const auto one = constant<T>(1);
  map<T>(w, [&](auto v) {
    const auto u = hn::Mul(c, hn::MulAdd(hn::Mul(k, hn::Mul(v, v)), v, v));
    return hn::Mul(hn::Mul(half, v), hn::Add(one, hn::Tanh(Lanes<T>(), u)));
  });
}

const Entry kEntries[] = {
    TRUENO_BENCH_FLOATS("sum", sum),
    {"sum", Type::i32, sum_i32},
    TRUENO_BENCH_FLOATS("mean", mean),
    {"mean", Type::i32, mean_i32},
    TRUENO_BENCH_NUMBERS("min", min),
    TRUENO_BENCH_NUMBERS("max", max),
    TRUENO_BENCH_FLOATS("dot", dot),
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

Peer highway() {
  return make_peer("Highway", TRUENO_BENCH_VERSION(HWY_MAJOR, HWY_MINOR, HWY_PATCH), "static target, contrib/math",
                   kEntries);
}

}  // namespace trueno::bench
HWY_AFTER_NAMESPACE();
