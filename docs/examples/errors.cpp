// What goes wrong is a value, never an exception and never an abort: a status for the program, a text for people.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  const auto broken = trueno::compile(
      "kernel f(x: f32[]) -> f32[] {\n"
      "  y = sigmiod(x)\n"
      "  z = x + w\n"
      "  y * z\n"
      "}",
      {.file = "broken.tir"});
  std::printf("%s, %zu mistakes:\n%s\n", name_of(broken.status()).data(), broken.error().diagnostics.size(),
              broken.error().text().c_str());

  const auto greatest = trueno::compile("kernel greatest(x: f32[]) -> f32 { max(x) }");
  if (!greatest) return 1;
  std::vector<float> x;
  float result = 42;
  auto done = greatest->run({x}, {result});
  std::printf("%s: %sresult is still %g\n\n", name_of(done.status()).data(), done.error().text().c_str(), result);

  done = greatest->run({std::vector<double>{1, 2}}, {result});
  std::printf("%s: %s", name_of(done.status()).data(), done.error().text().c_str());
}
