// Several results of one kernel: one call, and the data is read as rarely as can be.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  const auto kernel = trueno::compile(R"(
    kernel scored(x: f32[], a: f32, b: f32) -> (score: f32[], best: f32, passed: i64, which: mask[]) {
      s = sigmoid(a*x + b)
      good = s > 0.5
      s, max(s), count(good), good
    }
  )");
  if (!kernel) return std::fputs(kernel.error().text().c_str(), stderr), 1;

  const std::vector<float> x = {-2, -1, 0, 1, 2};
  std::vector<float> score(x.size());
  std::vector<unsigned char> which(x.size());  // a mask is stored as bytes, 0 or 1
  float best = 0;
  std::int64_t passed = 0;
  const auto done = kernel->run({x, 2.0f, -1.0f}, {score, best, passed, which});
  if (!done) return std::fputs(done.error().text().c_str(), stderr), 1;

  for (std::size_t i = 0; i < x.size(); ++i) std::printf("%4g -> %.6f%s\n", x[i], score[i], which[i] ? " passed" : "");
  std::printf("best %.6f, passed %lld\n", best, static_cast<long long>(passed));
}
