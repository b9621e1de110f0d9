// C++11 over the C ABI, for whoever loads libtrueno.so with another compiler or standard library than it was built
// with: handles release themselves, refusals are thrown.
#include <trueno/abi.h>

#include <cstdio>
#include <vector>

int main() {
  using trueno::abi::Kernel;
  const std::vector<float> x = {1, 2, 3, 4};
  std::vector<float> y(4);

  const Kernel scaled("kernel scaled(x: f32[], a: f32) -> f32[] { a*x }");
  scaled.run({x, 0.5f}, {y});
  std::printf("%g %g %g %g\n", y[0], y[1], y[2], y[3]);

  const Kernel total = Kernel::of_expression("sum(x)", {{"x", TRUENO_F32, 1}});
  std::printf("sum %g\n", total.value<float>({x}));

  try {
    scaled.run({x}, {y});
  } catch (const trueno::abi::Error& e) {
    std::printf("%s: %s", trueno_status_name(e.status()), e.what());
  }
}
