// What each function of term.h means, on bits: after the descriptions of the instruction set, for one lane.
//
// Floats are computed by the C++ types of that width, which round once, to nearest even. Which NaN comes out of
// arithmetic is not said here: who compares (lemma.h) asks whether it matters.
#include <bit>
#include <cmath>
#include <limits>

#include "inspect/term.h"
#include "ir/strict_math.h"

namespace trueno::inspect {
namespace {

using U = std::uint64_t;

constexpr U ones(int width) { return width >= 64 ? ~U{0} : (U{1} << width) - 1; }
constexpr std::int64_t signed_of(U v, int width) {
  const int up = 64 - width;
  return static_cast<std::int64_t>(v << up) >> up;
}

template <class T>
T real(U bits) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else
    return std::bit_cast<double>(bits);
}
template <class T>
U bits(T value) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<std::uint32_t>(value);
  else
    return std::bit_cast<U>(value);
}

/// One of two outcomes of comparing: unordered, less, equal, greater, as bits 0 to 3 of what a predicate accepts.
template <class T>
int outcome(T a, T b) {
  return a != a || b != b ? 0 : a < b ? 1 : a == b ? 2 : 3;
}
/// Predicates 0 to 15 of CMPPS; 16 more differ in signalling alone.
constexpr unsigned kAccepts[16] = {0b0100, 0b0010, 0b0110, 0b0001, 0b1011, 0b1101, 0b1001, 0b1110,
                                   0b0101, 0b0011, 0b0111, 0b0000, 0b1010, 0b1100, 0b1000, 0b1111};

bool int_compare(std::int64_t a, std::int64_t b, U predicate) {
  switch (predicate & 7) {
    case 0: return a == b;
    case 1: return a < b;
    case 2: return a <= b;
    case 3: return false;
    case 4: return a != b;
    case 5: return a >= b;
    case 6: return a > b;
    default: return true;
  }
}

template <class T>
T rounded(T x, U mode) {
  switch (mode & 3) {
    case 0: return std::nearbyint(x);
    case 1: return std::floor(x);
    case 2: return std::ceil(x);
    default: return std::trunc(x);
  }
}

/// VRANGE: bits 0-1 which of the two (min, max, by size), bits 2-3 whose sign. A number beats a NaN.
template <class T>
T in_range(T a, T b, U imm) {
  if (a != a && b != b) return a;
  if (a != a) return b;
  if (b != b) return a;
  const bool by_size = (imm & 2) != 0, largest = (imm & 1) != 0;
  const T x = by_size ? std::fabs(a) : a, y = by_size ? std::fabs(b) : b;
  const bool a_below = x < y || (x == y && std::signbit(a) && !std::signbit(b));
  const bool equal = x == y && std::signbit(a) == std::signbit(b);
  T out = equal ? a : a_below != largest ? a : b;
  switch (imm >> 2 & 3) {
    case 0: return std::copysign(out, a);
    case 1: return out;
    case 2: return std::fabs(out);
    default: return -std::fabs(out);
  }
}

/// VSCALEF: a * 2^floor(b). An infinite count decides whatever a is, 0 * 2^inf and inf * 2^-inf aside.
template <class T>
T scaled(T a, T b) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  if (b != b) return nan;
  if (std::isinf(b)) {
    if (b > 0) return a == 0 ? nan : a != a ? inf : std::copysign(inf, a);
    return std::isinf(a) ? nan : a != a ? T{0} : std::copysign(T{0}, a);
  }
  if (a != a) return nan;
  const T count = std::floor(b);
  const int n = count > 10000 ? 10000 : count < -10000 ? -10000 : static_cast<int>(count);
  if constexpr (sizeof(T) == 4)  // exact in double while its exponent is within reach
    return static_cast<T>(std::ldexp(static_cast<double>(a), n > 400 ? 400 : n < -400 ? -400 : n));
  else
    return std::ldexp(a, n);
}

/// VGETEXP: floor(log2 |x|).
template <class T>
T exponent(T x) {
  const T inf = std::numeric_limits<T>::infinity();
  if (x != x) return x;
  if (x == 0) return -inf;
  return std::isinf(x) ? inf : static_cast<T>(std::ilogb(x));
}

/// VGETMANT: bits 0-1 the interval ([1,2), [1/2,2), [1/2,1), [3/4,3/2)), bit 2 drops the sign, bit 3 refuses negatives.
template <class T>
T mantissa(T x, U imm) {
  const bool no_negatives = (imm & 8) != 0, drop = (imm & 4) != 0;
  if (x != x) return x;
  const T sign = drop ? T{1} : std::copysign(T{1}, x);
  if (x == 0) return sign;
  if (x < 0 && no_negatives) return std::numeric_limits<T>::quiet_NaN();
  if (std::isinf(x)) return sign;
  int e = 0;
  const T half = std::frexp(std::fabs(x), &e);  // in [1/2, 1)
  switch (imm & 3) {
    case 0: return sign * half * 2;
    case 1: return sign * ((e - 1) % 2 != 0 ? half : half * 2);
    case 2: return sign * half;
    default: return sign * (half >= T{0.75} ? half : half * 2);
  }
}

template <class T>
U float_meaning(const Term& t, const U* v) {
  const T a = real<T>(v[0]), b = t.arity > 1 ? real<T>(v[1]) : T{0};
  switch (t.fn) {
    case Fn::f_add: return bits(static_cast<T>(a + b));
    case Fn::f_sub: return bits(static_cast<T>(a - b));
    case Fn::f_mul: return bits(static_cast<T>(a * b));
    case Fn::f_div: return bits(static_cast<T>(a / b));
    case Fn::f_sqrt: return bits(std::sqrt(a));
    case Fn::f_min: return a < b ? v[0] : v[1];
    case Fn::f_max: return a > b ? v[0] : v[1];
    case Fn::f_fma: {
      const T c = real<T>(v[2]);
      return bits(std::fma((t.imm & 1) != 0 ? -a : a, b, (t.imm & 2) != 0 ? -c : c));
    }
    case Fn::f_compare: return kAccepts[t.imm & 15] >> outcome(a, b) & 1;
    case Fn::f_round: return bits(rounded(a, t.imm));
    case Fn::f_range: return bits(in_range(a, b, t.imm));
    case Fn::f_scale: return bits(scaled(a, b));
    case Fn::f_exponent: return bits(exponent(a));
    case Fn::f_mantissa: return bits(mantissa(a, t.imm));
    case Fn::f_convert: return t.width == 32 ? bits(static_cast<float>(a)) : bits(static_cast<double>(a));
    case Fn::f_to_int: {  // what does not fit gives the smallest
      const T limit = std::ldexp(T{1}, t.width - 1);
      const T whole = std::trunc(a);
      if (!(whole >= -limit && whole < limit)) return U{1} << (t.width - 1);
      return static_cast<U>(static_cast<std::int64_t>(whole)) & ones(t.width);
    }
    default: return 0;
  }
}

U shifted(const Term& t, const U* v) {
  const U count = t.arity > 1 ? v[1] : t.imm;
  const bool beyond = count >= t.width;
  switch (t.fn) {
    case Fn::shift_left: return beyond ? 0 : v[0] << count & ones(t.width);
    case Fn::shift_right: return beyond ? 0 : v[0] >> count;
    default: return static_cast<U>(signed_of(v[0], t.width) >> (beyond ? t.width - 1 : count)) & ones(t.width);
  }
}

U int_meaning(const Term& t, const U* v) {
  const int operand = t.from != 0 ? t.from : t.width;
  const std::int64_t a = signed_of(v[0], operand), b = t.arity > 1 ? signed_of(v[1], operand) : 0;
  switch (t.fn) {
    case Fn::add: return (v[0] + v[1]) & ones(t.width);
    case Fn::sub: return (v[0] - v[1]) & ones(t.width);
    case Fn::mul: return (v[0] * v[1]) & ones(t.width);
    case Fn::mul_wide: return v[0] * v[1];
    case Fn::abs: return (a < 0 ? U{0} - v[0] : v[0]) & ones(t.width);
    case Fn::min: return a < b ? v[0] : v[1];
    case Fn::max: return a > b ? v[0] : v[1];
    case Fn::compare: return int_compare(a, b, t.imm) ? 1 : 0;
    case Fn::sign_extend: return static_cast<U>(a) & ones(t.width);
    case Fn::pack: {
      const std::int64_t most = static_cast<std::int64_t>(ones(t.width - 1));
      return static_cast<U>(a > most ? most : a < -most - 1 ? -most - 1 : a) & ones(t.width);
    }
    case Fn::f_from_int: return t.width == 32 ? bits(static_cast<float>(a)) : bits(static_cast<double>(a));
    default: return shifted(t, v);
  }
}

}  // namespace

std::uint64_t meaning_of(const Term& t, const std::uint64_t* v) {
  switch (t.fn) {
    case Fn::constant: return t.imm;
    case Fn::low: return v[0] & 0xffffffffu;
    case Fn::high: return v[0] >> 32;
    case Fn::join: return v[0] | v[1] << 32;
    case Fn::byte: return v[0] >> (8 * t.imm) & 0xff;
    case Fn::half: return v[0] >> (16 * t.imm) & 0xffff;
    case Fn::bytes:
    case Fn::halves: {
      U out = 0;
      const int each = t.width / t.arity;
      for (int i = 0; i < t.arity; ++i) out |= v[i] << (each * i);
      return out;
    }
    case Fn::bit: return v[0] >> t.imm & 1;
    case Fn::spread: return v[0] != 0 ? ones(t.width) : 0;
    case Fn::zero_extend: return v[0];
    case Fn::choose: return v[0] != 0 ? v[1] : v[2];
    case Fn::pick: return v[0] + 1 < t.arity ? v[v[0] + 1] : 0;
    case Fn::bit_and: return v[0] & v[1];
    case Fn::bit_or: return v[0] | v[1];
    case Fn::bit_xor: return v[0] ^ v[1];
    case Fn::bit_andnot: return ~v[0] & v[1];
    case Fn::f_from_int: return int_meaning(t, v);
    default: break;
  }
  if (t.fn < Fn::f_add) return int_meaning(t, v);
  return (t.from != 0 ? t.from : t.width) == 32 ? float_meaning<float>(t, v) : float_meaning<double>(t, v);
}

}  // namespace trueno::inspect
