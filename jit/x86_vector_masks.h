// Rows for ISAs whose masks are vectors with all bits of a lane set: AVX2 and the SSE levels.
#pragma once

#include "jit/x86_rows.h"

namespace trueno::jit::x86 {

Operand maximum_float(Select& s, Type t, Operand a, Operand b);
Operand minimum(Select& s, const Lane& l);
Operand maximum(Select& s, const Lane& l);
Operand compare(Select& s, const Lane& l);
Operand ldexp(Select& s, const Lane& l);
Operand ldexp_near(Select& s, const Lane& l);
Operand exponent(Select& s, const Lane& l);
Operand significand(Select& s, const Lane& l);
Operand multiply(Select& s, const Lane& l);
Operand invert(Select& s, const Lane& l);
Operand select(Select& s, const Lane& l);
Value mask_convert(Select& s, const Lane& l, const Value& in);
Operand mask_bytes(Select& s, Type t, const Value& mask);
void store_mask_slot(Select& s, Operand mask, Operand slot);
void accumulate_masked(Select& s, Type t, Operand mask, Operand dst, Operand value);

template <std::uint32_t kId>
Operand logic(Select& s, const Lane& l) {
  return s.op(kId, l.a, l.b);
}

constexpr void vector_mask_rows(RowTable& t) {
  using ir::Op;
  shared_rows(t);
  t[Op::mul] = custom(multiply);
  t[Op::min] = custom(minimum);
  t[Op::max] = custom(maximum);
  t[Op::eq] = t[Op::ne] = t[Op::lt] = t[Op::le] = t[Op::gt] = t[Op::ge] = custom(compare);
  t[Op::bit_and] = custom(logic<I::kIdVpand>);
  t[Op::bit_or] = custom(logic<I::kIdVpor>);
  t[Op::bit_xor] = custom(logic<I::kIdVpxor>);
  t[Op::bit_not] = custom(invert);
  t[Op::select] = t[Op::rare] = custom(select);
  t[Op::ldexp] = custom(ldexp);
  t[Op::ldexp_near] = custom(ldexp_near);
  t[Op::exponent] = custom(exponent);
  t[Op::significand] = custom(significand);
  t[Op::mask_convert] = whole(mask_convert);
}

}  // namespace trueno::jit::x86
