// Rows that AVX2 and AVX-512 share: what has the same instructions in both encodings.
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
/// minimum of floats without regard to NaN in one operand being lost: see the definition
Operand min_float(Select& s, Type t, Operand a, Operand b);
/// min/max with a constant that is neither zero nor NaN: one instruction; none if the node is not of that kind
Operand min_max_constant(Select& s, const Lane& l);
Operand shift(Select& s, const Lane& l);
Value convert(Select& s, const Lane& l, const Value& in);
Operand upper_half(Select& s, Operand v);
Operand lane_one(Select& s, Operand v);

/// By float type.
constexpr std::uint32_t ps_pd(Type t, std::uint32_t ps, std::uint32_t pd) { return bits_of(t) == 32 ? ps : pd; }

/// The value of an operand that is a constant of the kernel, or nothing.
const ir::Node* constant_operand(const Lane& l, int arg);

/// Two half-width results as one vector.
Operand join(Select& s, Operand low, Operand high);

/// The rows both tables start from.
constexpr void shared_rows(RowTable& t) {
  using ir::Op;
  for (Op op : {Op::param_array, Op::param_scalar, Op::constant, Op::count, Op::reduce_sum, Op::reduce_sum_fma,
                Op::reduce_min, Op::reduce_max, Op::call})
    t[op] = kStructural;
  t[Op::add] = lanewise(I::kIdVaddps, I::kIdVaddpd, I::kIdVpaddd, I::kIdVpaddq);
  t[Op::sub] = lanewise(I::kIdVsubps, I::kIdVsubpd, I::kIdVpsubd, I::kIdVpsubq);
  t[Op::div] = lanewise(I::kIdVdivps, I::kIdVdivpd, 0, 0);
  t[Op::rem] = kDeclined;
  t[Op::sqrt] = lanewise(I::kIdVsqrtps, I::kIdVsqrtpd, 0, 0);
  t[Op::fma] = t[Op::mad] = custom(fma);
  t[Op::neg] = custom(negate);
  t[Op::abs] = custom(absolute);
  t[Op::copysign] = custom(copysign);
  t[Op::bitcast] = t[Op::bitcast_raw] = custom(same_bits);
  t[Op::min_num] = custom(min_num);
  t[Op::max_num] = custom(max_num);
  t[Op::shl] = t[Op::shr] = t[Op::sar] = custom(shift);
  t[Op::convert] = whole(convert);
  t[Op::exponent] = t[Op::significand] = kDeclined;
  t[Op::mask_convert] = kDeclined;
}

}  // namespace trueno::jit::x86
