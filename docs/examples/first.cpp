#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  std::vector<float> x(1'000'000, 0.5f);

  std::printf("%g\n", trueno::sum(x));  // no set-up: compiled on first use, kept

  auto kernel = trueno::compile("kernel f(x: f32[], a: f32, b: f32) -> f32 { mean(sigmoid(a*x + b)) }");
  if (!kernel) {
    std::fputs(kernel.error().text().c_str(), stderr);  // every mistake, with line, column and caret
    return 1;
  }
  auto mean = kernel->value<float>({x, 2.0f, 1.0f});
  std::printf("%g, by %s\n", *mean, kernel->origin().c_str());
}
