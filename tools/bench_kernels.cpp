// See bench_kernels.h.
#include "tools/bench_kernels.h"

namespace trueno::tools {

const std::vector<BenchKernel>& bench_kernels() {
  static const std::vector<BenchKernel> rows = {
      {"sum", "kernel sum_(x: f32[]) -> f32 { sum(x) }"},
      {"sum_f64", "kernel sum_(x: f64[]) -> f64 { sum(x) }"},
      {"dot", "kernel dot_(x: f32[], y: f32[]) -> f32 { sum(x*y) }"},
      {"axpy_relu", "kernel axpy_relu(x: f32[], a: f32, b: f32) -> f32[] { relu(a*x + b) }"},
      {"exp", "kernel exp_(x: f32[]) -> f32[] { exp(x) }"},
      {"mean_tanh", "kernel mean_tanh(x: f32[]) -> f32 { mean(tanh(x)) }"},
      {"softmax", "kernel softmax_(x: f32[]) -> f32[] { softmax(x) }"},
  };
  return rows;
}

Result<BenchKernel> bench_kernel(const std::string& asked) {
  std::string names;
  for (const BenchKernel& k : bench_kernels()) {
    if (k.name == asked) return k;
    names += (names.empty() ? "" : ", ") + k.name;
  }
  const std::size_t paren = asked.find('(');
  if (!asked.starts_with("kernel ") || paren == asked.npos)
    return Error(Status::invalid_argument, "--kernel: '" + asked + "' is neither a kernel as text nor one of " + names);
  return BenchKernel{asked.substr(7, paren - 7), asked};
}

}  // namespace trueno::tools
