// A filter that lets nothing pass: min, max, argmin and argmax have no result then, and nothing is written.
#include <catch2/catch.hpp>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::compiled;
using test::on_all;

TEST_CASE("an extremum of nothing that passes is empty, on every target and for every length") {
  for (const char* text : {"kernel k(x: f32[], t: f32) -> f32 { min(x where x > t) }",
                           "kernel k(x: f32[], t: f32) -> f32 { max(x where f64(x) > f64(t)) * 2 }",
                           "kernel k(x: f32[], t: f32) -> f32 { f32(argmin(x where x > t)) }",
                           "kernel k(x: f32[], t: f32) -> f32 { sum(x - max(x where x > t)) }",
                           "kernel k(x: f32[], t: f32) -> f32 { min(x where x > t) - 2 * min(x where x > t) }"})
    on_all(text, [&](const Kernel& kernel) {
      for (const std::size_t n : {1, 7, 64, 1000, 8192, 20000}) {
        INFO(text << ", n " << n);
        std::vector<float> x(n, 1.0f);
        float result = 42;
        CHECK(kernel.run({x, 2.0f}, {result}).status() == Status::empty);
        CHECK(result == 42);
        x[n - 1] = 3;
        CHECK(kernel.run({x, 2.0f}, {result}));
        CHECK(result != 42);
      }
    });
}

TEST_CASE("sums and means of nothing that passes are not refused; nor what no scalar result needs") {
  const std::vector<float> x(100, 1.0f);
  float result = 42;
  on_all("kernel k(x: f32[]) -> f32 { sum(x where x > 2) }", [&](const Kernel& kernel) {
    CHECK(kernel.run({x}, {result}));
    CHECK(result == 0);
  });
  on_all("kernel k(x: f32[]) -> f32 { mean(x where x > 2) }", [&](const Kernel& kernel) {
    CHECK(kernel.run({x}, {result}));
    CHECK(result != result);
  });
  on_all("kernel k(x: f32[]) -> f32[] { x - min(x where x > 2) }", [&](const Kernel& kernel) {
    std::vector<float> y(100);
    CHECK(kernel.run({x}, {y}));
  });
}

TEST_CASE("array results stay as they are where a scalar result is refused") {
  std::vector<float> x(100, 1.0f), y(100, 7.0f);
  float least = 42;
  const Kernel kernel = compiled("kernel k(x: f32[]) -> (y: f32[], least: f32) { x + 1, min(x where x > 2) }");
  CHECK(kernel.run({x}, {y, least}).status() == Status::empty);
  CHECK(y == std::vector<float>(100, 7.0f));
  CHECK(least == 42);
  x[50] = 3;
  CHECK(kernel.run({x}, {y, least}));
  CHECK(least == 3);
  CHECK(y[50] == 4);
}

TEST_CASE("rows: one that is refused leaves all of them unwritten") {
  on_all("kernel k(x: f32[]) -> f32 { min(x where x > 0) }", [](const Kernel& kernel) {
    const std::vector<float> x = {1, 2, 3, 4, -1, -1, 5, 6};
    std::vector<float> out(4, 42);
    CHECK(kernel.run_rows({Matrix<const float>{x.data(), 4, 2}}, {out}).status() == Status::empty);
    CHECK(out == std::vector<float>(4, 42));
    CHECK(kernel.run_rows({Matrix<const float>{x.data(), 2, 2}}, {std::span(out).first(2)}));
    CHECK(out[1] == 3);
  });
}
