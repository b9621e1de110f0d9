// What each primitive means: one scalar function per row of the primitive table, for every element type.
//
// The interpreter, constant folding and the compiled fallback all ask these functions, so a meaning is
// decided here and nowhere else. They are written to be read against docs/contract.md: total (no input is
// undefined behaviour), rounding once, to nearest even. What a float NaN carries besides being NaN is left
// to whoever observes it, except where a row says otherwise (`canonical`, bitcast, copysign).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "ir/strict_math.h"  // refuses flags that would change what is written here

// Units compiled for a level of their own (aot/loops.cpp) give their copies of these functions a name of their own:
// the linker keeps one copy of an inline function, and must not keep one that the host cannot run.
#if !defined(TRUENO_MEANING)
#define TRUENO_MEANING everywhere
#endif

namespace trueno::ir::meaning {
inline namespace TRUENO_MEANING {

template <class T>
concept Float = std::is_floating_point_v<T>;
template <class T>
concept Integer = std::is_integral_v<T>;

/// The unsigned integer with the width of T; shifting and wrapping happen there.
template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
inline constexpr int kWidth = static_cast<int>(sizeof(T)) * 8;
template <class T>
inline constexpr Bits<T> kSignBit = Bits<T>{1} << (kWidth<T> - 1);

template <class T>
constexpr Bits<T> bits(T a) {
  return std::bit_cast<Bits<T>>(a);
}

/// 0x7fc00000 or 0x7ff8000000000000: quiet, positive, no payload.
template <Float T>
constexpr T canonical_nan() {
  return std::bit_cast<T>(sizeof(T) == 4 ? static_cast<Bits<T>>(0x7fc00000u)
                                         : static_cast<Bits<T>>(0x7ff8000000000000ull));
}
template <class T>
constexpr T canonical(T a) {
  if constexpr (Float<T>) return a != a ? canonical_nan<T>() : a;
  return a;
}

// ---- arithmetic. Integers wrap, so they go through the unsigned type, where overflow is defined.

template <class T>
constexpr T add(T a, T b) {
  if constexpr (Integer<T>) return static_cast<T>(bits(a) + bits(b));
  return a + b;
}
template <class T>
constexpr T sub(T a, T b) {
  if constexpr (Integer<T>) return static_cast<T>(bits(a) - bits(b));
  return a - b;
}
template <class T>
constexpr T mul(T a, T b) {
  if constexpr (Integer<T>) return static_cast<T>(bits(a) * bits(b));
  return a * b;
}
template <class T>
constexpr T neg(T a) {
  if constexpr (Integer<T>) return static_cast<T>(Bits<T>{0} - bits(a));
  return std::bit_cast<T>(bits(a) ^ kSignBit<T>);
}
template <class T>
constexpr T abs(T a) {
  if constexpr (Integer<T>) return a < 0 ? neg(a) : a;
  return std::bit_cast<T>(bits(a) & ~kSignBit<T>);
}
/// Integers: total, and x == (x/y)*y + x%y always.
template <class T>
constexpr T div(T a, T b) {
  if constexpr (Integer<T>) {
    if (b == 0) return 0;
    return b == -1 ? neg(a) : a / b;  // MIN / -1 traps on x86; neg wraps it to MIN
  }
  return a / b;
}
template <Integer T>
constexpr T rem(T a, T b) {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

template <Float T>
T sqrt(T a) {
  return std::sqrt(a);
}
/// One rounding. The C library's fma is correctly rounded with and without the instruction.
template <Float T>
T fma(T a, T b, T c) {
  return std::fma(a, b, c);
}
/// A NaN's sign is nobody's business, so a NaN as sign operand counts as the canonical, positive one.
template <Float T>
constexpr T copysign(T a, T b) {
  return std::bit_cast<T>((bits(a) & ~kSignBit<T>) | (bits(canonical(b)) & kSignBit<T>));
}

// ---- minimum and maximum. Zeros compare equal, so their order is taken from the sign bit.

template <class T>
constexpr bool below(T a, T b) {
  if constexpr (Float<T>) {
    if (a == b) return (bits(a) & kSignBit<T>) != 0;
  }
  return a < b;
}
template <class T>
constexpr T min(T a, T b) {
  if (a != a) return a;
  if (b != b) return b;
  return below(a, b) ? a : b;
}
template <class T>
constexpr T max(T a, T b) {
  if (a != a) return a;
  if (b != b) return b;
  return below(a, b) ? b : a;
}
template <Float T>
constexpr T min_num(T a, T b) {
  if (a != a) return b;
  return b != b ? a : min(a, b);
}
template <Float T>
constexpr T max_num(T a, T b) {
  if (a != a) return b;
  return b != b ? a : max(a, b);
}

// ---- rounding to integral values

template <Float T>
T floor(T a) {
  return std::floor(a);
}
template <Float T>
T ceil(T a) {
  return std::ceil(a);
}
template <Float T>
T trunc(T a) {
  return std::trunc(a);
}
template <Float T>
T rint(T a) {
  return std::rint(a);  // the environment rounds to nearest even (contract, part 1)
}

// ---- scaling and its inverse

/// a * 2^n, rounded once, subnormal results included. An f32 scaled in f64 is exact there as long as the
/// exponent is kept within reach, so the conversion back is the one rounding; the C library's f64 ldexp
/// rounds once itself. Beyond the clamps every non-zero finite a has overflowed or vanished already.
template <Float T, Integer I>
T ldexp(T a, I n) {
  if constexpr (sizeof(T) == 4) return static_cast<T>(std::ldexp(double{a}, std::clamp<int>(n, -300, 300)));
  return std::ldexp(a, static_cast<int>(std::clamp<I>(n, -5000, 5000)));
}
/// The count as a float: floor(n) is meant. NaN in either operand is NaN; 2^inf is inf, and 2^-inf is 0.
template <Float T>
T ldexp(T a, T n) {
  if (a != a || n != n) return canonical_nan<T>();
  if (std::isinf(n)) return n > 0 ? a * n : a * T{0};  // 0*inf and inf*0 are NaN, as they should be
  return ldexp(a, static_cast<std::int32_t>(std::floor(std::clamp(n, T{-5000}, T{5000}))));
}

/// |a| = m * 2^e with m in [0.75, 1.5), for a finite and not zero. The interval is around 1 so that the
/// logarithm of m has no cancellation with e near a = 1.
template <Float T>
T split(T a, int& e) {
  const T m = std::frexp(abs(a), &e);  // in [0.5, 1)
  if (m >= T{0.75}) return m;
  --e;
  return m * 2;
}
template <Float T>
T exponent(T a) {
  if (a != a) return canonical_nan<T>();
  if (a == 0) return -std::numeric_limits<T>::infinity();
  if (std::isinf(a)) return std::numeric_limits<T>::infinity();
  int e;
  split(a, e);
  return static_cast<T>(e);
}
template <Float T>
T significand(T a) {
  if (a != a || a < 0) return canonical_nan<T>();
  if (a == 0 || std::isinf(a)) return 1;
  int e;
  return split(a, e);
}

// ---- integers: shifts take any count, as unsigned

template <Integer T>
constexpr T shl(T a, T count) {
  return bits(count) >= Bits<T>(kWidth<T>) ? 0 : static_cast<T>(bits(a) << bits(count));
}
template <Integer T>
constexpr T shr(T a, T count) {
  return bits(count) >= Bits<T>(kWidth<T>) ? 0 : static_cast<T>(bits(a) >> bits(count));
}
template <Integer T>
constexpr T sar(T a, T count) {
  return a >> std::min<Bits<T>>(bits(count), kWidth<T> - 1);  // arithmetic since C++20
}

// ---- conversions

/// To float: one rounding. To integer: towards zero, saturating, NaN gives 0.
template <class To, class From>
constexpr To convert(From a) {
  if constexpr (Float<To> || std::is_same_v<To, From>) {
    return static_cast<To>(a);
  } else {
    constexpr To lowest = std::numeric_limits<To>::min(), highest = std::numeric_limits<To>::max();
    if constexpr (Float<From>) {
      constexpr From limit = -static_cast<From>(lowest);  // 2^31 or 2^63: exact, unlike `highest`
      if (a != a) return 0;
      if (a >= limit) return highest;
      if (a <= -limit) return lowest;
    } else if constexpr (sizeof(To) < sizeof(From)) {
      return static_cast<To>(std::clamp<From>(a, lowest, highest));
    }
    return static_cast<To>(a);
  }
}
/// The same bits as the other type of that width; a NaN is made canonical before anyone can look inside.
template <class To, class From>
constexpr To bitcast(From a) {
  return std::bit_cast<To>(canonical(a));
}

}  // namespace TRUENO_MEANING
}  // namespace trueno::ir::meaning
