// What the doc lines say of special values, op by op, for f32 and f64: NaN, infinities, signed zeros, the ends of the
// domain, and the smallest numbers, at which a function is its first term.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/ops/evaluate.h"

namespace {

using namespace trueno::tests;
using trueno::Type;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Case {
  const char* op;
  double x, y;
};

/// Exact in both types, NaN canonical, zeros with their signs.
constexpr Case kCases[] = {
    {"sqrt", -0.0, -0.0},       {"sqrt", kInf, kInf},
    {"sqrt", -1, kNan},         {"sqrt", 4, 2},
    {"rsqrt", 0.0, kInf},       {"rsqrt", -0.0, -kInf},
    {"rsqrt", kInf, 0.0},       {"rsqrt", -1, kNan},
    {"rsqrt", 4, 0.5},          {"exp", 0.0, 1},
    {"exp", -0.0, 1},           {"exp", kInf, kInf},
    {"exp", -kInf, 0.0},        {"exp", 1e6, kInf},
    {"exp", -1e6, 0.0},         {"exp2", 0.0, 1},
    {"exp2", kInf, kInf},       {"exp2", -kInf, 0.0},
    {"exp2", 10, 1024},         {"exp2", -3, 0.125},
    {"exp2", 5000, kInf},       {"exp2", -5000, 0.0},
    {"expm1", 0.0, 0.0},        {"expm1", -0.0, -0.0},
    {"expm1", kInf, kInf},      {"expm1", -kInf, -1},
    {"expm1", -1000, -1},       {"expm1", 1000, kInf},
    {"log", 0.0, -kInf},        {"log", -0.0, -kInf},
    {"log", kInf, kInf},        {"log", -1, kNan},
    {"log", -kInf, kNan},       {"log", 1, 0.0},
    {"log2", 0.0, -kInf},       {"log2", -0.0, -kInf},
    {"log2", kInf, kInf},       {"log2", -1, kNan},
    {"log2", 1, 0.0},           {"log2", 1024, 10},
    {"log2", 0x1p-126, -126},   {"log2", 0x1p-149, -149},
    {"log10", 0.0, -kInf},      {"log10", -0.0, -kInf},
    {"log10", kInf, kInf},      {"log10", -1, kNan},
    {"log10", 1, 0.0},          {"log1p", 0.0, 0.0},
    {"log1p", -0.0, -0.0},      {"log1p", -1, -kInf},
    {"log1p", kInf, kInf},      {"log1p", -2, kNan},
    {"log1p", -kInf, kNan},     {"tanh", 0.0, 0.0},
    {"tanh", -0.0, -0.0},       {"tanh", kInf, 1},
    {"tanh", -kInf, -1},        {"tanh", 100, 1},
    {"tanh", -100, -1},         {"sigmoid", 0.0, 0.5},
    {"sigmoid", kInf, 1},       {"sigmoid", -kInf, 0.0},
    {"sigmoid", 1000, 1},       {"sigmoid", -1000, 0.0},
    {"swish", 0.0, 0.0},        {"swish", -0.0, -0.0},
    {"swish", kInf, kInf},      {"swish", -kInf, -0.0},
    {"swish", 1e30, 1e30f},     {"swish", -1e30, -0.0},
    {"hardsigmoid", -3, 0.0},   {"hardsigmoid", 3, 1},
    {"hardsigmoid", 0.0, 0.5},  {"hardsigmoid", -kInf, 0.0},
    {"hardsigmoid", kInf, 1},   {"hardsigmoid", -0.75, 0.375},
    {"softsign", -0.0, -0.0},   {"softsign", kInf, 1},
    {"softsign", -kInf, -1},    {"softsign", 1, 0.5},
    {"softsign", -3, -0.75},    {"softsign", 1e30, 1},
    {"gelu_tanh", 0.0, 0.0},    {"gelu_tanh", -0.0, -0.0},
    {"gelu_tanh", kInf, kInf},  {"gelu_tanh", -kInf, -0.0},
    {"gelu_tanh", -1e30, -0.0}, {"softplus", kInf, kInf},
    {"softplus", -kInf, 0.0},   {"softplus", 1000, 1000},
    {"softplus", -1000, 0.0},
};

/// Every op of one float with a result of its type, but those that reduce.
bool of_one_float(const Overload& overload) {
  return overload.types.size() == 1 && is_float(overload.types[0]) && !reduces(overload) && !compound(overload);
}

std::uint64_t bits(Type type, double value) {
  if (std::isnan(value)) return type == Type::f32 ? 0x7fc00000 : 0x7ff8000000000000;
  return type == Type::f32 ? bits_of_value(static_cast<float>(value)) : bits_of_value(value);
}

void check_bits(const char* op, Type type, std::uint64_t x, std::uint64_t y) {
  const std::uint64_t got = evaluate({op, {type}}, {{x}})[0];
  INFO(op << (type == Type::f32 ? " f32" : " f64") << std::hex << " of " << x << " gives " << got);
  CHECK(got == y);
}

}  // namespace

TEST_CASE("special values are what the ops' words say") {
  for (const Type type : {Type::f32, Type::f64})
    for (const Case& c : kCases) {
      const bool f32_only = std::string(c.op) == "swish" && c.x == 1e30 && type == Type::f64;
      if (!f32_only) check_bits(c.op, type, bits(type, c.x), bits(type, c.y));
    }
}

TEST_CASE("NaN of any payload and sign gives the canonical NaN") {
  constexpr std::uint64_t kNarrow[] = {0x7fc00000, 0x7fa00000, 0x7f800001, 0x7fffffff};
  constexpr std::uint64_t kWide[] = {0x7ff8000000000000, 0x7ff4000000000000, 0x7ff0000000000001, 0x7fffffffffffffff};
  for (const Overload& overload : all_overloads()) {
    if (!of_one_float(overload)) continue;
    const Type type = overload.types[0];
    const int sign = bits_of(type) - 1;
    for (const std::uint64_t nan : type == Type::f32 ? kNarrow : kWide)
      for (const std::uint64_t bit : {0u, 1u})
        check_bits(overload.op.c_str(), type, nan | bit << sign, bits(type, kNan));
  }
}

TEST_CASE("of the smallest numbers, expm1, log1p, tanh and softsign are the numbers themselves") {
  for (const char* op : {"expm1", "log1p", "tanh", "softsign"})
    for (const std::uint64_t x : {1, 2, 3, 0x7fffff, 0x800000})
      for (const std::uint64_t sign : {0u, 1u}) {
        check_bits(op, Type::f32, x | sign << 31, x | sign << 31);
        check_bits(op, Type::f64, x | sign << 63, x | sign << 63);
      }
}
