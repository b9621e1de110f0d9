// What load.cpp loads: a plugin of some program, which uses the library.
#include <vector>

#include "trueno/trueno.h"

extern "C" __attribute__((visibility("default"))) int use_trueno();

/// 0, or the number of what went wrong.
int use_trueno() {
  using namespace trueno;
  const std::vector<float> x(1000, 0.5f);
  std::vector<float> y(1000);
  const auto k = compile("kernel k(x: f32[]) -> f32[] { sigmoid(x) * sum.exact(x) }");
  if (!k || !k->run({x}, {y})) return 1;
  if (sum(std::span<const float>(x)) != 500.0f) return 2;
  if (compile("kernel k(x: f32[]) -> f32[] { sigmid(x) }").ok()) return 3;
  const auto slow = compile("kernel k(x: f32[]) -> f32 { mean(x) }", {.backend = Backend::fallback});
  return slow && *slow->value<float>({x}) == 0.5f ? 0 : 4;
}
