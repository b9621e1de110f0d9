// A filter that lets nothing pass: min, max, argmin and argmax have no result then, and nothing is written.
#include <catch2/catch.hpp>

#include "trueno/kernel.h"

using namespace trueno;

namespace {

std::vector<CompileOptions> targets() {
  std::vector<CompileOptions> out(1);
  out[0].backend = Backend::interpreter;
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512})
    for (const int bits : vector_lengths(isa)) {
      CompileOptions o;
      o.backend = Backend::jit;
      o.isa = isa;
      o.vector_bits = bits;
      out.push_back(o);
    }
  return out;
}

Kernel compiled(const char* text, const CompileOptions& options) {
  auto kernel = compile(text, options);
  INFO(text << (kernel ? "" : kernel.error().text()));
  REQUIRE(kernel);
  return *kernel;
}

}  // namespace

TEST_CASE("an extremum of nothing that passes is empty, on every target and for every length") {
  for (const CompileOptions& options : targets())
    for (const char* text : {"kernel k(x: f32[], t: f32) -> f32 { min(x where x > t) }",
                             "kernel k(x: f32[], t: f32) -> f32 { max(x where f64(x) > f64(t)) * 2 }",
                             "kernel k(x: f32[], t: f32) -> f32 { f32(argmin(x where x > t)) }",
                             "kernel k(x: f32[], t: f32) -> f32 { sum(x - max(x where x > t)) }",
                             "kernel k(x: f32[], t: f32) -> f32 { min(x where x > t) - 2 * min(x where x > t) }"}) {
      const Kernel kernel = compiled(text, options);
      for (const std::size_t n : {1, 7, 64, 1000, 8192, 20000}) {
        INFO(text << " by " << kernel.origin() << ", n " << n);
        std::vector<float> x(n, 1.0f);
        float result = 42;
        CHECK(kernel.run({x, 2.0f}, {result}).status() == Status::empty);
        CHECK(result == 42);
        x[n - 1] = 3;
        CHECK(kernel.run({x, 2.0f}, {result}));
        CHECK(result != 42);
      }
    }
}

TEST_CASE("sums and means of nothing that passes are not refused; nor what no scalar result needs") {
  for (const CompileOptions& options : targets()) {
    const std::vector<float> x(100, 1.0f);
    float result = 42;
    CHECK(compiled("kernel k(x: f32[]) -> f32 { sum(x where x > 2) }", options).run({x}, {result}));
    CHECK(result == 0);
    CHECK(compiled("kernel k(x: f32[]) -> f32 { mean(x where x > 2) }", options).run({x}, {result}));
    CHECK(result != result);
    std::vector<float> y(100);
    CompileOptions any = options;
    CHECK(compiled("kernel k(x: f32[]) -> f32[] { x - min(x where x > 2) }", any).run({x}, {y}));
  }
}

TEST_CASE("array results stay as they are where a scalar result is refused") {
  std::vector<float> x(100, 1.0f), y(100, 7.0f);
  float least = 42;
  const Kernel kernel = compiled("kernel k(x: f32[]) -> (y: f32[], least: f32) { x + 1, min(x where x > 2) }", {});
  CHECK(kernel.run({x}, {y, least}).status() == Status::empty);
  CHECK(y == std::vector<float>(100, 7.0f));
  CHECK(least == 42);
  x[50] = 3;
  CHECK(kernel.run({x}, {y, least}));
  CHECK(least == 3);
  CHECK(y[50] == 4);
}

TEST_CASE("rows: one that is refused leaves all of them unwritten") {
  for (const CompileOptions& options : targets()) {
    const Kernel kernel = compiled("kernel k(x: f32[]) -> f32 { min(x where x > 0) }", options);
    const std::vector<float> x = {1, 2, 3, 4, -1, -1, 5, 6};
    std::vector<float> out(4, 42);
    CHECK(kernel.run_rows({Matrix<const float>{x.data(), 4, 2}}, {out}).status() == Status::empty);
    CHECK(out == std::vector<float>(4, 42));
    CHECK(kernel.run_rows({Matrix<const float>{x.data(), 2, 2}}, {std::span(out).first(2)}));
    CHECK(out[1] == 3);
  }
}
