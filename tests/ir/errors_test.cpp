// Mistakes: all of them at once, each with its place, its line and a remedy; and no cascades.
#include <catch2/catch.hpp>

#include "tests/ir/text.h"

using namespace trueno;
using namespace trueno::ir;
using namespace trueno::ir::text_tests;
using Catch::Contains;

namespace {

/// The single mistake of a kernel body over x: f32[], i: i32[], d: f64[], a: f32 with an f32[] result.
std::string mistake(const std::string& body) {
  const auto module =
      parse_module("kernel k(x: f32[], i: i32[], d: f64[], a: f32) -> f32[] {\n" + body + "\n}", NoOps());
  if (module) return "no mistake";
  std::string all;
  for (const Diagnostic& m : module.error().diagnostics) all += m.message + "\n";
  if (module.error().diagnostics.size() != 1) return "several:\n" + all;
  const Position at = module.error().diagnostics[0].at;
  return std::to_string(at.line - 1) + ":" + std::to_string(at.column) + " " + all.substr(0, all.size() - 1);
}

}  // namespace

TEST_CASE("golden: broken texts and all their mistakes") {
  const std::string path = std::string(TRUENO_TESTS_DIR) + "/ir/golden/";
  const auto module = parse_module(read_file(path + "broken.tir"), NoOps(), "broken.tir");
  REQUIRE_FALSE(module);
  const std::string all = module.error().text();
  CHECK(all == golden("broken.errors", all));
}

TEST_CASE("operators of other languages") {
  CHECK_THAT(mistake("x ^ x"), Contains("1:3 there is no '^'; write xor(a, b)"));
  CHECK_THAT(mistake("x % x"), Contains("1:3 there is no '%'; write rem(a, b)"));
  CHECK_THAT(mistake("x && x"), Contains("1:3 there is no '&'; write a and b"));
  CHECK_THAT(mistake("!x"), Contains("1:1 there is no '!'; write not a"));
  CHECK_THAT(mistake("select(a < x < 1, x, 0)"), Contains("1:14 comparisons do not chain"));
}

TEST_CASE("unknown names are given their nearest") {
  CHECK(mistake("x + aa") == "1:5 there is no value 'aa'; did you mean 'a'?");
  CHECK(mistake("sqr(x)") == "1:1 there is no operation 'sqr'; did you mean 'sqrt'?");
  CHECK(mistake("bitcat.f32(i)") == "1:1 there is no operation 'bitcat.f32'; did you mean 'bitcast.f32'?");
  CHECK(mistake("bitcast(i)") == "1:1 there is no operation 'bitcast'; write bitcast.f32, .f64, .i32 or .i64");
  CHECK(mistake("sqrt + x") == "1:1 'sqrt' is an operation and needs its operands: sqrt(...)");
  CHECK(mistake("tab[i]") == "1:1 there is no table 'tab'");
}

TEST_CASE("types that do not fit: both are named, and the conversion to write") {
  CHECK(mistake("x + i") ==
        "1:5 '+' needs operands of one type, not f32 and i32; there is no implicit conversion: write f32(...)");
  CHECK(mistake("f32(i*d)") ==
        "1:5 '*' needs operands of one type, not i32 and f64; there is no implicit conversion: write f64(...)");
  CHECK_THAT(mistake("sqrt(i)"), Contains("1:6 'sqrt' takes f32 or f64, not i32; write f32(...)"));
  CHECK_THAT(mistake("select(x, x, 0)"), Contains("1:8 'select' needs a mask first, not f32; write ... != 0"));
  CHECK_THAT(mistake("select(d > 0, x, 0)"), Contains("write m32(...)"));
  CHECK_THAT(mistake("x + (x < 0)"), Contains("'+' takes numbers, not m32; write select(..., f32(1), 0)"));
  CHECK_THAT(mistake("f32(rem(x, 2))"), Contains("'rem' takes i32 or i64, not f32"));
  CHECK_THAT(mistake("bitcast.f32(d)"), Contains("needs i32, not f64"));
  CHECK_THAT(mistake("ldexp(x, d)"), Contains("needs an exponent of its width, not f64"));
  CHECK_THAT(mistake("i"), Contains("1:1 the result is declared f32[], but its value is i32"));
  CHECK_THAT(mistake("sum(x where x) + x"), Contains("'where' needs a mask, not f32"));
}

TEST_CASE("numbers of operands") {
  CHECK(mistake("fma(x, x)") == "1:1 'fma' takes 3 operands, not 2");
  CHECK(mistake("min(x, x, x)") == "1:1 'min' takes 1 or 2 operands, not 3");
  CHECK(mistake("f32(x, x)") == "1:1 'f32' takes 1 operand, not 2");
}

TEST_CASE("where belongs to reductions, of any kind and with a mask of any width") {
  CHECK(mistake("min(x where x > 0) + x") == "no mistake");
  CHECK(mistake("sum(x where d > 0) + x") == "no mistake");
  CHECK(mistake("sqrt(x where x > 0)") == "1:16 'where' in 'sqrt' is out of place; it belongs to a reduction");
  CHECK_THAT(errors_of("op same(x: f32) -> f32 { x }\nkernel k(x: f32[]) -> f32[] { same(x where x > 0) }"),
             Contains("'where' in 'same' is out of place; it belongs to a reduction"));
}

TEST_CASE("what has no type is said to have none, once") {
  CHECK(mistake("c = 1 + 2\nsqrt(x)") ==
        "1:1 cannot find the type of 'c': nothing it is used with has one; write c = f32(...)");
  CHECK_THAT(mistake("select(1 < 2, x, x)"), Contains("1:8 cannot find the type of '1'"));
  CHECK_THAT(expression("a + b", {{"a", false, {}}, {"b", false, {}}}).error().text(),
             Contains("cannot find the type of 'a': nothing it is used with has one; write f32(a)"));
}

TEST_CASE("names are bound once") {
  CHECK(mistake("s = x\ns = x\ns") ==
        "2:1 's' is already bound in line 2; a name stands for one value: choose another");
  CHECK_THAT(mistake("x = a\nx"), Contains("'x' is already bound in line 1"));
  CHECK_THAT(mistake("f32 = x\nx"), Contains("'f32' cannot name a value: it is a word of the language"));
}

TEST_CASE("declared scalar, varying value") {
  CHECK_THAT(
      errors_of("kernel k(x: f32[]) -> (s: f32, f32) { sum(x), x*x }"),
      Contains("t.tir:1:48: error: the result is declared f32, one value, but this has a value for every element; "
               "declare f32[], or reduce it, as in sum(...)"));
}

TEST_CASE("errors do not cascade") {
  CHECK(mistake("p = y + x\nq = p * p\nq + p + d*p") == "1:5 there is no value 'y'");
  CHECK(mistake("p = (x +\nq = x\np + q") == "2:1 expected an expression, found 'q'");
  CHECK_THAT(errors_of("op f(x: f32) -> f32 { y }\nkernel k(x: f32[]) -> f32[] { f(x) }"), !Contains("'f'"));
}

// Found by the fuzzer: an op whose only mistake was the lexer's counted as good, and had no result.
TEST_CASE("an op broken by the lexer's finding, or beyond the limit of mistakes, is broken") {
  CHECK_THAT(errors_of("op f(x: T) -> T for T in f32, f64 { x / (1min + x) }\nkernel k(x: f32[]) -> f32[] { f(x) }"),
             Contains("'1min' is not a number") && !Contains("'f'"));
  std::string many;
  for (int i = 0; i < 200; ++i) many += "kernel k" + std::to_string(i) + "(x: f32[]) -> f32[] { y }\n";
  CHECK_THAT(errors_of(many + "op f(x: f32) -> f32 { z }\nkernel k(x: f32[]) -> f32[] { f(x) }"),
             Contains("too many mistakes; the rest is not shown"));
}

TEST_CASE("independent mistakes are all reported, in the order of the text") {
  const auto module = parse_module(
      "kernel a(x: f33[]) -> f32 { sum(x) }\nkernel b(x: f32[]) -> f32[] { p = x + ; q = zz; p + q + i32(x) }\n"
      "kernel c(x f32[]) -> f32 { 1 }\nkernel d(x: f32[]) -> f32[] { sqrtt(x) }\n",
      NoOps());
  REQUIRE_FALSE(module);
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& d : module.error().diagnostics) lines.push_back(d.at.line);
  CHECK(lines == std::vector<std::uint32_t>{1, 2, 2, 3, 4});
  CHECK(module.error().status == Status::invalid_text);
}

TEST_CASE("limits are errors, not crashes") {
  const auto kernel = [](const std::string& body) { return errors_of("kernel k(x: f32[]) -> f32[] { " + body + " }"); };
  const auto times = [](const std::string& piece, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += piece;
    return out;
  };
  CHECK(kernel("x" + times(" + x", 200)).empty());
  CHECK_THAT(kernel("x" + times(" + x", 300)), Contains("more than 256 levels; name a part of it"));
  CHECK_THAT(kernel(times("(", 100000) + "x"), Contains("nested more than 256 levels deep"));
  CHECK_THAT(kernel(times("-", 100000) + "x"), Contains("nested more than 256 levels deep"));
  CHECK_THAT(kernel(times("y", 100) + " + x"), Contains("a name of 100 bytes; the longest allowed is 64"));
  CHECK_THAT(kernel("max(" + times("x, ", 100) + "x)"), Contains("more than 64 arguments"));
  std::string chain = "c0 = 1\n";
  for (int i = 1; i < 1000; ++i) chain += "c" + std::to_string(i) + " = c" + std::to_string(i - 1) + " + 1\n";
  CHECK_THAT(kernel(chain + "x * c999"), Contains("too many names without a type are built on each other"));
  std::string many = "v0 = x\n";
  for (int i = 1; i < 5000; ++i) many += "v" + std::to_string(i) + " = sqrt(v" + std::to_string(i - 1) + ")\n";
  const auto big = parse_module("kernel k(x: f32[]) -> f32[] {\n" + many + "v4999 }", NoOps());
  REQUIRE_FALSE(big);
  CHECK(big.status() == Status::too_large);
  CHECK_THAT(big.error().text(), Contains("more than 4096 operations"));
  CHECK(parse_module(times("?", 5000), NoOps()).error().diagnostics.size() <= 101);
  CHECK(parse_module(std::string(2 << 20, ' '), NoOps()).status() == Status::too_large);
}

TEST_CASE("an op cannot call itself") {
  CHECK_THAT(errors_of("op f(x: f32) -> f32 { f(x) }"), Contains("an op cannot call itself, and 'f' is no primitive"));
}
