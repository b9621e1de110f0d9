// Eigen, as its manual would have it. Compiled with -O3 -march=native.
#ifdef TRUENO_HAVE_EIGEN
#include <Eigen/Core>

#include "bench/peers.h"

namespace trueno::bench {
namespace {

using Floats = Eigen::Map<const Eigen::ArrayXf>;
using Ints = Eigen::Map<const Eigen::ArrayXi>;

Floats view(const float* x, std::size_t n) { return {x, static_cast<Eigen::Index>(n)}; }

float sum(const float* x, std::size_t n) { return view(x, n).sum(); }
float mean(const float* x, std::size_t n) { return view(x, n).mean(); }
float dot(const float* x, const float* y, std::size_t n) { return view(x, n).matrix().dot(view(y, n).matrix()); }
float min(const float* x, std::size_t n) { return view(x, n).minCoeff(); }
float max(const float* x, std::size_t n) { return view(x, n).maxCoeff(); }
std::int64_t sum_i32(const std::int32_t* x, std::size_t n) {
  return Ints(x, static_cast<Eigen::Index>(n)).cast<std::int64_t>().sum();
}
void relu_axpb(const float* x, float a, float b, float* y, std::size_t n) {
  Eigen::Map<Eigen::ArrayXf>(y, static_cast<Eigen::Index>(n)) = (a * view(x, n) + b).max(0.0f);
}
float mean_sigmoid(const float* x, float a, float b, std::size_t n) { return (a * view(x, n) + b).logistic().mean(); }
void softmax(const float* x, float* y, std::size_t n) {
  Eigen::Map<Eigen::ArrayXf> out(y, static_cast<Eigen::Index>(n));
  out = (view(x, n) - view(x, n).maxCoeff()).exp();
  out *= 1 / out.sum();
}

}  // namespace

Peer eigen() { return {"Eigen", sum, mean, dot, min, max, sum_i32, relu_axpb, mean_sigmoid, softmax}; }

}  // namespace trueno::bench
#endif
