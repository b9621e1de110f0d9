// The rows of a matrix, in one call that is checked once: softmax of each row, then a scale that all rows share and
// a shift that each has of its own.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  const auto kernel = trueno::compile(R"(
    kernel attention(x: f32[], scale: f32[], shift: f32) -> (y: f32[], greatest: f32) {
      p = softmax(x)
      p*scale + shift, max(p)
    }
  )");
  if (!kernel) return std::fputs(kernel.error().text().c_str(), stderr), 1;

  constexpr std::size_t kRows = 3, kColumns = 4, kStride = 6;  // rows lie further apart than they are long
  std::vector<float> x(kRows * kStride, -1);
  for (std::size_t r = 0; r < kRows; ++r)
    for (std::size_t c = 0; c < kColumns; ++c) x[r * kStride + c] = static_cast<float>(r * c);
  const std::vector<float> scale = {1, 1, 2, 2}, shift = {0, 10, 20};
  std::vector<float> greatest(kRows);

  const trueno::Matrix matrix(x.data(), kRows, kColumns, kStride);
  const auto done = kernel->run_rows({matrix, scale, shift}, {matrix, greatest});  // in place
  if (!done) return std::fputs(done.error().text().c_str(), stderr), 1;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kStride; ++c) std::printf("%10.6f", x[r * kStride + c]);
    std::printf("   greatest %.6f\n", greatest[r]);
  }
}
