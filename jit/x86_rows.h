// Rows that all x86 levels share, in terms of VEX instruction ids and what an ISA says of itself.
#pragma once

#include "jit/asm.h"
#include "jit/isa.h"

namespace trueno::jit::x86 {

Operand fma(Select& s, const Lane& l);
Operand negate(Select& s, const Lane& l);
Operand absolute(Select& s, const Lane& l);
Operand copysign(Select& s, const Lane& l);
Operand same_bits(Select& s, const Lane& l);
Operand min_num(Select& s, const Lane& l);
Operand max_num(Select& s, const Lane& l);
Operand canonical(Select& s, const Lane& l);
Operand divide(Select& s, const Lane& l);
Operand remainder(Select& s, const Lane& l);
/// The contract's minimum of floats.
Operand min_float(Select& s, Type t, Operand a, Operand b);
/// min, max, min_num, max_num of floats with a constant: one instruction or two; none if the node is not of that kind
/// or the constant does not allow it.
Operand min_max_constant(Select& s, const Lane& l);
Operand shift(Select& s, const Lane& l);
Operand table(Select& s, const Lane& l);

// x86_convert.cpp
Value convert(Select& s, const Lane& l, const Value& in);
/// i64 lanes rounded to doubles, without AVX-512's instruction.
Operand i64_to_f64(Select& s, Operand x);
/// i32 lanes, or masks of that width, to i64 lanes; and the low halves of i64 lanes.
Value sign_extend(Select& s, const Value& in);
Value low_halves(Select& s, const Value& in);
/// Lanes where x is a NaN, or either of two is; as the ISA's masks are.
Operand unordered(Select& s, Type t, Operand x, Operand y);

/// By float type.
constexpr std::uint32_t ps_pd(Type t, std::uint32_t ps, std::uint32_t pd) { return bits_of(t) == 32 ? ps : pd; }

/// The value of an operand that is a constant of the kernel, or nothing.
const ir::Node* constant_operand(const Lane& l, int arg);
/// Is it a constant without a bit set: 0, +0 or false?
inline bool is_nothing(const Lane& l, int arg) {
  const ir::Node* c = constant_operand(l, arg);
  return c && c->imm == 0;
}

/// Two half-width results as one vector.
Operand join(Select& s, Operand low, Operand high);

/// The rows both tables start from.
constexpr void shared_rows(RowTable& t) {
  using ir::Op;
  for (Op op : {Op::param_array, Op::param_scalar, Op::constant, Op::count, Op::index, Op::reduce_sum,
                Op::reduce_sum_fma, Op::reduce_min, Op::reduce_max, Op::reduce, Op::component, Op::call})
    t[op] = kStructural;
  t[Op::add] = lanewise(I::kIdVaddps, I::kIdVaddpd, I::kIdVpaddd, I::kIdVpaddq);
  t[Op::sub] = lanewise(I::kIdVsubps, I::kIdVsubpd, I::kIdVpsubd, I::kIdVpsubq);
  t[Op::div] = custom(divide);
  t[Op::rem] = custom(remainder);
  t[Op::sqrt] = lanewise(I::kIdVsqrtps, I::kIdVsqrtpd, 0, 0);
  t[Op::neg] = custom(negate);
  t[Op::abs] = custom(absolute);
  t[Op::copysign] = custom(copysign);
  t[Op::bitcast] = t[Op::bitcast_raw] = custom(same_bits);
  t[Op::min_num] = custom(min_num);
  t[Op::max_num] = custom(max_num);
  t[Op::shl] = t[Op::shr] = t[Op::sar] = custom(shift);
  t[Op::convert] = whole(convert);
  t[Op::canonical] = custom(canonical);
  t[Op::table] = custom(table);
}

}  // namespace trueno::jit::x86
