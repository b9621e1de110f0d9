// The lint as a library: of one kernel, and as a part of every compile.
#include <trueno/lint.h>
#include <trueno/trueno.h>

#include <cstdio>

int main() {
  trueno::use_lint();
  if (!trueno::configure("lint = \"first\"\nstrict = true")) return 1;
  const auto kernel = trueno::compile("kernel scale(x: f32[], a: f32) -> f32[] { a * x }");
  if (!kernel) return 1;
  const auto report = trueno::lint(*kernel);
  if (!report || !report->fine()) return 1;
  std::puts("fine");
}
