// The judge of results: units in the last place, what is imprecise and what is plainly wrong.
#include "bench/check.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace trueno;
using namespace trueno::bench;

TEST_CASE("units in the last place") {
  CHECK(unit_in_last_place(Type::f32, 1) == 0x1p-23);
  CHECK(unit_in_last_place(Type::f32, 1.999L) == 0x1p-23);
  CHECK(unit_in_last_place(Type::f32, -2) == 0x1p-22);
  CHECK(unit_in_last_place(Type::f32, 0) == 0x1p-149);
  CHECK(unit_in_last_place(Type::f32, 0x1p-140L) == 0x1p-149);
  CHECK(unit_in_last_place(Type::f64, 1) == 0x1p-52);
  CHECK(unit_in_last_place(Type::i64, 1e9L) == 1);
}

TEST_CASE("an error is told in units, the largest of all elements") {
  const Answer answer{{1, 2, 4}};
  const float out[] = {1, 2 + 0x1p-21f, 4 - 0x1p-22f};
  const Verdict v = judge(answer, Type::f32, out);
  CHECK(v.wrong.empty());
  CHECK(v.ulp == 2);
}

TEST_CASE("a sum near zero is judged by its terms, a magnified rounding by its magnification") {
  const float out[] = {0x1p-23f};
  Answer answer{{0}, 1};
  CHECK(judge(answer, Type::f32, out).ulp == 1);
  answer.condition = {4};
  CHECK(judge(answer, Type::f32, out).ulp == 0.25);
}

TEST_CASE("what is plainly wrong is refused, with its place") {
  const Answer answer{{1, 2}};
  const float half[] = {1, 1};
  CHECK(judge(answer, Type::f32, half).wrong == "element 1 of 2 is 1, not 2");
  const float nan[] = {std::numeric_limits<float>::quiet_NaN(), 2};
  CHECK_FALSE(judge(answer, Type::f32, nan).wrong.empty());
  const std::int64_t off_by_one[] = {1, 3};
  CHECK_FALSE(judge(answer, Type::i64, off_by_one).wrong.empty());
  const float imprecise[] = {1.0001f, 2};
  CHECK(judge(answer, Type::f32, imprecise).wrong.empty());
  CHECK(judge(answer, Type::f32, imprecise).ulp > 500);
}
