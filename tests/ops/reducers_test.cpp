// The reducers that come with the library, against loops over the same elements.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/ops/evaluate.h"

using namespace trueno::tests;
using trueno::Type;

namespace {

constexpr Type kNumbers[] = {Type::f32, Type::f64, Type::i32, Type::i64};

std::int64_t index_of(const char* op, Type type, const Column& x) {
  return static_cast<std::int64_t>(evaluate({op, {type}}, {x})[0]);
}

/// Does a come before b: NaN first, then by value, -0 below +0; for argmax the other way round.
bool before(Type type, std::uint64_t a, std::uint64_t b, bool greatest) {
  if (!is_float(type)) {
    const std::int64_t x = type == Type::i32 ? static_cast<std::int32_t>(a) : static_cast<std::int64_t>(a);
    const std::int64_t y = type == Type::i32 ? static_cast<std::int32_t>(b) : static_cast<std::int64_t>(b);
    return greatest ? x > y : x < y;
  }
  const double x = type == Type::f32 ? f32_of(a) : f64_of(a), y = type == Type::f32 ? f32_of(b) : f64_of(b);
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && !std::isnan(y);
  if (x == y) return greatest ? !std::signbit(x) && std::signbit(y) : std::signbit(x) && !std::signbit(y);
  return greatest ? x > y : x < y;
}

std::int64_t first_by_loop(Type type, const Column& x, bool greatest) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < x.size(); ++i)
    if (before(type, x[i], x[best], greatest)) best = i;
  return static_cast<std::int64_t>(best);
}

}  // namespace

TEST_CASE("argmin and argmax give the first of the least and greatest, NaN before all, -0 below +0") {
  for (const Type type : kNumbers)
    for (std::size_t n : {1, 2, 63, 64, 65, 1000, 4096, 4097, 20001}) {
      Column some = random_values(type, n, n);
      for (std::size_t i = 0; i < n; i += 3) some[i] = some[i / 2];  // ties
      Column special;
      for (std::size_t i = 0; i < n; ++i)
        special.push_back(special_values(type)[(i * 31 + n) % special_values(type).size()]);
      Column zeros(n, is_float(type) ? bits_of_value(0.0f) : 7);
      if (type == Type::f32 && n > 2) zeros[n - 2] = bits_of_value(-0.0f);
      for (const Column& x : {some, special, zeros}) {
        INFO(name_of(type) << " n " << n);
        CHECK(index_of("argmin", type, x) == first_by_loop(type, x, false));
        CHECK(index_of("argmax", type, x) == first_by_loop(type, x, true));
      }
    }
}

TEST_CASE("argmin finds the one element that holds the largest value there is") {
  CHECK(index_of("argmin", Type::i64, Column(300, 0x7fffffffffffffff)) == 0);
  CHECK(index_of("argmin", Type::f32, Column(300, bits_of_value(std::numeric_limits<float>::infinity()))) == 0);
  CHECK(index_of("argmax", Type::i32, Column(300, 0x80000000)) == 0);
}

TEST_CASE("prod multiplies, sum.wrap wraps") {
  CHECK(evaluate({"prod", {Type::i32}}, {{3, 5, 7, 0xffffffff}})[0] == static_cast<std::uint32_t>(-105));
  CHECK(f32_of(evaluate({"prod", {Type::f32}}, {Column(100, bits_of_value(-1.0f))})[0]) == 1);
  CHECK(f64_of(evaluate({"prod", {Type::f64}}, {Column{}})[0]) == 1);
  CHECK(evaluate({"sum.wrap", {Type::i32}}, {Column(3, 0x7fffffff)})[0] == 0x7ffffffd);
}

TEST_CASE("sum.comp keeps what a sum loses") {
  // 1 and many that vanish beside it, in one lane; and a cancellation.
  Column x(64 * 100, 0);
  for (std::size_t i = 0; i < x.size(); i += 64) x[i] = bits_of_value(0x1p-25f);
  x[0] = bits_of_value(1.0f);
  CHECK(f32_of(evaluate({"sum.comp", {Type::f32}}, {x})[0]) == 1.0f + 99 * 0x1p-25f);
  x[0] = bits_of_value(0x1p60f);
  x[64] = bits_of_value(-0x1p60f);
  CHECK(f32_of(evaluate({"sum.comp", {Type::f32}}, {x})[0]) == 98 * 0x1p-25f);
  const Column values = random_values(Type::f64, 50000, 9);
  Column finite;
  long double exact = 0;
  for (std::uint64_t bits : values)
    if (std::fabs(f64_of(bits)) < 1e6) finite.push_back(bits), exact += f64_of(bits);
  CHECK(f64_of(evaluate({"sum.comp", {Type::f64}}, {finite})[0]) == Approx(static_cast<double>(exact)).epsilon(1e-15));
}

TEST_CASE("sum.comp of infinities is what their sum is") {
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(f32_of(evaluate({"sum.comp", {Type::f32}}, {{bits_of_value(1.0f), bits_of_value(inf)}})[0]) == inf);
  CHECK(evaluate({"sum.comp", {Type::f32}}, {{bits_of_value(-inf), bits_of_value(inf)}})[0] == 0x7fc00000);
}
