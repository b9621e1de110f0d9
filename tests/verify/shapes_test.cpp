// Kernels whose shape is the difficulty: many arrays, many scalars, many live values, many results, widths mixed.
#include <catch2/catch.hpp>

#include <string>

#include "runtime/host.h"
#include "tests/verify/subjects.h"

using namespace trueno;
using test::check_text;

namespace {

/// "x0: f32[], x1: f32[], ..."
std::string parameters(const std::string& stem, int count, const std::string& type) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i ? ", " : "") + stem + std::to_string(i) + ": " + type;
  return out;
}

/// "x0 + x1 + ..."
std::string joined(const std::string& stem, int count, const std::string& op) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i ? op : "") + stem + std::to_string(i);
  return out;
}

/// `count` values that are all alive until the end: each is made first, all are used afterwards, twice.
std::string many_live(int count, const std::string& type, bool reduce) {
  std::string body;
  for (int i = 0; i < count; ++i) body += "  v" + std::to_string(i) + " = x * " + std::to_string(i + 2) + " - y\n";
  body += "; s = " + joined("v", count, " + ") + "\n; p = " + joined("v", count, " - ") + "\n";
  body += reduce ? "; sum(max(s, p))\n" : "; max(s, p)\n";
  return "kernel live(x: " + type + "[], y: " + type + "[]) -> " + type + (reduce ? "" : "[]") + " {\n" + body + "}\n";
}

}  // namespace

TEST_CASE("conversions of conversions") {  // each reads what the one before made, not the array that began it
  for (const char* text : {"kernel k(x: f32[]) -> i64[] { i64(i32(x)) }", "kernel k(x: i32[]) -> f64[] { f64(f32(x)) }",
                           "kernel k(x: i32[]) -> (f64[], f32[]) { f64(f32(x)), f32(x) }",
                           "kernel k(x: f32[]) -> (f64, f32) { sum.wide(f32(i32(x))), sum(abs(x)) }",
                           "kernel k(x: i32[]) -> i64[] { i64(f32(x)) }"})
    check_text(text);
}

TEST_CASE("many arrays") {
  check_text("kernel many(" + parameters("x", 20, "f32[]") + ") -> f32[] { " + joined("x", 20, " + ") + " }");
  check_text("kernel many(" + parameters("x", 20, "i32[]") + ") -> i64 { sum(" + joined("x", 20, " + ") + ") }");
}

TEST_CASE("many scalars") {
  check_text("kernel many(x: f32[], " + parameters("a", 40, "f32") + ") -> f32[] { x + " + joined("a", 40, " * x + ") +
             " }");
  check_text("kernel many(x: f32[], " + parameters("a", 40, "f32") + ") -> f32 { sum(x * (" + joined("a", 40, " - ") +
             ")) }");
}

TEST_CASE("more live values than registers") {
  for (const int count : {8, 16, 31, 40}) {
    check_text(many_live(count, "f32", false));
    check_text(many_live(count, "i32", false));
    check_text(many_live(count, "f32", true));
  }
}

TEST_CASE("more live masks than mask registers") {
  std::string masks, uses;
  for (int i = 0; i < 12; ++i) {
    masks += "  m" + std::to_string(i) + " = x < y - " + std::to_string(i) + "\n";
    uses += (i ? " + " : "") + ("select(m" + std::to_string(11 - i)) + ", x, y)";
  }
  check_text("kernel masks(x: f32[], y: f32[]) -> f32[] {\n" + masks + "; " + uses + "\n}\n");
}

TEST_CASE("many reductions") {
  std::string body, results, names;
  for (int i = 0; i < 10; ++i) {
    names += (i ? ", r" : "r") + std::to_string(i);
    results += (i ? ", r" : "r") + std::to_string(i) + ": f32";
    body += "  r" + std::to_string(i) + " = sum(x * " + std::to_string(i + 1) + " - y)\n";
  }
  check_text("kernel many(x: f32[], y: f32[]) -> (" + results + ") {\n" + body + "  " + names + "\n}\n");
}

TEST_CASE("several results") {
  check_text("kernel r(x: f32[], y: f32[]) -> (a: f32[], b: f32[], c: f32) { x + y, x - y, sum(x) }");
  // In place these are swaps: both inputs are read before anything is stored.
  for (const char* type : {"f32", "i32", "i64"}) {
    const std::string array = std::string(type) + "[]";
    check_text("kernel r(x: " + array + ", y: " + array + ") -> (a: " + array + ", b: " + array + ") { y, x }");
    check_text("kernel r(x: " + array + ", y: " + array + ") -> (a: " + array + ", b: " + array + ") { y, x + y }");
  }
  check_text("kernel r(x: f32[], k: i32[]) -> (a: i32[], b: f32[]) { i32(x), f32(k) }");
}

TEST_CASE("what a back end declines runs elsewhere, says so, and has the same bits") {
  for (const char* text :
       {"kernel m(x: f32[], y: f32[]) -> m32[] { x < y }", "kernel m(x: i32[], y: i32[]) -> m32[] { x != y }",
        "kernel s(x: i32[]) -> i64 { sum(x where x < 100) }",
        "kernel d(x: i32[], y: i32[]) -> (q: i32[], r: i32[]) { x / y, rem(x, y) }",
        "kernel c(x: f32[]) -> f32[] { x / f32(count()) }",
        "kernel e(x: f32[]) -> f32[] { exponent(x) + significand(x) }"}) {
    CompileOptions options;
    options.backend = Backend::interpreter;
    const Result<Kernel> judge = compile(text, options);
    options.backend = Backend::automatic;
    const Result<Kernel> kernel = compile(text, options);
    REQUIRE((judge.ok() && kernel.ok()));
    const bool generated = kernel->backend() == Backend::jit;
    INFO(kernel->origin());
    CHECK((generated || runtime::runnable_targets().empty() || kernel->origin().find("declines") != std::string::npos));
    options.backend = Backend::jit;
    const Result<Kernel> required = compile(text, options);
    CHECK(required.ok() == generated);
    if (!generated) CHECK(required.status() == Status::unavailable);
    const runtime::Report report = runtime::verify(*kernel, *judge, test::possible({}));
    INFO(report.describe());
    CHECK(report.outcome == runtime::Report::Outcome::same);
  }
}

TEST_CASE("a uniform value in every element") {
  check_text("kernel u(x: f32[], a: f32) -> (y: f32[], z: f32[]) { a * 2, x }");
  check_text("kernel u(x: f32[]) -> f32[] { sum(x) }");
  check_text("kernel u(x: f32[]) -> f32[] { x * 0 + 1 }");
}

TEST_CASE("a copy") {
  check_text("kernel c(x: f32[]) -> f32[] { x }");
  check_text("kernel c(x: i32[]) -> i32[] { x }");
}

TEST_CASE("masks of scalars, used before, in and after loops") {
  check_text(
      "kernel m(x: f32[], a: f32, c: i32) -> f32[] { v = sum(x); select(c != c, select(a < a, 3, v - a), v) + x }");
  check_text("kernel m(x: f32[], a: f32, b: f32) -> f32 { v = sum(x); select(a < b, v, select(b < v, a, b)) }");
  check_text(
      "kernel m(x: f32[], a: f32, b: f32) -> (y: f32[], s: f32) { m = a < b; select(m, x, 1), select(m, sum(x), a) }");
}

TEST_CASE("masks that are known beforehand") {
  check_text("kernel m(x: f32[], y: f32[]) -> f32[] { select(xor(f32(1) == 1, x < y), x, y) }");
  check_text("kernel m(x: i32[], y: f32[]) -> f32[] { select(x < 5 or i32(2) < 1, y, 1) }");
  check_text("kernel m(x: f32[], a: f32) -> f32[] { select(xor(f32(1) == 1, a < 2), x, a) }");
}

TEST_CASE("identities that floats do not have are not used") {
  for (const char* e : {"x + 0", "x - 0", "0 - x", "x + -0.0", "x * 0", "x * 1", "x * -1", "x / 1", "x / x", "x - x",
                        "min(x, x)", "max(x, 0)", "max(0, x)", "select(x == x, x, 0)", "sqrt(x) * sqrt(x)", "-(-x)"})
    check_text("kernel k(x: f32[]) -> f32[] { " + std::string(e) + " }");
}

TEST_CASE("extrema with a constant, either side, zeros of either sign and NaN") {
  for (const std::string type : {"f32", "f64"})
    for (const std::string op : {"min", "max", "min_num", "max_num"})
      for (const std::string c : {"+0.0", "-0.0", "1", "-3", "inf", "-inf", "0x1p-149", "nan"}) {
        const std::string head =
            "kernel k(x: " + type + "[], a: " + type + ") -> (y: " + type + "[], z: " + type + ") ";
        const std::string value = c[0] == '+' ? c.substr(1) : c;
        check_text(head + "{ " + op + "(x, " + value + "), " + op + "(" + value + ", a) }");
      }
}

TEST_CASE("a side of a select that is nothing, and signs that are known") {
  for (const char* e : {"select(x > y, x, 0)", "select(x > y, 0, y)", "select(x > y, -0.0, y)", "select(x > y, 0, 0.0)",
                        "-abs(x)", "-(-abs(x))", "copysign(x, -2)", "copysign(x, 2)", "-copysign(x, -0.0)",
                        "abs(copysign(x, y))", "fma(-abs(x), y, -abs(y))", "f32(select(x > y, i32(y), 0))"})
    check_text("kernel k(x: f32[], y: f32[]) -> f32[] { " + std::string(e) + " }");
  check_text("kernel k(x: f64[], y: f64[]) -> f64[] { select(x > -abs(y), 0, -abs(x)) }");
  check_text("kernel k(x: i64[], y: f64[]) -> i64[] { select(y > 0, x, 0) + select(y > 1, 0, x) }");
}

TEST_CASE("exponent and significand share their steps, with each other and with what is near") {
  for (const char* e : {"exponent(x) + significand(x)", "significand(x) * y - exponent(x)",
                        "exponent(x) + exponent(y) * significand(x) + significand(y)",
                        "ldexp(significand(x), exponent(x)) + ldexp(significand(y), exponent(x))",
                        "select(x > y, max(x, y), min(x, y)) + select(x > y, exponent(y), y)",
                        "max_num(x, y) + min_num(x, y)", "max(x, y) - max(y, x)"})
    for (const std::string type : {"f32", "f64"})
      check_text("kernel k(x: " + type + "[], y: " + type + "[]) -> " + type + "[] { " + e + " }");
  check_text("kernel k(x: f32[]) -> (a: f32, b: f32) { sum(exponent(x)), sum(significand(abs(x)) + exponent(x)) }");
}

TEST_CASE("scalars only") {
  check_text("kernel s(a: f32, b: f32) -> f32 { sqrt(a*a + b*b) }");
  check_text("kernel s(a: i32, b: i32) -> i32 { a*b + a }");
}

TEST_CASE("the number of elements") {
  check_text("kernel c(x: f32[]) -> f32[] { x / f32(f64(count())) }");
  check_text("kernel c(x: f32[]) -> i64 { count() }");
}

TEST_CASE("widths mixed in one loop") {
  check_text("kernel w(x: f32[], y: f64[]) -> f64[] { f64(x) + y }");
  check_text("kernel w(x: f32[]) -> f64 { sum(f64(x) * f64(x)) }");
  check_text("kernel w(x: f64[]) -> f32[] { f32(x) }");
  check_text("kernel w(x: f32[], y: f64[]) -> (a: f32[], b: f64[]) { x * 2, y * 2 }");
}

TEST_CASE("ops built from primitives") {
  for (const char* op : {"exp", "sigmoid", "relu", "abs", "square", "recip"}) {
    check_text("kernel o(x: f32[]) -> f32[] { " + std::string(op) + "(x) }");
    check_text("kernel o(x: f32[], a: f32, b: f32) -> f32 { mean(" + std::string(op) + "(a*x + b)) }");
  }
  check_text("kernel o(x: f32[], lo: f32, hi: f32) -> f32[] { clamp(x, lo, hi) }");
  check_text("kernel o(x: f32[], y: f32[], t: f32) -> f32[] { lerp(x, y, t) }");
}
