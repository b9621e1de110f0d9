// References and the measure of error, against values known from elsewhere: if these were wrong, every sweep
// would prove the wrong thing.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "ops/catalogue.h"
#include "ops/reference.h"
#include "tests/ops/evaluate.h"

using namespace trueno::ops;

namespace {
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kMax = std::numeric_limits<float>::max();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

double wide(const char* name, double a, double b = 0, double c = 0) {
  const double args[] = {a, b, c};
  return reference(name)->wide(args);
}
}  // namespace

TEST_CASE("ulp_error is the distance by the spacing at the exact value") {
  CHECK(ulp_error(1.0f, 1.0) == 0);
  CHECK(ulp_error(1.0f, 1.0 + 0x1p-24) == 0.5);
  CHECK(ulp_error(1.0f, 1.0 - 0x1p-25) == 0.5);  // below 1 the spacing is half as wide
  CHECK(ulp_error(0x1.000002p0f, 1.0) == 1);
  CHECK(ulp_error(-2.0f, -2.0 - 0x1p-22) == 1);
  CHECK(ulp_error(0.0f, 0x1p-150) == 0.5);  // subnormal: always 2^-149
  CHECK(ulp_error(0x1p-126f, 0x1p-126 + 0x1p-149) == 1);
  CHECK(ulp_error(0x1p-148f, 0.0) == 2);
  CHECK(ulp_error(1.0, 1.0L + 0x1p-53L) == 0.5);
}

TEST_CASE("ulp_error at infinities and NaN") {
  CHECK(ulp_error(kInf, 1e300) == 0);
  CHECK(ulp_error(kInf, double(kInf)) == 0);
  CHECK(ulp_error(kMax, 0x1p128) == 1);
  CHECK(ulp_error(kInf, double(kMax)) == 1);
  CHECK(ulp_error(-kInf, 1e300) > 1e6);
  CHECK(std::isinf(ulp_error(kMax, double(kInf))));
  CHECK(std::isinf(ulp_error(kNan, 1.0)));
  CHECK(std::isinf(ulp_error(1.0f, double(kNan))));
  CHECK(ulp_error(kNan, double(kNan)) == 0);
}

TEST_CASE("references have the values of the functions") {
  CHECK(wide("exp", 1) == Approx(2.718281828459045).epsilon(1e-15));
  CHECK(wide("exp", -INFINITY) == 0);
  CHECK(wide("sigmoid", 0) == 0.5);
  CHECK(wide("sigmoid", 1) == Approx(0.731058578630004879).epsilon(1e-15));
  CHECK(wide("sigmoid", -INFINITY) == 0);
  CHECK(wide("sigmoid", INFINITY) == 1);
  CHECK(std::isnan(wide("sigmoid", NAN)));
  CHECK(wide("exp2", 10) == 1024);
  CHECK(wide("expm1", 1e-10) == Approx(1.00000000005e-10).epsilon(1e-15));
  CHECK(wide("log", 2) == Approx(0.693147180559945309).epsilon(1e-15));
  CHECK(wide("log2", 8) == 3);
  CHECK(wide("log10", 1000) == Approx(3).epsilon(1e-15));
  CHECK(wide("log1p", 1e-10) == Approx(9.9999999995e-11).epsilon(1e-15));
  CHECK(wide("tanh", 1) == Approx(0.761594155955764888).epsilon(1e-15));
  CHECK(wide("rsqrt", 16) == 0.25);
  CHECK(wide("swish", 1) == Approx(0.731058578630004879).epsilon(1e-15));
  CHECK(wide("swish", -INFINITY) == 0);
  CHECK(std::signbit(wide("swish", -INFINITY)));
  CHECK(wide("gelu_tanh", 1) == Approx(0.841191990608276705).epsilon(1e-15));
  CHECK(wide("gelu_tanh", -10) == Approx(-1.2040923482348099e-37).epsilon(1e-9));
  CHECK(wide("gelu_tanh", 1e30) == 1e30);
  CHECK(std::signbit(wide("gelu_tanh", -INFINITY)));
  CHECK(std::isnan(wide("gelu_tanh", NAN)));
  CHECK(wide("softplus", 0) == Approx(0.693147180559945309).epsilon(1e-15));
  CHECK(wide("softplus", 100) == 100);
  CHECK(wide("recip", 4) == 0.25);
  CHECK(wide("lerp", 2, 6, 0.25) == 3);
  CHECK(wide("clamp", 5, 1, 3) == 3);
  CHECK(wide("clamp", 0, 1, 3) == 1);
  CHECK(wide("clamp", 2, 3, 1) == 1);  // lo > hi gives hi
  CHECK(std::isnan(wide("clamp", 2, NAN, 1)));
  CHECK_FALSE(std::signbit(wide("clamp", -0.0, 0.0, 1)));
  CHECK_FALSE(std::signbit(wide("relu", -0.0)));
  CHECK(std::isnan(wide("relu", NAN)));
}

TEST_CASE("reductions are summed with compensation") {
  const long double x[] = {1e30L, 1, -1e30L, 1}, y[] = {1, 2, 1, 2};
  const long double* const one[] = {x};
  const long double* const two[] = {x, y};
  CHECK(reference("mean")->over(one, 4) == 0.5L);
  CHECK(reference("dot")->over(two, 4) == 4);
  CHECK(reference("mean_product")->over(two, 4) == 1);
  CHECK(std::isnan(reference("mean")->over(one, 0)));
}

TEST_CASE("every op has a reference that fits it, or a test of its own (reducers_test.cpp, statistics_test.cpp)") {
  const std::set<std::string> exact = {"prod",          "sum.wrap",      "argmin",         "argmax",
                                       "mean.wide",     "mean.wide.fma", "sum_of_squares", "variance",
                                       "variance.wide", "stddev",        "covariance",     "correlation",
                                       "norm_l1",       "norm_l2",       "norm_linf",      "logsumexp"};
  for (const auto& overload : trueno::tests::all_overloads()) {
    if (exact.contains(overload.op)) continue;
    const auto* definition = built_in().find(overload.op, overload.types);
    INFO(overload.text());
    REQUIRE(definition != nullptr);
    const Reference* found = reference(definition->reference);
    REQUIRE(found != nullptr);
    CHECK(found->arity == static_cast<int>(overload.types.size()));
    CHECK((found->over != nullptr) == trueno::tests::reduces(overload));
    CHECK((found->each != nullptr) == trueno::tests::compound(overload));
    if (!trueno::tests::reduces(overload) && is_int(overload.types[0])) CHECK(found->integer != nullptr);
  }
  CHECK(reference("no such") == nullptr);
}
