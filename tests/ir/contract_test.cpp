// Contraction: every row of the contract's rule, seen in what is printed.
#include <catch2/catch.hpp>

#include "tests/ir/text.h"

using namespace trueno;
using namespace trueno::ir;
using namespace trueno::ir::text_tests;

TEST_CASE("one product beside a sum becomes one fma") {
  CHECK(printed("x*y + a", "f32[]") == "fma(x, y, a)");
  CHECK(printed("a + x*y", "f32[]") == "fma(x, y, a)");
  CHECK(printed("x*y - a", "f32[]") == "fma(x, y, -a)");
  CHECK(printed("a - x*y", "f32[]") == "fma(-x, y, a)");
  CHECK(printed("((x*y)) + a", "f32[]") == "fma(x, y, a)");
  CHECK(printed("x*y*a + y", "f32[]") == "fma(x * y, a, y)");
  CHECK(printed("-x*y + a", "f32[]") == "fma(-x, y, a)");
}

TEST_CASE("signs fold into literals exactly") {
  CHECK(printed("x*y - 2", "f32[]") == "fma(x, y, -2)");
  CHECK(printed("a - 2*x", "f32[]") == "fma(-2, x, a)");
  CHECK(printed("a - -2*x", "f32[]") == "fma(2, x, a)");
  CHECK(printed("x*y - nan", "f32[]") == "fma(x, y, nan(0xffc00000))");
}

TEST_CASE("two products, or none that can be seen, do not fuse") {
  CHECK(printed("x*y + a*x", "f32[]") == "x * y + a * x");
  CHECK(printed("x*y - x*x", "f32[]") == "x * y - x * x");
  CHECK(printed("p = x*y\np + a", "f32[]") == "p = x * y\n  p + a");
  CHECK(printed("mul(x, y) + a", "f32[]") == "mul(x, y) + a");
  CHECK(printed("x/y + a", "f32[]") == "x / y + a");
  CHECK(printed("-(x*y) + a", "f32[]") == "-(x * y) + a");
}

TEST_CASE("a fused sum is not a product to the next one") {
  CHECK(printed("x*y + a + x", "f32[]") == "fma(x, y, a) + x");
  CHECK(printed("x*y + x*x + a*y", "f32[]") == "fma(a, y, x * y + x * x)");
}

TEST_CASE("sum of a textual product accumulates by fma") {
  CHECK(printed("sum(x*y)", "f32") == "sum.fma(x, y)");
  CHECK(printed("sum((x*y*a))", "f32") == "sum.fma(x * y, a)");
  CHECK(printed("sum(x*y where x > 0)", "f32") == "sum.fma(x, y where x > 0)");
  CHECK(printed("sum(x*y + a)", "f32") == "sum(fma(x, y, a))");
  CHECK(printed("sum(x/y)", "f32") == "sum(x / y)");
  CHECK(printed("sum(mul(x, y))", "f32") == "sum(mul(x, y))");
  CHECK(printed("p = x*y\nsum(p)", "f32") == "p = x * y\n  sum(p)");
}

TEST_CASE("mean of a product is mean.fma where there is such an op") {
  const char* both = "op mean(x: f32) -> f32 { x }\nop mean.fma(x: f32, y: f32) -> f32 { x }\n";
  const char* one = "op mean(x: f32) -> f32 { x }\n";
  CHECK(printed("mean(x*y)", "f32[]", both) == "mean.fma(x, y)");
  CHECK(printed("mean(x*y)", "f32[]", one) == "mean(mul(x, y))");
  CHECK(printed("mean(x*y)", "f32[]", std::string(both) + "strict ") == "mean(mul(x, y))");
}

TEST_CASE("integers are multiplied and added") {
  CHECK(printed("i*j + i", "i32[]") == "i * j + i");
  CHECK(printed("i - i*j", "i32[]") == "i - i * j");
  CHECK(printed("i*2 - 0x80000000", "i32[]") == "i * 2 - -2147483648");
}

TEST_CASE("sums of i32 widen before the product, in strict kernels too") {
  CHECK(printed("sum(i)", "i64") == "sum(i64(i))");
  CHECK(printed("sum(i*j)", "i64") == "sum.fma(i64(i), i64(j))");
  CHECK(printed("sum(i*j)", "i64", "strict ") == "sum(i64(i) * i64(j))");
  CHECK(printed("sum(i*j where i > j)", "i64", "strict ") == "sum(i64(i) * i64(j) where m64(i > j))");
  CHECK(printed("sum.fma(i, j where i > 0)", "i64") == "sum.fma(i64(i), i64(j) where m64(i > 0))");
  CHECK(printed("sum(mul(i, j))", "i64") == "sum(i64(i * j))");
}

TEST_CASE("strict kernels never contract") {
  CHECK(printed("x*y + a", "f32[]", "strict ") == "x * y + a");
  CHECK(printed("sum(x*y)", "f32", "strict ") == "sum(x * y)");
}

TEST_CASE("bodies of ops follow the same rule") {
  const auto module = parse_module("op muladd(x: T, y: T) -> T for T in f32, i32 { x*y + 1 }", NoOps());
  REQUIRE(module);
  REQUIRE(module->definitions.size() == 2);
  CHECK(body_of(module->definitions[0].body) == "fma(x, y, 1)");
  CHECK(body_of(module->definitions[1].body) == "x * y + 1");
}
