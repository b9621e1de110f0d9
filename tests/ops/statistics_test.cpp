// Statistics and norms against the same in long double, on data that is offset from zero as data is; and what they
// say of special cases.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "tests/ops/evaluate.h"

using namespace trueno;
using namespace trueno::tests;

namespace {

using Values = std::vector<long double>;

long double mean(const Values& x) {
  long double sum = 0;
  for (const long double v : x) sum += v;
  return sum / static_cast<long double>(x.size());
}
long double moment(const Values& x, const Values& y, long double ddof) {
  const long double mx = mean(x), my = mean(y);
  long double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mx) * (y[i] - my);
  return sum / (static_cast<long double>(x.size()) - ddof);
}
long double total(const Values& x, const std::function<long double(long double)>& f) {
  long double sum = 0;
  for (const long double v : x) sum += f(v);
  return sum;
}

/// The value of `expression` over arrays x and y of one type, by the interpreter.
std::uint64_t value(const std::string& expression, Type type, const Column& x, const Column& y) {
  const bool two = expression.find('y') != std::string::npos && expression.find("any(") == std::string::npos;
  std::vector<ir::FreeName> names = {{"x", true, type}};
  if (two) names.push_back({"y", true, type});
  const auto parsed = ir::parse_expression(expression, names, ops::built_in());
  INFO(expression << (parsed ? "" : parsed.error().text()));
  REQUIRE(parsed);
  const auto run = ir::optimize(*parsed, ops::built_in());
  REQUIRE(run);
  const auto packed = [&](const Column& c) {
    std::vector<unsigned char> bytes;
    for (const std::uint64_t bits : c)
      for (std::size_t i = 0; i < stored_bytes(type); ++i) bytes.push_back(static_cast<unsigned char>(bits >> (8 * i)));
    return bytes;
  };
  const auto a = packed(x), b = packed(y);
  std::vector<const void*> in = {a.data()};
  if (two) in.push_back(b.data());
  std::uint64_t bits = 0;
  void* const out[] = {&bits};
  const auto done = ir::interpret(*run, in, out, static_cast<std::int64_t>(x.size()));
  REQUIRE(done);
  return bits;
}

struct Data {
  Column x, y;
  Values vx, vy;
};

/// Around 3 and -1, deviations up to 2: y follows x in part.
Data data(Type type, std::size_t n) {
  Data d;
  std::uint64_t state = n;
  const auto uniform = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-53 * 4 - 2;
  };
  for (std::size_t i = 0; i < n; ++i) {
    const double x = 3 + uniform(), y = -1 + 0.5 * (x - 3) + 0.5 * uniform();
    const auto put = [&](Column& column, Values& values, double v) {
      column.push_back(type == Type::f32 ? bits_of_value(static_cast<float>(v)) : bits_of_value(v));
      values.push_back(type == Type::f32 ? static_cast<float>(v) : v);
    };
    put(d.x, d.vx, x);
    put(d.y, d.vy, y);
  }
  return d;
}

}  // namespace

TEST_CASE("statistics and norms are as close as they say") {
  for (const Type type : {Type::f32, Type::f64})
    for (const std::size_t n : {2, 3, 64, 1000, 8192, 24613}) {
      const Data d = data(type, n);
      const long double vx = moment(d.vx, d.vx, 0), vy = moment(d.vy, d.vy, 0), cov = moment(d.vx, d.vy, 0);
      const auto n1 = static_cast<long double>(n) - 1;
      const auto exps = total(d.vx, [](long double v) { return std::exp(v); });
      struct Row {
        const char* expression;
        long double exact, scale;
        double units;
      } const rows[] = {
          {"variance(x)", vx, vx, 6},
          {"variance(x, 1)", moment(d.vx, d.vx, 1), vx * n / n1, 6},
          {"stddev(x)", std::sqrt(vx), std::sqrt(vx), 4},
          {"stddev(x, 1)", std::sqrt(vx * n / n1), std::sqrt(vx * n / n1), 4},
          {"covariance(x, y)", cov, std::sqrt(vx * vy), 6},
          {"covariance(x, y, 1)", cov * n / n1, std::sqrt(vx * vy) * n / n1, 6},
          {"correlation(x, y)", cov / std::sqrt(vx * vy), 1, 8},
          {"norm_l1(x)", total(d.vx, [](long double v) { return std::fabs(v); }),
           total(d.vx, [](long double v) { return std::fabs(v); }), 4},
          {"norm_l2(x)", std::sqrt(total(d.vx, [](long double v) { return v * v; })),
           std::sqrt(total(d.vx, [](long double v) { return v * v; })), 4},
          {"sum_of_squares(x)", total(d.vx, [](long double v) { return v * v; }),
           total(d.vx, [](long double v) { return v * v; }), 12},
          {"logsumexp(x)", std::log(exps), std::fmax(1.0L, std::fabs(std::log(exps))), 4},
      };
      for (const Row& row : rows) {
        const std::uint64_t bits = value(row.expression, type, d.x, d.y);
        const long double got = type == Type::f32 ? f32_of(bits) : f64_of(bits);
        const long double unit = type == Type::f32 ? 0x1p-24L : 0x1p-53L;
        INFO(row.expression << " of " << name_of(type) << ", n " << n << ": got " << got << ", exact " << row.exact
                            << ", units " << static_cast<double>(std::fabs(got - row.exact) / (unit * row.scale)));
        CHECK(std::fabs(got - row.exact) <= row.units * unit * row.scale);
      }
      const auto largest = std::fabs(*std::max_element(
          d.vy.begin(), d.vy.end(), [](long double a, long double b) { return std::fabs(a) < std::fabs(b); }));
      const std::uint64_t linf = value("norm_linf(x)", type, d.y, d.y);
      CHECK((type == Type::f32 ? f32_of(linf) : f64_of(linf)) == largest);
    }
}

TEST_CASE("the wide forms keep what f32 sums lose") {
  const Data d = data(Type::f32, 24613);
  const double got = f64_of(value("variance.wide(x, 0)", Type::f32, d.x, d.x));
  CHECK(got == Approx(static_cast<double>(moment(d.vx, d.vx, 0))).epsilon(6 * 0x1p-53));
  CHECK(f64_of(value("mean.wide(x)", Type::f32, d.x, d.x)) ==
        Approx(static_cast<double>(mean(d.vx))).epsilon(4 * 0x1p-53));
  CHECK(f64_of(value("mean.wide(x*x)", Type::f32, d.x, d.x)) ==
        Approx(static_cast<double>(total(d.vx, [](long double v) { return v * v; }) / 24613)).epsilon(12 * 0x1p-53));
}

TEST_CASE("counts, any and all, filtered and of nothing") {
  Column x;
  for (int i = 0; i < 300; ++i) x.push_back(bits_of_value(static_cast<float>(i % 10)));
  const auto of = [&](const char* expression) { return value(expression, Type::f32, x, x); };
  CHECK(of("count(x < 3)") == 90);
  CHECK(of("count(x < 3 where x > 0)") == 60);
  CHECK(of("count(f64(x) < 3)") == 90);
  CHECK((of("any(x == 9)") & 0xff) == 1);
  CHECK((of("any(x == 10)") & 0xff) == 0);
  CHECK((of("all(x < 10)") & 0xff) == 1);
  CHECK((of("all(x < 9)") & 0xff) == 0);
  CHECK((of("all(x < 9 where x < 9)") & 0xff) == 1);
  CHECK((value("all(x < 9)", Type::f32, {}, {}) & 0xff) == 1);
  CHECK((value("any(x < 9)", Type::f32, {}, {}) & 0xff) == 0);
}

TEST_CASE("logsumexp of infinities, and the variance of nothing") {
  const float inf = std::numeric_limits<float>::infinity();
  const auto of = [&](std::vector<float> x) {
    Column c;
    for (const float v : x) c.push_back(bits_of_value(v));
    return f32_of(value("logsumexp(x)", Type::f32, c, c));
  };
  CHECK(of({-inf, -inf}) == -inf);
  CHECK(of({1, inf, -inf}) == inf);
  CHECK(of({-inf, 2}) == 2);
  CHECK(of({1000, 1000}) == Approx(1000.6931f));
  CHECK(value("variance(x)", Type::f32, {}, {}) == 0x7fc00000);
}
