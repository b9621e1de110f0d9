// A kernel put together by a program: a polynomial whose degree is known at run time.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

trueno::Result<trueno::Kernel> polynomial(const std::vector<double>& coefficients) {
  trueno::KernelBuilder b("polynomial");
  const trueno::Value x = b.array("x", trueno::Type::f64);
  trueno::Value value = b.constant(trueno::Type::f64, coefficients.back());
  for (std::size_t i = coefficients.size() - 1; i-- > 0;)
    value = b.call("fma", {value, x, b.constant(trueno::Type::f64, coefficients[i])});
  b.result("y", value);
  b.result("average", b.call("mean", {value}));
  return b.compile();
}

int main() {
  const auto kernel = polynomial({1, -3, 0, 2});  // 1 - 3x + 2x^3
  if (!kernel) return std::fputs(kernel.error().text().c_str(), stderr), 1;
  std::printf("%s", kernel->text().c_str());

  const std::vector<double> x = {-1, 0, 0.5, 2};
  std::vector<double> y(x.size());
  double average = 0;
  const auto done = kernel->run({x}, {y, average});
  if (!done) return std::fputs(done.error().text().c_str(), stderr), 1;
  for (std::size_t i = 0; i < x.size(); ++i) std::printf("%g -> %g\n", x[i], y[i]);
  std::printf("average %g\n", average);
}
