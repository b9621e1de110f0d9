// The primitive table: every primitive of the contract, once, as data.
//
// A row gives its identifier, its name in text, its number of operands, how it is typed, whether it
// commutes, and what it means. The text language, the checker, the printer, the interpreter and every
// back end are driven by this table; adding a row without giving it a meaning (meaning.h) and one row per
// ISA file (jit/) does not compile.
#pragma once

#include <cstdint>
#include <string_view>

namespace trueno::ir {

/// How the operand and result types of a primitive relate. T is one number type, F float, I integer,
/// M a mask, and M(T) the mask with the width of T.
enum class Typing : std::uint8_t {
  leaf,          // parameters, constants, count, and what is defined in text: the type is the node's own
  number,        // (T, ...) -> T
  real,          // (F, ...) -> F
  integer,       // (I, ...) -> I
  compare,       // (T, T) -> M(T)
  logic,         // (I, ...) -> I on integers, (M, ...) -> M on masks
  select,        // (M(T), T, T) -> T, also for T a mask of that width
  scaling,       // (F, I or F of the same width) -> F
  convert,       // (T) -> any number type: the node's own
  mask_convert,  // (M) -> M: the node's own
  bitcast,       // (T) -> the other number type of the same width
  table,         // (I) -> the table's element type, of the same width
  reduce,        // (T, ...) -> T, varying in, uniform out
};

// clang-format off
//      id              text             operands typing        commutes  meaning
#define TRUENO_PRIMITIVES(X)                                                                                        \
  X(param_array,    "",              0, leaf,         false, "the element of an array parameter")                   \
  X(param_scalar,   "",              0, leaf,         false, "a scalar parameter")                                  \
  X(constant,       "",              0, leaf,         false, "a constant")                                          \
  X(count,          "count",         0, leaf,         false, "the number of elements, i64")                         \
  X(index,          "index",         0, leaf,         false, "the number of the element, from 0, i64")              \
  X(add,            "add",           2, number,       true,  "a + b; integers wrap")                                \
  X(sub,            "sub",           2, number,       false, "a - b; integers wrap")                                \
  X(mul,            "mul",           2, number,       true,  "a * b; integers wrap")                                \
  X(div,            "div",           2, number,       false, "a / b; integers truncate, x/0 = 0, MIN/-1 = MIN")     \
  X(rem,            "rem",           2, integer,      false, "a - (a/b)*b; x%0 = x, MIN%-1 = 0")                    \
  X(sqrt,           "sqrt",          1, real,         false, "square root")                                         \
  X(fma,            "fma",           3, real,         false, "a*b + c, rounded once")                               \
  X(mad,            "mad",           3, real,         false, "fma, or mul then add where a sweep proved them equal")\
  X(neg,            "neg",           1, number,       false, "-a; flips the sign bit of a float")                   \
  X(abs,            "abs",           1, number,       false, "|a|; clears the sign bit of a float; |MIN| = MIN")    \
  X(copysign,       "copysign",      2, real,         false, "magnitude of a, sign of b")                           \
  X(bitcast,        "bitcast",       1, bitcast,      false, "the same bits; a NaN becomes canonical first")        \
  X(bitcast_raw,    "bitcast.raw",   1, bitcast,      false, "bitcast where a NaN provably cannot matter")          \
  X(canonical,      "canonical",     1, real,         false, "a, or the canonical NaN")                             \
  X(min,            "min",           2, number,       true,  "minimum; NaN propagates, -0 < +0")                    \
  X(max,            "max",           2, number,       true,  "maximum; NaN propagates, -0 < +0")                    \
  X(min_num,        "min_num",       2, real,         true,  "minimum; a number beats NaN")                         \
  X(max_num,        "max_num",       2, real,         true,  "maximum; a number beats NaN")                         \
  X(floor,          "floor",         1, real,         false, "largest integer not above")                           \
  X(ceil,           "ceil",          1, real,         false, "smallest integer not below")                          \
  X(trunc,          "trunc",         1, real,         false, "towards zero")                                        \
  X(rint,           "rint",          1, real,         false, "nearest, ties to even")                               \
  X(eq,             "eq",            2, compare,      true,  "a == b")                                              \
  X(ne,             "ne",            2, compare,      true,  "a != b; true with NaN")                               \
  X(lt,             "lt",            2, compare,      false, "a < b")                                               \
  X(le,             "le",            2, compare,      false, "a <= b")                                              \
  X(gt,             "gt",            2, compare,      false, "a > b")                                               \
  X(ge,             "ge",            2, compare,      false, "a >= b")                                              \
  X(bit_and,        "and",           2, logic,        true,  "bitwise or logical and")                              \
  X(bit_or,         "or",            2, logic,        true,  "bitwise or logical or")                               \
  X(bit_xor,        "xor",           2, logic,        true,  "bitwise or logical exclusive or")                     \
  X(bit_not,        "not",           1, logic,        false, "complement")                                          \
  X(select,         "select",        3, select,       false, "m ? a : b")                                           \
  X(rare,           "rare",          3, select,       false, "m ? a : b, a seldom asked for: a back end may branch around it") \
  X(ldexp,          "ldexp",         2, scaling,      false, "a * 2^b, rounded once; b integer, or float: 2^floor(b)") \
  X(ldexp_near,     "ldexp.near",    2, scaling,      false, "ldexp; promised, or a is NaN and b not inf: -252 <= b < 254 (f64: -2044 <= b < 2046), |a| * 2^(b/2) exact or the result 0 or inf") \
  X(exponent,       "exponent",      1, real,         false, "e of a = m*2^e, m in [0.75, 1.5); 0: -inf, inf: +inf") \
  X(significand,    "significand",   1, real,         false, "m of a = m*2^e, m in [0.75, 1.5); negative or NaN: NaN") \
  X(shl,            "shl",           2, integer,      false, "a << b; 0 for a count >= width, taken as unsigned")   \
  X(shr,            "shr",           2, integer,      false, "a >> b, zeros enter")                                 \
  X(sar,            "sar",           2, integer,      false, "a >> b, the sign enters")                             \
  X(convert,        "convert",       1, convert,      false, "to another type, rounded once; to integer: truncate, saturate, NaN gives 0") \
  X(mask_convert,   "mask_convert",  1, mask_convert, false, "the mask at another width")                           \
  X(table,          "table",         1, table,        false, "entry a & (N-1) of a table of N constants")           \
  X(reduce_sum,     "sum",           1, reduce,       false, "sum over the elements, by the contract's tree")       \
  X(reduce_sum_fma, "sum.fma",       2, reduce,       false, "sum of a*b, each product accumulated by fma")         \
  X(reduce_min,     "min",           1, reduce,       false, "minimum of the elements")                             \
  X(reduce_max,     "max",           1, reduce,       false, "maximum of the elements")                             \
  X(reduce,         "",              0, leaf,         false, "a reducer defined in text; its first component")      \
  X(component,      "",              1, leaf,         false, "another component of a reducer")                      \
  X(call,           "",              0, leaf,         false, "an op, before expansion")
// clang-format on

enum class Op : std::uint8_t {
#define X(id, text, operands, typing, commutes, meaning) id,
  TRUENO_PRIMITIVES(X)
#undef X
};

struct Primitive {
  std::string_view id;
  std::string_view text;
  std::uint8_t operands;
  Typing typing;
  bool commutes;
  std::string_view meaning;
};

inline constexpr Primitive kPrimitives[] = {
#define X(id, text, operands, typing, commutes, meaning) {#id, text, operands, Typing::typing, commutes, meaning},
    TRUENO_PRIMITIVES(X)
#undef X
};

inline constexpr std::size_t kPrimitiveCount = sizeof(kPrimitives) / sizeof(kPrimitives[0]);

constexpr const Primitive& row(Op op) { return kPrimitives[static_cast<std::size_t>(op)]; }
constexpr bool is_reduction(Op op) { return row(op).typing == Typing::reduce || op == Op::reduce; }
/// What a reduction leaves behind: known once its pass has ended.
constexpr bool is_reduced(Op op) { return is_reduction(op) || op == Op::component; }
constexpr bool is_leaf(Op op) { return row(op).typing == Typing::leaf && op != Op::call && !is_reduced(op); }

/// True if `has(op)` is not null for any row of that typing: what a table of meanings or loops asserts of itself, so
/// that a new row that it forgets does not compile. Sanitizers keep compilers from saying that a function is there; it
/// is.
template <class Has>
consteval bool complete(Typing typing, Has has) {
  for (std::size_t i = 0; i < kPrimitiveCount; ++i) {
    if (kPrimitives[i].typing != typing) continue;
    const auto found = has(static_cast<Op>(i));
    if (__builtin_constant_p(!found) && !found) return false;
  }
  return true;
}
/// The rows of that typing: asserted where one function serves them all.
consteval std::size_t rows_of(Typing typing) {
  std::size_t n = 0;
  for (const Primitive& p : kPrimitives) n += p.typing == typing;
  return n;
}

}  // namespace trueno::ir
