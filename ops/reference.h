// What an op should be, said a second time and independently: plain scalar C++ in a wider type.
//
// A reference is never built from the op's definition and shares no code with it. f32 ops are judged in double,
// f64 ops in long double; the long double form also decides f32 results that lie too near a tie for double.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace trueno::ops {

/// One reference. Null members: not defined for that kind of operand.
struct Reference {
  std::string_view name;  ///< as in an op's `ref` line
  int arity = 1;
  double (*wide)(const double* args) = nullptr;                 ///< elementwise, of f32 operands
  long double (*wider)(const long double* args) = nullptr;      ///< elementwise, of f32 or f64 operands
  std::int64_t (*integer)(const std::int64_t* args) = nullptr;  ///< elementwise; an i32 result is its low half
  /// A reduction over n elements of `arity` operands, summed with compensation.
  long double (*over)(const long double* const* operands, std::size_t n) = nullptr;
  /// Its values are never halfway between two floats, even where `wider`, which is rounded, is.
  bool transcendental = false;
  /// A compound operation: n results over n elements of `arity` operands.
  void (*each)(const long double* const* operands, std::size_t n, long double* results) = nullptr;
};

/// Those of compound operations (reference_compound.cpp).
std::span<const Reference> compound_references();
/// The reference of that name, or null.
const Reference* reference(std::string_view name);
/// Of all references.
std::vector<std::string_view> reference_names();

/// e where 2^(e-1) <= |x| < 2^e; and x * 2^e. By bits for double, as sweeps spend their time here: subnormal
/// doubles are below every exponent anyone asks about, and 2^e must be a normal double.
inline int exponent_above(double x) { return static_cast<int>(std::bit_cast<std::uint64_t>(x) >> 52 & 0x7ff) - 1022; }
inline int exponent_above(long double x) { return std::ilogb(x) + 1; }
inline double scaled(double x, int e) { return x * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52); }
inline long double scaled(long double x, int e) { return std::ldexp(x, e); }

/// The error of `got` in ULP of F: distance to `exact` by the spacing of F at `exact`, which is the smallest
/// subnormal for subnormal results. An infinity counts as the first power of two F cannot hold. Infinite when one
/// of the two is NaN, or exact is infinite, and the other is not.
/// (F, W): (float, double), (float, long double) or (double, long double).
template <class F, class W>
double ulp_error(F got, W exact) {
  using Limits = std::numeric_limits<F>;
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) && std::isnan(got) ? 0 : kInf;
  if (std::isinf(exact)) return static_cast<W>(got) == exact ? 0 : kInf;
  const W beyond = scaled(W{1}, Limits::max_exponent);
  const W value = std::isinf(got) ? std::copysign(beyond, static_cast<W>(got)) : static_cast<W>(got);
  if (std::isinf(got) && std::fabs(exact) >= beyond && std::signbit(got) == std::signbit(exact)) return 0;
  int exponent = exact == 0 ? Limits::min_exponent : exponent_above(exact);
  if (exponent < Limits::min_exponent) exponent = Limits::min_exponent;
  if (exponent > Limits::max_exponent) exponent = Limits::max_exponent;
  return static_cast<double>(scaled(std::fabs(value - exact), Limits::digits - exponent));
}

}  // namespace trueno::ops
