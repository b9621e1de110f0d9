// Eigen, as its manual would have it: expressions of arrays. Compiled with -O3 and the peers' -march.
#include <Eigen/Core>

#include "bench/work.h"

namespace trueno::bench {
namespace {

template <class T>
using View = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
View<T> x(const Work& w) {
  return {x_of<T>(w), static_cast<Eigen::Index>(w.n)};
}
template <class T>
View<T> y(const Work& w) {
  return {y_of<T>(w), static_cast<Eigen::Index>(w.n)};
}
template <class T>
Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> out(const Work& w) {
  return {out_of<T>(w), static_cast<Eigen::Index>(w.n)};
}

#define TRUENO_SCALAR(name, expression) \
  template <class T>                    \
  void name(const Work& w) {            \
    give(w, expression);                \
  }
#define TRUENO_ARRAY(name, expression) \
  template <class T>                   \
  void name(const Work& w) {           \
    out<T>(w) = expression;            \
  }
TRUENO_SCALAR(sum, x<T>(w).template cast<SumOf<T>>().sum())
TRUENO_SCALAR(mean, x<T>(w).mean())
TRUENO_SCALAR(min, x<T>(w).minCoeff())
TRUENO_SCALAR(max, x<T>(w).maxCoeff())
TRUENO_SCALAR(dot, (x<T>(w).template cast<SumOf<T>>().matrix().dot(y<T>(w).template cast<SumOf<T>>().matrix())))
TRUENO_SCALAR(variance, (x<T>(w) - x<T>(w).mean()).square().mean())
TRUENO_SCALAR(squared_difference, (x<T>(w) - y<T>(w)).square().sum())
TRUENO_SCALAR(mean_sigmoid, (T(w.a) * x<T>(w) + T(w.b)).logistic().mean())
TRUENO_SCALAR(sum_where, (x<T>(w) > T(0)).select(x<T>(w), T(0)).sum())
TRUENO_ARRAY(relu, x<T>(w).max(T(0)))
TRUENO_ARRAY(exp, x<T>(w).exp())
TRUENO_ARRAY(log, x<T>(w).log())
TRUENO_ARRAY(tanh, x<T>(w).tanh())
TRUENO_ARRAY(sigmoid, x<T>(w).logistic())
TRUENO_ARRAY(swish, x<T>(w) * x<T>(w).logistic())
TRUENO_ARRAY(gelu_tanh,
             T(0.5) * x<T>(w) * (T(1) + (T(0.7978845608028654) * (x<T>(w) + T(0.044715) * x<T>(w).cube())).tanh()))
TRUENO_ARRAY(sqrt, x<T>(w).sqrt())
TRUENO_ARRAY(relu_axpb, (T(w.a) * x<T>(w) + T(w.b)).max(T(0)))

void mean_i32(const Work& w) {
  give(w, static_cast<double>(x<std::int32_t>(w).cast<std::int64_t>().sum()) / static_cast<double>(w.n));
}
template <class T>
void softmax(const Work& w) {
  auto result = out<T>(w);
  result = (x<T>(w) - x<T>(w).maxCoeff()).exp();
  result *= 1 / result.sum();
}
template <class T>
void layer_norm(const Work& w) {
  auto result = out<T>(w);
  result = x<T>(w) - x<T>(w).mean();
  result *= 1 / std::sqrt(result.square().mean() + T(w.epsilon));
}

const Entry kEntries[] = {
    TRUENO_BENCH_NUMBERS("sum", sum),
    TRUENO_BENCH_FLOATS("mean", mean),
    {"mean", Type::i32, mean_i32},
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

Peer eigen() {
  return make_peer("Eigen", TRUENO_BENCH_VERSION(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION),
                   "array expressions", kEntries);
}

}  // namespace trueno::bench
