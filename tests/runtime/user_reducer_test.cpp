// A user's own reducers, in the kernel's text and beside it: the interpreter's bits on every target, whatever the order
// of merges matters to them.
#include <catch2/catch.hpp>

#include "runtime/verify.h"
#include "tests/runtime/compiled.h"

using namespace trueno;

namespace {

// Horner's rule: neither the step nor the merge commutes.
constexpr const char* kPoly =
    "reduce poly(x: f32) -> f32\n  state (value: f32 = 0, scale: f32 = 1)\n{\n"
    "  step { value * 0.5 + x, scale * 0.5 }\n"
    "  merge (value2, scale2) { value * scale2 + value2, scale * scale2 }\n  finish { value }\n}\n";
constexpr const char* kLast =
    "reduce last(x: f32, i: i64) -> f32\n  state (value: f32 = 0, at: i64 = -1)\n{\n"
    "  step { select(m32(i > at), x, value), max(i, at) }\n"
    "  merge (value2, at2) { select(m32(at2 > at), value2, value), max(at, at2) }\n  finish { value }\n}\n";

float run(const std::string& text, const CompileOptions& options, const std::vector<float>& x) {
  const auto kernel = compile(text, options);
  INFO(text << (kernel ? "" : kernel.error().text()));
  REQUIRE(kernel);
  float result = 0;
  const auto done = kernel->run({x}, {result});
  INFO((done ? "" : done.error().text()));
  REQUIRE(done);
  return result;
}

}  // namespace

TEST_CASE("reducers of users give the same bits on every target") {
  CompileOptions plain;
  plain.backend = Backend::interpreter;
  for (const std::string& text : {std::string(kPoly) + "kernel k(x: f32[]) -> f32 { poly(x) }",
                                  std::string(kPoly) + "kernel k(x: f32[]) -> f32 { poly(x where x > 0) + poly(x) }",
                                  std::string(kPoly) + "kernel k(x: f32[]) -> f32 { poly(sigmoid(x)) }",
                                  std::string(kLast) + "kernel k(x: f32[]) -> f32 { last(x, index()) }",
                                  std::string(kLast) + "kernel k(x: f32[]) -> f32 { last(x, index() where x < 0) }"})
    for (const std::size_t n :
         {0, 1, 2, 15, 16, 17, 63, 64, 65, 127, 1000, 4095, 4096, 4097, 8191, 8192, 8229, 30000}) {
      std::vector<float> x(n);
      for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(static_cast<int>(i * 7919 % 2003) - 1000) / 256;
      const float expected = run(text, plain, x);
      if (n > 0 && text.find("last(x, index())") != text.npos) CHECK(expected == x[n - 1]);
      test::on_all(text, [&](const Kernel& kernel) {
        float got = 0;
        CHECK(kernel.run({x}, {got}));
        INFO(text << ", n " << n << ": " << got << ", expected " << expected);
        CHECK(test::bits(got) == test::bits(expected));
      });
    }
}

TEST_CASE("what a reducer's step takes over may have other uses") {
  const std::string newest =
      "reduce newest(x: f32) -> f32\n  state (value: f32 = 0)\n"
      "{ step { x }  merge (value2) { value2 }  finish { value } }\n";
  const std::string scaled =
      "reduce scaled(x: f32) -> f32\n  state (value: f32 = 0)\n"
      "{ step { x * 0.5 + 1 }  merge (value2) { value2 * 0.5 + value }  finish { value } }\n";
  const std::string twins =
      "reduce twins(x: f32) -> f32\n  state (a: f32 = 0, b: f32 = 0, c: f32 = 1)\n"
      "{ step { x + 1, x + 1, a }  merge (a2, b2, c2) { a2 + c, a2 + c, b2 }  finish { a - b + c } }\n";
  for (const std::string& text :
       {newest + "kernel k(x: f32[]) -> (f32, f32[], f32) {\n  v = x + 1\n  newest(v), v * 2, sum(v*v) }",
        newest + "kernel k(x: f32[]) -> (f32, f32[], f32) {\n  newest(x), x * 2, newest(x where x > 0) }",
        scaled + "kernel k(x: f32[]) -> (f32, f32[], f32) {\n  scaled(x), x * 2, scaled(x where x > 0) }",
        twins + "kernel k(x: f32[]) -> (f32, f32[], f32) {\n  v = x + 1\n  twins(x), v, twins(x where x < 0) }"}) {
    CompileOptions plain;
    plain.backend = Backend::interpreter;
    const auto oracle = compile(text, plain);
    INFO(text << (oracle ? "" : oracle.error().text()));
    REQUIRE(oracle);
    for (const std::size_t n : {0, 1, 16, 17, 63, 64, 65, 100, 1000, 8192, 8193, 30000}) {
      std::vector<float> x(n), y(n), expected_y(n);
      for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(static_cast<int>(i * 7919 % 2003) - 1000) / 256;
      float a = 0, b = 0, expected_a = 0, expected_b = 0;
      REQUIRE(oracle->run({x}, {expected_a, expected_y, expected_b}));
      test::on_all(text, [&](const Kernel& kernel) {
        REQUIRE(kernel.run({x}, {a, y, b}));
        INFO(text << ", n " << n << ": " << a << ", expected " << expected_a);
        CHECK(test::bits(a) == test::bits(expected_a));
        CHECK(test::bits(b) == test::bits(expected_b));
        CHECK(y == expected_y);
      });
    }
  }
}

TEST_CASE("a merge that converts, down to the last lanes") {
  const std::string text =
      "reduce rounded(x: f32) -> f64\n  state (a: f32 = 0, b: f64 = 1.25, c: i64 = 3)\n"
      "{ step { x, b + f64(x), c + i64(x) }\n"
      "  merge (a2, b2, c2) { f32(b2), f64(f32(b + b2)), i64(i32(c + c2)) }  finish { f64(a) + b + f64(c) } }\n"
      "kernel k(x: f32[]) -> f64 { rounded(x) }";
  for (const std::size_t n : {0, 1, 31, 32, 33, 1000, 5000}) {
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i * 7919 % 2003) / 3;
    double expected = 0;
    REQUIRE(test::compiled(text, Backend::interpreter).run({x}, {expected}));
    test::on_all(text, [&](const Kernel& kernel) {
      double got = 0;
      REQUIRE(kernel.run({x}, {got}));
      INFO("n " << n << ": " << got << ", expected " << expected);
      CHECK(test::bits(got) == test::bits(expected));
    });
  }
}

TEST_CASE("a reducer handed over beside the kernel") {
  CompileOptions options;
  options.extra_ops = kPoly;
  CHECK(run("kernel k(x: f32[]) -> f32 { poly(x) }", options, {1, 2, 3}) ==
        run(std::string(kPoly) + "kernel k(x: f32[]) -> f32 { poly(x) }", {}, {1, 2, 3}));
}

namespace {

constexpr const char* kMany = R"(
table numbers: f32[4] = [1, 0x1.8p-3, -2, nan]
table steps: f64[2] = [0.1, -1]
op part_of(v: T) -> T for T in f32, f64 { v * v + exp(v) }
reduce poly(x1: T, y: T) -> T for T in f32, f64
  state (s: T = 0.1, n: i32 = -3)
  empty refused
{
  step {
    p = s * x1
    p + part_of(y) * T(numbers[n]), n + 1
  }
  merge (s2, n2) { s * s2 + s, n2 - n }
  finish { s / T(n) + T(count()) }
}
reduce newest(v: f32) -> f32
  state (s: f32 = nan(0xffc00001))
{ step { v }  merge (later) { later }  finish { s } }
reduce newest(v: f64, m: m64) -> f64
  state (v1: f64 = -0, x_2: i64 = 0x8000000000000000)
{
  step {
    w = sqrt(v)
    select(m, w, v1), x_2 - i64(w) * 3
  }
  merge (v2, y) { v2 + steps[y], x_2 + y }
  finish { v1 }
}
)";

}  // namespace

TEST_CASE("the text of a kernel with reducers of a user stands alone") {
  for (const char* kernel :
       {"kernel k(x: f32[]) -> (f32, f32[], f32) {\n  v = x + 1\n  newest(v), v * 2, sum(v*v) }",
        "kernel k(newest: f32[], s: f32) -> f32 { later = newest * s\n newest(later where newest > 0) }",
        "strict kernel k(a: f32[], numbers2: f32[]) -> f32 { poly(a, numbers2*a + 1) - poly(a, a where a != 3) }",
        "kernel k(exp2_head: f32[], b: f64[]) -> (one: f32, two: f64, f64) {\n  a = exp2_head\n"
        "  poly(a, a where b < 1), poly(b, b), newest(b, m64(a > 0 and a < 2) where a != 1) }",
        "kernel k(b: f64[]) -> f64[] { b * newest(b - poly(b, b), b > 0) }"}) {
    const auto first = compile(std::string(kMany) + kernel);
    INFO(kernel << (first ? "" : first.error().text()));
    REQUIRE(first);
    const std::string text = first->text();
    const auto again = compile(text);
    INFO(text << (again ? "" : again.error().text()));
    REQUIRE(again);
    CHECK(again->text() == text);
    CompileOptions plain;
    plain.backend = Backend::interpreter;
    const auto judge = compile(std::string(kMany) + kernel, plain);
    REQUIRE(judge);
    const auto same = runtime::verify(*again, *judge);
    INFO(same.describe());
    CHECK(same.ok());
  }
}

TEST_CASE("tables in the step and the merge of a reducer, and a constant that is both parts of a component") {
  for (const char* text :
       {"table t: i64[4] = [-456, -898, 64, 16777217]\nreduce own(x: i64) -> i64\n  state (s: i64 = 943, n: i64 = "
        "619)\n"
        "{ step { t[s], 65 }  merge (s2, n2) { s2, n2 }  finish { s } }\n"
        "kernel k(x: i64[]) -> (i64, i64) { own(x), own(x where x > 5) }",
        "table t: i32[8] = [255, 124, 625, 7, 2147483584, 378, 63776, 209]\nreduce own(x: i32) -> i32\n"
        "  state (a: i32 = 245, b: i32 = -65)\n{ step { b + x, x }  merge (c, d) { t[d], t[a] }  finish { a - b } }\n"
        "kernel k(x: i32[]) -> i32 { own(x) }",
        "reduce own(x: i64, y: f64) -> f64\n  state (a: f32 = nan, b: f64 = 6.25)\n"
        "{ step { a, f64(x) }  merge (c, d) { c, d }  finish { b } }\n"
        "kernel k(x: f64[]) -> f64 { own(i64(1), x) }"})
    test::on_all(text, [&](const Kernel& kernel) {
      CompileOptions plain;
      plain.backend = Backend::interpreter;
      const auto judge = compile(text, plain);
      REQUIRE(judge);
      const auto same = runtime::verify(kernel, *judge);
      INFO(same.describe());
      CHECK(same.ok());
    });
}
