// Reducers of text on every target: states of one and several components, of one and two widths, in registers and in
// the frame, filtered, beside each other in one loop.
#include <catch2/catch.hpp>

#include <string>

#include "tests/verify/subjects.h"

using namespace trueno;
using test::check_text;

TEST_CASE("states of one component") {
  check_text("kernel k(x: f32[]) -> f32 { prod(x) }");
  check_text("kernel k(x: i64[]) -> i64 { prod(x) }");
  check_text("kernel k(x: f32[]) -> f64 { sum.wide(x) }");
  check_text("kernel k(x: f32[], y: f32[]) -> f64 { sum.wide(x*y) }");
  check_text("kernel k(x: i32[]) -> i32 { sum.wrap(x) }");
}

TEST_CASE("states of several components, of one width and of two") {
  check_text("kernel k(x: f32[]) -> f32 { sum.comp(x) }");
  check_text("kernel k(x: f64[]) -> f64 { sum.comp(x) }");
  check_text("kernel k(x: f32[]) -> i64 { argmin(x) }");
  check_text("kernel k(x: f64[]) -> i64 { argmax(x) }");
  check_text("kernel k(x: i32[]) -> (i64, i64) { argmin(x), argmax(x) }");
}

TEST_CASE("filters of every width, on every kind of reduction") {
  check_text("kernel k(x: f32[], y: f64[]) -> f32 { sum.comp(x where y > 0) }");
  check_text("kernel k(x: f32[], y: f64[]) -> i64 { argmax(x where m32(y > -1000) and x < 1000) }");
  check_text("kernel k(x: i64[], y: i32[]) -> i64 { max(x where y < 100000) }");
  check_text("kernel k(x: f32[]) -> f32 { mean(x where x > 0) }");
  check_text("kernel k(x: f32[], y: f32[]) -> f32 { covariance(x, y where x < y) }");
  check_text("kernel k(x: f32[]) -> (i64, mask) { count(x > 1), any(x > 1 where x < 2) }");
}

TEST_CASE("reductions of 64 and of 32 lanes in one loop, more than registers hold") {
  check_text("kernel k(x: f32[]) -> (f32, f64, i64, f32) { sum(x), sum.wide(x), argmin(x), sum.comp(x) }");
  check_text("kernel k(x: f32[]) -> f32 { variance(x where x > 0) + f32(argmax(x)) }");
}

TEST_CASE("the exact sum, a state of eight components beside cheaper ones") {
  check_text("kernel k(x: f32[]) -> f32 { sum.exact(x) }");
  check_text("kernel k(x: f32[], y: f32[]) -> f32 { sum.exact(x*y where x < y) }");
  check_text("kernel k(x: f32[]) -> f32 { part.sum_by_digits(x) }");
  check_text("kernel k(x: f64[]) -> f64 { sum.exact(x where x < 1) }");
}

TEST_CASE("index() is the number of the element in every part of a loop") {
  check_text("kernel k(x: f32[]) -> i64[] { index() }");
  check_text("kernel k(x: f64[]) -> i64 { sum(index() where x > 0) }");
  check_text("kernel k(x: i32[]) -> i32[] { i32(index()) - x }");
}
