// Reductions: the tree of additions is the contract, so every length at which it changes shape is run.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/verify/subjects.h"

using namespace trueno;
using test::check_text;

namespace {

std::string with_type(std::string text, const std::string& type) {
  for (std::size_t at = text.find('T'); at != text.npos; at = text.find('T')) text.replace(at, 1, type);
  return text;
}

}  // namespace

TEST_CASE("sum of every type") {
  check_text("kernel s(x: f32[]) -> f32 { sum(x) }");
  check_text("kernel s(x: f64[]) -> f64 { sum(x) }");
  check_text("kernel s(x: i32[]) -> i64 { sum(x) }");
  check_text("kernel s(x: i64[]) -> i64 { sum(x) }");
}

TEST_CASE("sum of an expression") {
  check_text("kernel s(x: f32[], y: f32[]) -> f32 { d = x - y; sum(d*d) }");
  check_text("kernel s(x: f32[], a: f32) -> f32 { sum(a*x + 1) }");
  check_text("kernel s(x: f32[]) -> f32 { sum(abs(x) + sqrt(abs(x))) }");
  check_text("kernel s(x: f64[], y: f64[]) -> f64 { sum(x*y) }");
}

TEST_CASE("mean") {
  check_text("kernel m(x: f32[]) -> f32 { mean(x) }");
  check_text("kernel m(x: f64[]) -> f64 { mean(x) }");
  check_text("kernel m(x: i32[]) -> f64 { mean(x) }");
  check_text("kernel m(x: f32[], a: f32, b: f32) -> f32 { mean(a*x + b) }");
  check_text("kernel m(x: f32[], y: f32[]) -> f32 { mean(x*y) }");
}

TEST_CASE("min and max") {
  for (const char* type : {"f32", "f64", "i32", "i64"}) {
    check_text(with_type("kernel m(x: T[]) -> T { min(x) }", type));
    check_text(with_type("kernel m(x: T[]) -> T { max(x) }", type));
  }
  check_text("kernel r(x: f32[]) -> (lo: f32, hi: f32) { min(x), max(x) }");
}

TEST_CASE("dot") {
  check_text("kernel d(x: f32[], y: f32[]) -> f32 { dot(x, y) }");
  check_text("kernel d(x: f64[], y: f64[]) -> f64 { dot(x, y) }");
  check_text("kernel d(x: f32[]) -> f32 { dot(x, x) }");
}

TEST_CASE("elements that are missing add nothing, not even a zero") {
  check_text("kernel s(x: f32[], y: f32[]) -> f32 { sum(x where y > 0) }");
  check_text("kernel s(x: f32[], a: f32) -> f32 { sum(x where x < a) }");
  check_text("kernel s(x: f32[]) -> f32 { sum(x where x != 0) }");
  check_text("kernel s(x: f32[], y: f32[]) -> f32 { sum(x*y where x < y) }");
}

TEST_CASE("several reductions in one loop") {
  check_text("kernel r(x: f32[]) -> (s: f32, lo: f32, hi: f32) { sum(x), min(x), max(x) }");
  check_text("kernel r(x: f32[], y: f32[]) -> (a: f32, b: f32, c: f32) { sum(x), sum(y), dot(x, y) }");
}

TEST_CASE("reductions of different widths share a loop") {
  check_text("kernel r(x: f32[], k: i32[]) -> (a: f32, b: i64) { sum(x), sum(k) }");
  check_text("kernel r(x: f32[]) -> (a: f32, b: f64) { sum(x), sum(f64(x)) }");
  check_text("kernel r(x: f32[], k: i32[]) -> (a: f32, b: i64, c: i32) { sum(x), sum(k), max(k) }");
}

TEST_CASE("a reduction of a reduction") {
  check_text("kernel v(x: f32[]) -> f32 { d = x - mean(x); mean(d*d) }");
  check_text("kernel v(x: f32[]) -> f32 { hi = max(x); lo = min(x); sum((x - lo) / (hi - lo)) }");
}

TEST_CASE("several passes that end in an array") {
  check_text("kernel z(x: f32[]) -> f32[] { x - mean(x) }");
  check_text("kernel z(x: f32[]) -> f32[] { d = x - mean(x); d / sqrt(mean(d*d)) }");
  check_text("kernel z(x: f32[], y: f32[]) -> (u: f32[], s: f32) { s = sum(x); y * s, s }");
  check_text("kernel z(x: i32[]) -> i32[] { x - min(x) }");
  check_text("kernel z(x: f64[]) -> f64[] { x - mean(x) }");
}
