// Rows of matrices in one call: the bits of separate calls, on every target of the host; what is refused, and that
// nothing is written then.
#include <algorithm>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::compiled;
using test::numbers;
using test::on_all;
using test::same_bits;

namespace {

void refused(const Result<void>& done, const char* part, Status status = Status::invalid_argument) {
  REQUIRE_FALSE(done.ok());
  CHECK(done.status() == status);
  INFO(done.error().text());
  CHECK(done.error().text().find(part) != std::string::npos);
}

const char* kSoftmax = "kernel softmax(x: f32[]) -> f32[] { e = exp(x - max(x)); e / sum(e) }";
const char* kScale =
    "kernel scale(x: f32[], gamma: f32[], a: f32, b: f32) -> (y: f32[], total: f32, big: mask) {\n"
    "  y = (a*x + b) * gamma - sum(x)\n  y, sum(y), max(y) > a\n}";

}  // namespace

TEST_CASE("rows give the bits of separate calls") {
  on_all(kSoftmax, [](const Kernel& k) {
    for (const std::size_t columns : {0, 1, 2, 7, 63, 64, 65, 1000})
      for (const std::size_t gap : {0, 3}) {
        const std::size_t rows = 5, stride = columns + gap;
        const auto x = numbers(rows * stride + 1);
        std::vector<float> expected(x.size(), 7.0f), got(x.size(), 7.0f);
        for (std::size_t r = 0; r < rows; ++r)
          REQUIRE(k.run({std::span(&x[r * stride], columns)}, {std::span(&expected[r * stride], columns)}).ok());
        REQUIRE(
            k.run_rows({Matrix(x.data(), rows, columns, stride)}, {Matrix(got.data(), rows, columns, stride)}).ok());
        CHECK(same_bits(expected, got));
        auto place = x;  // in place, gaps untouched
        REQUIRE(k.run_rows({Matrix(place.data(), rows, columns, stride)}, {Matrix(place.data(), rows, columns, stride)})
                    .ok());
        auto beside = x;
        for (std::size_t r = 0; r < rows; ++r) std::copy_n(&expected[r * stride], columns, &beside[r * stride]);
        CHECK(same_bits(beside, place));
      }
  });
}

TEST_CASE("rows beyond a block") {
  on_all(kSoftmax, [](const Kernel& k) {
    const std::size_t rows = 3, columns = 8192 * 3 + 37;
    const auto x = numbers(rows * columns);
    std::vector<float> expected(x.size()), got(x.size());
    for (std::size_t r = 0; r < rows; ++r)
      REQUIRE(k.run({std::span(&x[r * columns], columns)}, {std::span(&expected[r * columns], columns)}).ok());
    REQUIRE(k.run_rows({Matrix(x.data(), rows, columns)}, {Matrix(got.data(), rows, columns)}).ok());
    CHECK(same_bits(expected, got));
  });
}

TEST_CASE("rows, scalars and results of every kind") {
  on_all(kScale, [](const Kernel& k) {
    constexpr std::size_t kRows = 6;
    for (const std::size_t columns : {1, 5, 64, 100, 9000}) {
      const auto x = numbers(kRows * columns), gamma = numbers(columns, 2), a = numbers(kRows, 3);
      std::vector<float> y(x.size()), expected(x.size()), totals(kRows), expected_totals(kRows);
      std::vector<std::uint8_t> big(kRows, 9), expected_big(kRows);
      for (std::size_t r = 0; r < kRows; ++r)
        REQUIRE(k.run({std::span(&x[r * columns], columns), gamma, a[r], 0.5f},
                      {std::span(&expected[r * columns], columns), expected_totals[r], expected_big[r]})
                    .ok());
      // gamma as one row for all, as an array and as a matrix that stands still; a per row; b for all.
      const RowsArg shared[] = {gamma, Matrix(gamma.data(), kRows, columns, 0)};
      for (const RowsArg& row : shared) {
        REQUIRE(k.run_rows({Matrix(x.data(), kRows, columns), row, a, 0.5f},
                           {Matrix(y.data(), kRows, columns), totals, big})
                    .ok());
        CHECK(same_bits(expected, y));
        CHECK(same_bits(expected_totals, totals));
        CHECK(big == expected_big);
      }
      auto in_a = a;  // the totals over the scalars they come from
      REQUIRE(k.run_rows({Matrix(x.data(), kRows, columns), gamma, in_a, 0.5f},
                         {Matrix(y.data(), kRows, columns), in_a, big})
                  .ok());
      CHECK(same_bits(expected_totals, in_a));
    }
  });
}

TEST_CASE("rows of other types") {
  on_all(
      "kernel k(x: i32[], s: i64, d: f64[]) -> (t: i64, m: mask[], y: f64[]) { sum(x) + s, x > 1, d * f64(sum(x)) }",
      [](const Kernel& k) {
        const std::vector<std::int32_t> x = {1, 2, 3, 4, 5, -6};
        const std::vector<double> d = {0.5, 1.5, 2.5};
        const std::vector<std::int64_t> s = {10, 20};
        std::vector<std::int64_t> t(2);
        std::vector<std::uint8_t> m(6);
        std::vector<double> y(6);
        REQUIRE(k.run_rows({Matrix(x.data(), 2, 3), s, d}, {t, Matrix(m.data(), 2, 3), Matrix(y.data(), 2, 3)}).ok());
        CHECK(t == std::vector<std::int64_t>{16, 23});
        CHECK(m == std::vector<std::uint8_t>{0, 1, 1, 1, 1, 0});
        CHECK(y == std::vector<double>{3, 9, 15, 1.5, 4.5, 7.5});
      });
}

TEST_CASE("kernels without array parameters, and without arrays") {
  on_all("kernel k(a: f32) -> f32[] { a + 1 }", [](const Kernel& k) {
    const std::vector<float> a = {1, 2};
    std::vector<float> y(6);
    REQUIRE(k.run_rows({a}, {Matrix(y.data(), 2, 3)}).ok());
    CHECK(y == std::vector<float>{2, 2, 2, 3, 3, 3});
  });
  on_all("kernel k(a: f32) -> f32 { a + 1 }", [](const Kernel& k) {
    const std::vector<float> a = {1, 2};
    std::vector<float> y(2);
    REQUIRE(k.run_rows({a}, {y}).ok());
    CHECK(y == std::vector<float>{2, 3});
  });
}

TEST_CASE("no rows, no columns") {
  on_all("kernel k(x: f32[]) -> (s: f32, y: f32[]) { sum(x), x }", [](const Kernel& k) {
    std::vector<float> s(3, 5.0f), none;
    float x = 0;
    REQUIRE(k.run_rows({Matrix(&x, 3, 0)}, {s, Matrix(&x, 3, 0)}).ok());
    CHECK(s == std::vector<float>{0, 0, 0});
    REQUIRE(k.run_rows({Matrix(&x, 0, 4)}, {none, Matrix(&x, 0, 4)}).ok());
    CHECK(x == 0);
  });
  on_all("kernel k(x: f32[]) -> (lo: f32, s: f32) { min(x), sum(x) }", [](const Kernel& k) {
    std::vector<float> lo(3, 5.0f), s(3, 6.0f), none;
    const float x = 0;
    refused(k.run_rows({Matrix(&x, 3, 0)}, {lo, s}), "no elements", Status::empty);
    CHECK(lo == std::vector<float>{5, 5, 5});
    CHECK(s == std::vector<float>{6, 6, 6});
    CHECK(k.run_rows({Matrix(&x, 0, 0)}, {none, none}).ok());  // no calls: nobody asked for a minimum
  });
}

TEST_CASE("rows: what does not fit is refused, and nothing is written") {
  const Kernel k = compiled(kScale);
  const std::vector<float> x(12, 1.0f), gamma(4, 1.0f), a(3, 1.0f);
  const std::vector<double> doubles(12);
  std::vector<float> y(12, 5.0f), totals(3, 5.0f);
  std::vector<std::uint8_t> big(3, 5);
  const Matrix in(x.data(), 3, 4);
  const RowsOut out[] = {Matrix(y.data(), 3, 4), totals, big};
  const auto with = [&](std::initializer_list<RowsArg> inputs) {
    return k.run_rows(std::span(inputs.begin(), inputs.size()), out);
  };
  refused(with({in, gamma, a}), "takes 4 arguments");
  refused(with({1.0f, gamma, a, 1.0f}), "argument 'x' takes a matrix of f32, or one row for all; got one f32");
  refused(with({Matrix(doubles.data(), 3, 4), gamma, a, 1.0f}),
          "got a matrix of f64 (there is no implicit conversion)");
  refused(with({in, gamma, Matrix(a.data(), 3, 1), 1.0f}), "argument 'a' takes one value per row");
  refused(with({Matrix(x.data(), 2, 4), gamma, a, 1.0f}), "'a' has 3 rows, 'x' has 2");
  refused(with({Matrix(x.data(), 3, 3), gamma, a, 1.0f}), "'gamma' has 4 columns, 'x' has 3");
  refused(with({in, gamma, std::span(a.data(), 2), 1.0f}), "'a' has 2 rows, 'x' has 3");
  refused(with({Matrix(x.data(), 3, 4, 3), gamma, a, 1.0f}), "the row stride of argument 'x' is 3");
  refused(with({Matrix(x.data(), 3, 4, SIZE_MAX / 8), gamma, a, 1.0f}), "larger than memory can be");
  const auto to = [&](std::initializer_list<RowsOut> outputs) {
    const RowsArg inputs[] = {in, gamma, a, 1.0f};
    return k.run_rows(inputs, std::span(outputs.begin(), outputs.size()));
  };
  float one = 0;
  refused(to({out[0], totals}), "takes 3 results");
  refused(to({y, totals, big}), "result 'y' takes a matrix of f32; got an array of f32");
  refused(to({out[0], one, big}), "result 'total' takes one value per row, f32[]; got one f32");
  refused(to({out[0], totals, totals}), "result 'big' takes one value per row, m32[]");
  refused(to({Matrix(y.data(), 3, 4, 3), totals, big}), "the row stride of result 'y' is 3");
  refused(to({Matrix(y.data(), 3, 4, 0), totals, big}), "the row stride of result 'y' is 0");
  refused(to({out[0], std::span(totals.data(), 2), big}), "'total' has 2 rows");
  CHECK(y == std::vector<float>(12, 5.0f));
  CHECK(totals == std::vector<float>(3, 5.0f));
  CHECK(big == std::vector<std::uint8_t>(3, 5));
}

TEST_CASE("rows: overlap is judged for whole matrices") {
  for (const Backend backend : {Backend::automatic, Backend::interpreter}) {
    const Kernel k = compiled("kernel k(x: f32[]) -> (y: f32[], s: f32) { x + 1, sum(x) }", backend);
    std::vector<float> memory = numbers(64), s(4);
    const std::vector<float> before = memory;
    float* p = memory.data();
    const auto run = [&](Matrix<float> x, Matrix<float> y, RowsOut sums) { return k.run_rows({x}, {y, sums}); };
    refused(run(Matrix(p, 4, 4), Matrix(p + 1, 4, 4), s), "result 'y' overlaps argument 'x' in part");
    refused(run(Matrix(p, 4, 4), Matrix(p + 4, 4, 4), s), "result 'y' overlaps argument 'x' in part");  // a row further
    refused(run(Matrix(p, 4, 4, 8), Matrix(p, 4, 4, 4), s), "the same rows at the same stride");
    refused(run(Matrix(p, 4, 4, 8), Matrix(p + 2, 4, 4, 8), s), "in part");
    refused(run(Matrix(p, 4, 4, 8), Matrix(p + 6, 4, 4, 8), s), "in part");  // reaches the next row
    refused(run(Matrix(p, 4, 4), Matrix(p + 32, 4, 4), std::span(p + 35, 4)), "results 'y' and 's' overlap");
    refused(run(Matrix(p, 4, 4), Matrix(p + 32, 4, 4), std::span(p + 3, 4)), "result 's' overlaps argument 'x'");
    refused(k.run_rows({std::span(p, 4)}, {Matrix(p, 4, 4), s}), "in part");  // the row that all share
    CHECK(same_bits(memory, before));
    CHECK(s == std::vector<float>(4));

    auto expected = before;
    REQUIRE(run(Matrix(p, 4, 4, 8), Matrix(p + 4, 4, 4, 8), s).ok());  // other columns of the same rows
    for (std::size_t i = 0; i < 32; ++i)
      if (i % 8 >= 4) expected[i] = before[i - 4] + 1;
    CHECK(same_bits(memory, expected));
    REQUIRE(run(Matrix(p + 4, 4, 4, 8), Matrix(p, 4, 4, 8), s).ok());
    REQUIRE(run(Matrix(p, 1, 8, 8), Matrix(p, 1, 8, 9), std::span(s.data(), 1)).ok());  // one row has no stride
  }
}
