// Every primitive as a loop the compiler vectorizes, from the meanings the interpreter uses.
//
// Compiled four times (CMakeLists.txt): TRUENO_LEVEL is v1 .. v4, TRUENO_LEVEL_ISA its name in Isa, and
// TRUENO_VECTOR_BYTES how long its vectors are. Nothing here may have a name that another unit shares: the linker
// would keep one of the copies, for all hosts. So all is in unnamed namespaces, and the meanings are given a name by
// level; a test looks at what the objects export.
#define TRUENO_MEANING TRUENO_LEVEL
#include "aot/loops.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "aot/look_up.h"
#include "ir/meaning.h"

namespace trueno::aot::TRUENO_LEVEL {

extern const Level kLevel;

namespace {

namespace meaning = ir::meaning;
using ir::Op;
using ir::Typing;
using i32 = std::int32_t;
using i64 = std::int64_t;

template <class T>
using Integer = std::conditional_t<sizeof(T) == 4, i32, i64>;

// ---- the loops

template <auto f, class R, class... A>
[[gnu::always_inline]] inline void apply(R* __restrict out, std::size_t n, const A* __restrict... in) {
  for (std::size_t i = 0; i < n; ++i) out[i] = f(in[i]...);
}
template <auto f, class R, class... A>
void map(const Operand* const* in, void* out, std::size_t n) {
  [&]<std::size_t... at>(std::index_sequence<at...>) {
    auto* to = static_cast<R*>(out);
    const void* from[] = {in[at]->row...};
    const std::size_t advance[] = {in[at]->advance...};
    for (; n >= kChunk; n -= kChunk, to += kChunk) {
      apply<f, R, A...>(to, kChunk, static_cast<const A*>(from[at])...);
      ((from[at] = static_cast<const A*>(from[at]) + advance[at]), ...);
    }
    apply<f, R, A...>(to, n, static_cast<const A*>(from[at])...);
  }
  (std::index_sequence_for<A...>{});
}

template <class T>
inline constexpr std::size_t kLanes = 256 / sizeof(T);
/// Four vectors of accumulators at a time stay in registers.
template <class T>
inline constexpr std::size_t kGroup = 4 * TRUENO_VECTOR_BYTES / sizeof(T);

template <auto f, class T, class... A>
[[gnu::always_inline]] inline void apply_rows(T* lanes, std::size_t rows, const A*... in) {
  for (std::size_t g = 0; g < kLanes<T>; g += kGroup<T>) {
    T group[kGroup<T>];
    std::memcpy(group, lanes + g, sizeof(group));
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t l = 0; l < kGroup<T>; ++l) group[l] = f(group[l], in[r * kLanes<T> + g + l]...);
    std::memcpy(lanes + g, group, sizeof(group));
  }
}
template <auto f, class T, class... A>
void accumulate(void* lanes, const void* const* in, std::size_t rows) {
  [&]<std::size_t... at>(std::index_sequence<at...>) {
    apply_rows<f, T, A...>(static_cast<T*>(lanes), rows, static_cast<const A*>(in[at])...);
  }
  (std::index_sequence_for<A...>{});
}

// ---- what is written here in a form that vectorizes; the same values as the meanings

/// Asked both ways round, equal numbers come out as a and as b, which differ in sign at most: -0 is their or, +0 their
/// and. Any NaN is as good as another.
template <class T>
T least(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return a < b ? a : b;
  } else {
    const T number = std::bit_cast<T>(meaning::bits(a < b ? a : b) | meaning::bits(b < a ? b : a));
    return __builtin_isunordered(a, b) ? a + b : number;
  }
}
template <class T>
T greatest(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return a > b ? a : b;
  } else {
    const T number = std::bit_cast<T>(meaning::bits(a > b ? a : b) & meaning::bits(b > a ? b : a));
    return __builtin_isunordered(a, b) ? a + b : number;
  }
}
template <class T>
T least_number(T a, T b) {
  const T number = b == b ? least(a, b) : a;
  return a == a ? number : b;
}
template <class T>
T greatest_number(T a, T b) {
  const T number = b == b ? greatest(a, b) : a;
  return a == a ? number : b;
}

template <class T>
T power_of_two(Integer<T> n) {  // a normal number
  constexpr Integer<T> bias = sizeof(T) == 4 ? 127 : 1023, shift = sizeof(T) == 4 ? 23 : 52;
  return std::bit_cast<T>((n + bias) << shift);
}
/// A count as a float, brought to where it makes no difference, as an integer.
template <class T>
Integer<T> whole_count(T n, T most) {
  const T inside = n < -most ? -most : n > most ? most : n == n ? n : T{0};
  return static_cast<Integer<T>>(meaning::floor(inside));
}
/// In f64 no f32 scaled so far overflows or vanishes; the conversion back is the one rounding.
inline float scale_integer(float a, i32 n) {
  const i32 count = n < -300 ? -300 : n > 300 ? 300 : n;
  return static_cast<float>(double{a} * power_of_two<double>(count));
}
inline float scale(float a, float n) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float scaled = scale_integer(a, whole_count(n, 300.0f));
  const float edge = n == inf ? a * n : n == -inf ? a * 0.0f : scaled;  // 0*inf and inf*0 are NaN
  return n == n ? edge : meaning::canonical_nan<float>();
}
inline double scale(double a, double n) { return meaning::ldexp(a, n); }
inline double scale_integer(double a, i64 n) { return meaning::ldexp(a, n); }
/// As promised, the first product is exact or the second 0 or inf; so is a count of less than 2^11, or `a` a NaN.
template <class T>
T scale_near(T a, Integer<T> n) {
  const Integer<T> half = n >> 1;
  return a * power_of_two<T>(half) * power_of_two<T>(n - half);
}
/// The count is whole as it comes out of floor: added to 1.5 * 2^(digits - 1), its bits lie in the low half.
template <class T>
T scale_near(T a, T n) {
  constexpr T magic = sizeof(T) == 4 ? T{0x1.8p23} : T{0x1.8p52};
  const auto count = meaning::bits(meaning::floor(n) + magic) - meaning::bits(magic);
  return scale_near(a, static_cast<Integer<T>>(count));
}

/// |a| as m * 2^e with m in [0.75, 1.5): f32 in f64, where it is normal; f64 brought there.
template <class T>
struct Parts {
  explicit Parts(T a) {
    double x = meaning::abs(double{a});
    const bool small = sizeof(T) == 8 && x < 0x1p-1022;
    x = small ? x * 0x1p54 : x;
    const auto b = meaning::bits(x);
    const i64 upper = (b >> 51) & 1;  // m >= 1.5 before
    exponent = static_cast<i64>(b >> 52) - 1023 + upper - (small ? 54 : 0);
    significand = static_cast<T>(
        std::bit_cast<double>((b & 0xfffffffffffffull) | static_cast<std::uint64_t>(1023 - upper) << 52));
  }
  i64 exponent;
  T significand;
};
template <class T>
T exponent(T a) {
  constexpr T inf = std::numeric_limits<T>::infinity();
  const T magnitude = meaning::abs(a);
  const T e = static_cast<T>(static_cast<i32>(Parts<T>(a).exponent));
  const T known = magnitude == 0 ? -inf : magnitude == inf ? inf : e;
  return a == a ? known : meaning::canonical_nan<T>();
}
template <class T>
T significand(T a) {
  constexpr T inf = std::numeric_limits<T>::infinity();
  const T m = a == 0 || a == inf ? T{1} : Parts<T>(a).significand;
  return a >= 0 ? m : meaning::canonical_nan<T>();
}

template <class I>
I choose(I mask, I yes, I no) {
  return (mask & yes) | (~mask & no);
}

// ---- from a row of the primitive table to its loop

template <class F>
Loop with_number(Type type, F f) {
  switch (type) {
    case Type::f32: return f(float{});
    case Type::f64: return f(double{});
    case Type::i32: return f(i32{});
    case Type::i64: return f(i64{});
    default: return nullptr;
  }
}

template <class T>
constexpr Loop number(Op op) {
  switch (op) {
    case Op::add: return map<meaning::add<T>, T, T, T>;
    case Op::sub: return map<meaning::sub<T>, T, T, T>;
    case Op::mul: return map<meaning::mul<T>, T, T, T>;
    case Op::div: return map<meaning::div<T>, T, T, T>;
    case Op::min: return map<least<T>, T, T, T>;
    case Op::max: return map<greatest<T>, T, T, T>;
    case Op::neg: return map<meaning::neg<T>, T, T>;
    case Op::abs: return map<meaning::abs<T>, T, T>;
    default: return nullptr;
  }
}
static_assert(ir::complete(Typing::number, number<float>));

template <class T>
constexpr Loop real(Op op) {
  switch (op) {
    case Op::sqrt: return map<meaning::sqrt<T>, T, T>;
    case Op::fma:
    case Op::mad: return map<meaning::fma<T>, T, T, T, T>;
    case Op::copysign: return map<meaning::copysign<T>, T, T, T>;
    case Op::canonical: return map<meaning::canonical<T>, T, T>;
    case Op::min_num: return map<least_number<T>, T, T, T>;
    case Op::max_num: return map<greatest_number<T>, T, T, T>;
    case Op::floor: return map<meaning::floor<T>, T, T>;
    case Op::ceil: return map<meaning::ceil<T>, T, T>;
    case Op::trunc: return map<meaning::trunc<T>, T, T>;
    case Op::rint: return map<meaning::rint<T>, T, T>;
    case Op::exponent: return map<exponent<T>, T, T>;
    case Op::significand: return map<significand<T>, T, T>;
    default: return nullptr;
  }
}
static_assert(ir::complete(Typing::real, real<float>));

template <class T>
constexpr Loop integer(Op op) {
  switch (op) {
    case Op::rem: return map<meaning::rem<T>, T, T, T>;
    case Op::shl: return map<meaning::shl<T>, T, T, T>;
    case Op::shr: return map<meaning::shr<T>, T, T, T>;
    case Op::sar: return map<meaning::sar<T>, T, T, T>;
    default: return nullptr;
  }
}
static_assert(ir::complete(Typing::integer, integer<i32>));

template <class T>
constexpr Loop compare(Op op) {
  using M = Integer<T>;
  switch (op) {
    case Op::eq: return map<[](T a, T b) { return -static_cast<M>(a == b); }, M, T, T>;
    case Op::ne: return map<[](T a, T b) { return -static_cast<M>(a != b); }, M, T, T>;
    case Op::lt: return map<[](T a, T b) { return -static_cast<M>(a < b); }, M, T, T>;
    case Op::le: return map<[](T a, T b) { return -static_cast<M>(a <= b); }, M, T, T>;
    case Op::gt: return map<[](T a, T b) { return -static_cast<M>(a > b); }, M, T, T>;
    case Op::ge: return map<[](T a, T b) { return -static_cast<M>(a >= b); }, M, T, T>;
    default: return nullptr;
  }
}
static_assert(ir::complete(Typing::compare, compare<float>));

/// On integers and masks of width I.
template <class I>
constexpr Loop logic(Op op) {
  switch (op) {
    case Op::bit_and: return map<[](I a, I b) { return a & b; }, I, I, I>;
    case Op::bit_or: return map<[](I a, I b) { return a | b; }, I, I, I>;
    case Op::bit_xor: return map<[](I a, I b) { return a ^ b; }, I, I, I>;
    case Op::bit_not: return map<[](I a) { return ~a; }, I, I>;
    default: return nullptr;
  }
}
static_assert(ir::complete(Typing::logic, logic<i32>));

template <class T>
Loop scaling(bool near, bool by_float) {
  using I = Integer<T>;
  if (near)
    return by_float ? Loop{map<[](T a, T n) { return scale_near(a, n); }, T, T, T>}
                    : map<[](T a, I n) { return scale_near(a, n); }, T, T, I>;
  return by_float ? Loop{map<[](T a, T n) { return scale(a, n); }, T, T, T>}
                  : map<[](T a, I n) { return scale_integer(a, n); }, T, T, I>;
}

Loop convert(Type to, Type from) {
  return with_number(to, [&](auto t) {
    return with_number(from, [&](auto f) -> Loop {
      using To = decltype(t);
      using From = decltype(f);
      return map<meaning::convert<To, From>, To, From>;
    });
  });
}

Loop mask_convert(Type to, Type from) {
  if (to == from)
    return to == Type::m32 ? Loop{map<[](i32 a) { return a; }, i32, i32>} : map<[](i64 a) { return a; }, i64, i64>;
  return to == Type::m64 ? Loop{map<[](i32 a) { return i64{a}; }, i64, i32>}
                         : map<[](i64 a) { return static_cast<i32>(a); }, i32, i64>;
}

template <class To, class From>
Loop bitcast(bool raw) {
  return raw ? Loop{map<[](From a) { return std::bit_cast<To>(a); }, To, From>}
             : map<meaning::bitcast<To, From>, To, From>;
}
Loop bitcast(bool raw, Type from) {
  return with_number(from, [&](auto f) -> Loop {
    using From = decltype(f);
    using To = std::conditional_t<std::is_integral_v<From>, std::conditional_t<sizeof(From) == 4, float, double>,
                                  Integer<From>>;
    return bitcast<To, From>(raw);
  });
}

Loop loop(const Shape& s) {
  const bool narrow = bits_of(s.result) == 32;
  switch (ir::row(s.op).typing) {
    case Typing::number: return with_number(s.result, [&](auto t) { return number<decltype(t)>(s.op); });
    case Typing::real: return narrow ? real<float>(s.op) : real<double>(s.op);
    case Typing::integer: return narrow ? integer<i32>(s.op) : integer<i64>(s.op);
    case Typing::compare: return with_number(s.first, [&](auto t) { return compare<decltype(t)>(s.op); });
    case Typing::logic: return narrow ? logic<i32>(s.op) : logic<i64>(s.op);
    case Typing::select:
      return narrow ? Loop{map<choose<i32>, i32, i32, i32, i32>} : map<choose<i64>, i64, i64, i64, i64>;
    case Typing::scaling:
      return narrow ? scaling<float>(s.op == Op::ldexp_near, is_float(s.second))
                    : scaling<double>(s.op == Op::ldexp_near, is_float(s.second));
    case Typing::convert: return convert(s.result, s.first);
    case Typing::mask_convert: return mask_convert(s.result, s.first);
    case Typing::bitcast: return bitcast(s.op == Op::bitcast_raw, s.first);
    case Typing::table: return narrow ? look_up<i32> : look_up<i64>;
    case Typing::leaf:
    case Typing::reduce: break;
  }
  return nullptr;
}

Loop mask_bytes(Type mask) {
  using Byte = unsigned char;
  return mask == Type::m32 ? Loop{map<[](i32 m) { return static_cast<Byte>(m & 1); }, Byte, i32>}
                           : map<[](i64 m) { return static_cast<Byte>(m & 1); }, Byte, i64>;
}

template <class T>
Rows rows_of(Op op) {
  switch (op) {
    case Op::add: return accumulate<meaning::add<T>, T, T>;
    case Op::mul: return accumulate<meaning::mul<T>, T, T>;
    case Op::min: return accumulate<least<T>, T, T>;
    case Op::max: return accumulate<greatest<T>, T, T>;
    case Op::fma:
      if constexpr (std::is_floating_point_v<T>)
        return accumulate<[](T lane, T a, T b) { return meaning::fma(a, b, lane); }, T, T, T>;
      return nullptr;
    default: return nullptr;
  }
}
Rows rows(Op op, Type type) {
  switch (type) {
    case Type::f32: return rows_of<float>(op);
    case Type::f64: return rows_of<double>(op);
    case Type::i32: return rows_of<i32>(op);
    case Type::i64: return rows_of<i64>(op);
    default: return nullptr;
  }
}

}  // namespace

constinit const Level kLevel{Isa::TRUENO_LEVEL_ISA, loop, mask_bytes, rows};

}  // namespace trueno::aot::TRUENO_LEVEL
