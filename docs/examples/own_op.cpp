// An operation of your own is text, like those of the library: here with types, a doc line, and a kernel that calls it.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  trueno::CompileOptions options;
  options.extra_ops = R"tir(
    op mish(x: T) -> T for T in f32, f64
      doc "x * tanh(softplus(x))"
    { x * tanh(softplus(x)) }
  )tir";
  const auto kernel = trueno::compile("kernel m(x: f32[]) -> f32[] { mish(x) }", options);
  if (!kernel) return std::fputs(kernel.error().text().c_str(), stderr), 1;

  std::vector<float> x = {-3, -1, 0, 1, 3};
  const auto done = kernel->run({x}, {x});  // in place
  if (!done) return std::fputs(done.error().text().c_str(), stderr), 1;
  for (const float value : x) std::printf("%.6f\n", value);
}
