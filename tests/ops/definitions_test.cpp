// Definitions against references, by the interpreter: special values in all combinations and random operands.
// Unary f32 ops are measured on all inputs by trueno-sweep (tests/tools); here f64, integers and ops of several
// operands have their say, and reductions against their stated error.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "ops/catalogue.h"
#include "ops/reference.h"
#include "tests/ops/evaluate.h"

namespace {

using namespace trueno::tests;
using trueno::Type;
using trueno::ops::Reference;

const Reference& reference_of(const Overload& overload) {
  return *trueno::ops::reference(trueno::ops::built_in().find(overload.op, overload.types)->reference);
}

/// Those whose result is exact, or bounded otherwise, have tests of their own (reducers_test.cpp, statistics_test.cpp).
bool has_reference(const Overload& overload) {
  return !trueno::ops::built_in().find(overload.op, overload.types)->reference.empty();
}

double bound_of(const Overload& overload) {
  for (const auto& bound : trueno::ops::built_in().find(overload.op, overload.types)->bounds)
    if (bound.tier == "fast") return bound.ulp;
  return -1;
}

/// Operands row by row: special values in all combinations, then random ones.
std::vector<Column> operands(const std::vector<Type>& types, std::size_t random) {
  std::vector<Column> columns(types.size());
  std::size_t total = 1;
  for (const Type type : types) total *= special_values(type).size();
  for (std::size_t k = 0, step = 1; k < types.size(); ++k) {
    const Column special = special_values(types[k]);
    for (std::size_t i = 0; i < total; ++i) columns[k].push_back(special[i / step % special.size()]);
    step *= special.size();
    const Column more = random_values(types[k], random, 7 + k);
    columns[k].insert(columns[k].end(), more.begin(), more.end());
  }
  return columns;
}

/// The domain that lerp's bound is stated for.
bool in_domain(const Overload& overload, const std::vector<double>& x) {
  if (overload.op != "lerp") return true;
  return x[2] >= 0 && x[2] <= 1 && std::signbit(x[0]) == std::signbit(x[1]) && std::isfinite(x[0]) &&
         std::isfinite(x[1]);
}

/// One float result against the reference in a wider type. Zeros must have the reference's sign, except for lerp,
/// which promises a value.
template <class F, class W>
void check_result(const Overload& overload, const std::vector<W>& x, F got, W exact) {
  std::vector<double> operands(x.begin(), x.end());
  if (!in_domain(overload, operands)) return;
  const double error = trueno::ops::ulp_error(got, exact);
  const bool signs = got != 0 || exact != 0 || overload.op == "lerp" || std::signbit(got) == std::signbit(exact);
  if (error <= bound_of(overload) && signs) return;
  for (const double value : operands) UNSCOPED_INFO("operand " << std::hexfloat << value);
  UNSCOPED_INFO("got " << std::hexfloat << got << ", exact " << exact << ", error " << std::defaultfloat << error);
  FAIL_CHECK(overload.text());
}

std::int64_t sign_extended(std::uint64_t bits, Type type) {
  return type == Type::i32 ? static_cast<std::int32_t>(bits) : static_cast<std::int64_t>(bits);
}

void check_row(const Overload& overload, const std::vector<Column>& columns, std::size_t row, std::uint64_t got) {
  const Reference& reference = reference_of(overload);
  const Type type = overload.types[0];
  std::vector<double> wide;
  std::vector<long double> wider;
  std::vector<std::int64_t> integer;
  for (const Column& column : columns) {
    wide.push_back(f32_of(column[row]));
    wider.push_back(f64_of(column[row]));
    integer.push_back(sign_extended(column[row], type));
  }
  if (type == Type::f32)
    check_result(overload, wide, f32_of(got), reference.wide(wide.data()));
  else if (type == Type::f64)
    check_result(overload, wider, f64_of(got), reference.wider(wider.data()));
  else if (const std::int64_t right = reference.integer(integer.data());
           sign_extended(got, type) != sign_extended(static_cast<std::uint64_t>(right), type)) {
    for (const std::int64_t value : integer) UNSCOPED_INFO("operand " << value);
    UNSCOPED_INFO("got " << sign_extended(got, type) << ", right " << right);
    FAIL_CHECK(overload.text());
  }
}

long double value_of(std::uint64_t bits, Type type) {
  if (type == Type::f32) return f32_of(bits);
  if (type == Type::f64) return f64_of(bits);
  return static_cast<long double>(sign_extended(bits, type));
}

}  // namespace

TEST_CASE("elementwise ops keep their bounds and their special values") {
  for (const Overload& overload : all_overloads()) {
    if (reduces(overload) || compound(overload) || !has_reference(overload)) continue;
    const auto columns = operands(overload.types, 20000);
    const Column got = evaluate(overload, columns);
    for (std::size_t row = 0; row < got.size(); ++row) check_row(overload, columns, row, got[row]);
  }
}

TEST_CASE("lerp is exact at both ends, and 1 ULP of the larger end across zero") {
  const Overload overload{"lerp", {Type::f32, Type::f32, Type::f32}};
  Column a = random_values(Type::f32, 20000, 3), b = random_values(Type::f32, 20000, 4), t;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(f32_of(a[i]))) a[i] = bits_of_value(1.0f);
    if (!std::isfinite(f32_of(b[i]))) b[i] = bits_of_value(2.0f);
    const float between = static_cast<float>(i) / static_cast<float>(a.size());
    t.push_back(bits_of_value(i % 4 == 0 ? 0.0f : i % 4 == 1 ? 1.0f : between));
  }
  const Column got = evaluate(overload, {a, b, t});
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double from = f32_of(a[i]), to = f32_of(b[i]), at = f32_of(t[i]);
    INFO("a " << from << " b " << to << " t " << at << " got " << f32_of(got[i]));
    if (at == 0) CHECK(f32_of(got[i]) == from);
    if (at == 1) CHECK(f32_of(got[i]) == to);
    const double larger = std::fmax(std::fabs(from), std::fabs(to));
    const double unit = std::ldexp(1.0, std::max(std::ilogb(larger), -126) - 23);
    CHECK(std::fabs(f32_of(got[i]) - ((1 - at) * from + at * to)) <= unit * 1.0000001);
  }
}

TEST_CASE("reductions are as close to their references as they say") {
  for (const Overload& overload : all_overloads()) {
    if (!reduces(overload) || !has_reference(overload)) continue;
    const Type type = overload.types[0], result = trueno::ops::built_in().find(overload.op, overload.types)->result;
    for (const std::size_t n : {1, 2, 64, 1000, 8192, 24613}) {
      std::vector<Column> columns;
      std::vector<std::vector<long double>> values(overload.types.size()), magnitudes(overload.types.size());
      for (std::size_t k = 0; k < overload.types.size(); ++k) {
        Column column;
        const Column any = random_values(type, 2 * n, 11 + k);
        for (std::size_t i = 0; i < n; ++i) column.push_back(any[2 * i + 1]);
        for (const std::uint64_t bits : column) {
          values[k].push_back(value_of(bits, type));
          magnitudes[k].push_back(std::fabs(values[k].back()));
        }
        columns.push_back(std::move(column));
      }
      const long double* exact_in[] = {values[0].data(), values.back().data()};
      const long double* size_in[] = {magnitudes[0].data(), magnitudes.back().data()};
      const Reference& reference = reference_of(overload);
      const long double exact = reference.over(exact_in, n), size = reference.over(size_in, n);
      const long double got = value_of(evaluate(overload, columns)[0], result);
      const double steps = 135 + std::log2(static_cast<double>(n + 8191) / 8192) + 1;
      // Integer sums are exact; what is left is the division and conversions to f64.
      const double unit = type == Type::f32 ? 0x1p-24 : type == Type::f64 || type == Type::i64 ? 0x1p-53 : 0x1p-51;
      INFO(overload.text() << " n " << n << " got " << got << " exact " << exact);
      if (is_int(result))
        CHECK(got == exact);
      else
        CHECK(std::fabs(got - exact) <= (type == Type::i32 ? 1 : steps) * unit * size);
    }
  }
}

/// What the doc lines say: units of 2^-24 (2^-53), times the result itself or the largest of them.
struct Promise {
  const char* op;
  double units;
  bool of_itself;
};
constexpr Promise kPromises[] = {
    {"softmax", 24, true},         {"log_softmax", 4, false}, {"zscore", 3, false},  {"normalize", 2, true},
    {"minmax_normalize", 3, true}, {"layer_norm", 3, false},  {"rms_norm", 4, true},
};

TEST_CASE("compound ops are as close to their references as they say") {
  for (const Overload& overload : all_overloads()) {
    if (!compound(overload) || !has_reference(overload)) continue;
    const Type type = overload.types[0];
    const auto promise =
        std::find_if(std::begin(kPromises), std::end(kPromises), [&](const Promise& p) { return p.op == overload.op; });
    INFO(overload.text());
    REQUIRE(promise != std::end(kPromises));
    double worst = 0;
    for (const std::size_t n : {2, 3, 64, 1000, 8192, 24613}) {
      const std::vector<Column> columns = tame_operands(overload, n, 5);
      std::vector<std::vector<long double>> values(columns.size());
      std::vector<const long double*> pointers;
      for (std::size_t k = 0; k < columns.size(); ++k) {
        for (const std::uint64_t bits : columns[k]) values[k].push_back(value_of(bits, type));
        pointers.push_back(values[k].data());
      }
      std::vector<long double> exact(n);
      reference_of(overload).each(pointers.data(), n, exact.data());
      const Column got = evaluate(overload, columns);
      long double largest = 0;
      for (const long double e : exact) largest = std::max(largest, std::fabs(e));
      for (std::size_t i = 0; i < n; ++i) {
        const long double error = std::fabs(value_of(got[i], type) - exact[i]);
        const long double scale = promise->of_itself ? std::fabs(exact[i]) : largest;
        REQUIRE((error == 0 || scale > 0));
        if (error != 0)
          worst = std::max(worst, static_cast<double>(error / scale / (type == Type::f32 ? 0x1p-24 : 0x1p-53)));
      }
    }
    INFO("worst error " << worst << " units");
    CHECK(worst <= promise->units);
  }
}

TEST_CASE("the mean of nothing is NaN, a dot product of nothing is +0") {
  CHECK(evaluate({"mean", {Type::f32}}, {{}})[0] == 0x7fc00000);
  CHECK(evaluate({"mean", {Type::i64}}, {{}})[0] == 0x7ff8000000000000);
  CHECK(evaluate({"dot", {Type::f32, Type::f32}}, {{}, {}})[0] == 0);
}

TEST_CASE("the mean of i32 does not overflow, and that of i64 is taken in f64") {
  const Column big(1000, 0x7fffffff), huge(3, 0x7fffffffffffffff);
  CHECK(f64_of(evaluate({"mean", {Type::i32}}, {big})[0]) == 2147483647.0);
  CHECK(f64_of(evaluate({"mean", {Type::i64}}, {huge})[0]) == 0x1p63);
}

TEST_CASE("products of integers: i32 are widened first, means of i64 are taken in f64, a dot product of i64 wraps") {
  const Column big(3, 0x80000000), huge(3, std::uint64_t{1} << 62);
  CHECK(evaluate({"dot", {Type::i32, Type::i32}}, {big, big})[0] == std::uint64_t{3} << 62);
  CHECK(f64_of(evaluate({"mean.fma", {Type::i32, Type::i32}}, {Column(1, 0x80000000), Column(1, 0x80000000)})[0]) ==
        0x1p62);
  CHECK(f64_of(evaluate({"mean.fma", {Type::i64, Type::i64}}, {huge, huge})[0]) == 0x1p124);
  CHECK(evaluate({"dot", {Type::i64, Type::i64}}, {huge, Column(3, 3)})[0] == std::uint64_t{9} << 62);
}

TEST_CASE("products of floats are accumulated by fma, without a rounding of their own") {
  // -1 + x*x in one lane, whose elements are 64 (f64: 32) apart: a rounded product would lose its last bit.
  Column x(65, 0), y(65, 0);
  x[0] = bits_of_value(-1.0f), y[0] = bits_of_value(1.0f);
  x[64] = y[64] = bits_of_value(0x1.001p0f);
  CHECK(f32_of(evaluate({"dot", {Type::f32, Type::f32}}, {x, y})[0]) == 0x1.0008p-11f);
  CHECK(f32_of(evaluate({"mean.fma", {Type::f32, Type::f32}}, {x, y})[0]) == static_cast<float>(0x1.0008p-11 / 65));
  x = y = Column(33, 0);
  x[0] = bits_of_value(-1.0), y[0] = bits_of_value(1.0);
  x[32] = y[32] = bits_of_value(0x1.0000002p0);
  CHECK(f64_of(evaluate({"dot", {Type::f64, Type::f64}}, {x, y})[0]) == 0x1.0000001p-26);
}
