// See x86_rows.h. Where a row needs more than one instruction, the reason stands beside it.
#include "jit/x86_rows.h"

#include <cmath>

namespace trueno::jit::x86 {

using ir::Op;

namespace {

// [f64][negated product][negated addend]
constexpr FmaForms kFma[2][2][2] = {{{{I::kIdVfmadd132ps, I::kIdVfmadd213ps, I::kIdVfmadd231ps},
                                      {I::kIdVfmsub132ps, I::kIdVfmsub213ps, I::kIdVfmsub231ps}},
                                     {{I::kIdVfnmadd132ps, I::kIdVfnmadd213ps, I::kIdVfnmadd231ps},
                                      {I::kIdVfnmsub132ps, I::kIdVfnmsub213ps, I::kIdVfnmsub231ps}}},
                                    {{{I::kIdVfmadd132pd, I::kIdVfmadd213pd, I::kIdVfmadd231pd},
                                      {I::kIdVfmsub132pd, I::kIdVfmsub213pd, I::kIdVfmsub231pd}},
                                     {{I::kIdVfnmadd132pd, I::kIdVfnmadd213pd, I::kIdVfnmadd231pd},
                                      {I::kIdVfnmsub132pd, I::kIdVfnmsub213pd, I::kIdVfnmsub231pd}}}};

bool wide512(const Select& s) { return s.isa().isa == Isa::avx512; }

std::uint32_t xor_of(const Select& s, Type t) {
  if (is_float(t)) return ps_pd(t, I::kIdVxorps, I::kIdVxorpd);
  return wide512(s) ? I::kIdVpxord : I::kIdVpxor;
}

}  // namespace

Operand fma(Select& s, const Lane& l) {
  return s.fma(kFma[l.type == Type::f64][l.negate_product][l.negate_addend], l.a, l.b, l.c);
}

Operand negate(Select& s, const Lane& l) {
  if (is_float(l.type)) return s.op(xor_of(s, l.type), l.a, s.sign(l.type));
  return s.op(bits_of(l.type) == 32 ? I::kIdVpsubd : I::kIdVpsubq, s.constant(l.type, 0), l.a);
}

Operand absolute(Select& s, const Lane& l) {
  if (is_float(l.type)) return s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), l.a, s.magnitude(l.type));
  if (l.type == Type::i32) return s.op(I::kIdVpabsd, l.a);
  if (wide512(s)) return s.op(I::kIdVpabsq, l.a);
  const Operand x = s.reg(l.a);  // (x ^ sign) - sign, the sign spread over the lane
  const Operand sign = s.op(I::kIdVpcmpgtq, s.reg(s.i64(0)), x);
  return s.op(I::kIdVpsubq, s.op(I::kIdVpxor, x, sign), sign);
}

Operand copysign(Select& s, const Lane& l) {
  const std::uint32_t and_ = ps_pd(l.type, I::kIdVandps, I::kIdVandpd);
  const Operand size = s.op(and_, l.a, s.magnitude(l.type));
  const Operand sign = s.op(and_, l.b, s.sign(l.type));
  return s.op(ps_pd(l.type, I::kIdVorps, I::kIdVorpd), size, sign);
}

Operand same_bits(Select& s, const Lane& l) { return s.reg(l.a); }

/// MIN returns its second operand when either is NaN or both are zeros, so asking both ways round and
/// or-ing gives -0 for zeros of mixed sign and some NaN for a NaN: contract's minimum in three instructions.
Operand min_float(Select& s, Type t, Operand a, Operand b) {
  const std::uint32_t min = ps_pd(t, I::kIdVminps, I::kIdVminpd);
  const Operand x = s.reg(a), y = s.reg(b);
  const Operand one = s.op(min, x, y), other = s.op(min, y, x);
  return s.op(ps_pd(t, I::kIdVorps, I::kIdVorpd), one, other);
}

const ir::Node* constant_operand(const Lane& l, int arg) {
  if (l.node.arity <= arg) return nullptr;
  const ir::Node& n = l.kernel[l.node.args[arg]];
  return n.op == Op::constant ? &n : nullptr;
}

/// The constant goes first: MIN and MAX return the second operand if either is NaN, which then is the NaN.
Operand min_max_constant(Select& s, const Lane& l) {
  for (int arg : {0, 1}) {
    const ir::Node* c = constant_operand(l, arg);
    if (!c) continue;
    const double v = l.type == Type::f32 ? __builtin_bit_cast(float, static_cast<std::uint32_t>(c->imm))
                                         : __builtin_bit_cast(double, c->imm);
    if (v == 0 || std::isnan(v)) continue;
    const std::uint32_t id =
        l.node.op == Op::min ? ps_pd(l.type, I::kIdVminps, I::kIdVminpd) : ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd);
    return arg == 0 ? s.op(id, l.a, l.b) : s.op(id, l.b, l.a);
  }
  return {};
}

namespace {

/// A number beats a NaN: each NaN is replaced by the other operand first.
Operand drop_nan(Select& s, Type t, Operand x, Operand other) {
  const std::uint32_t cmp = ps_pd(t, I::kIdVcmpps, I::kIdVcmppd);
  constexpr std::uint8_t kUnordered = 3;
  if (wide512(s)) return s.merge(ps_pd(t, I::kIdVmovaps, I::kIdVmovapd), s.compare(cmp, kUnordered, x, x), x, other);
  const Operand nan = s.opi(cmp, kUnordered, x, x);
  return s.op(ps_pd(t, I::kIdVblendvps, I::kIdVblendvpd), x, other, nan);
}

}  // namespace

Operand min_num(Select& s, const Lane& l) {
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  return min_float(s, l.type, drop_nan(s, l.type, a, b), drop_nan(s, l.type, b, a));
}

/// With NaN gone from both sides, and-ing gives +0 for zeros of mixed sign (two NaNs stay a NaN: same payload).
Operand max_num(Select& s, const Lane& l) {
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand x = drop_nan(s, l.type, a, b), y = drop_nan(s, l.type, b, a);
  const std::uint32_t max = ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd);
  const Operand both = s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), s.op(max, x, y), s.op(max, y, x));
  if (wide512(s)) {
    const Operand nan = s.compare(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), 3, x, x);
    return s.merge(ps_pd(l.type, I::kIdVmovaps, I::kIdVmovapd), nan, both, x);
  }
  const Operand nan = s.opi(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), 3, x, x);
  return s.op(ps_pd(l.type, I::kIdVblendvps, I::kIdVblendvpd), both, x, nan);
}

/// The variable shifts have the contract's meaning for any count; small constant counts have a cheaper form.
Operand shift(Select& s, const Lane& l) {
  static constexpr std::uint32_t kIds[3][2][2] = {{{I::kIdVpslld, I::kIdVpsllvd}, {I::kIdVpsllq, I::kIdVpsllvq}},
                                                  {{I::kIdVpsrld, I::kIdVpsrlvd}, {I::kIdVpsrlq, I::kIdVpsrlvq}},
                                                  {{I::kIdVpsrad, I::kIdVpsravd}, {I::kIdVpsraq, I::kIdVpsravq}}};
  const bool wide = bits_of(l.type) == 64;
  if (l.node.op == Op::sar && wide && !wide512(s)) return {};
  const auto& ids = kIds[l.node.op == Op::shl ? 0 : l.node.op == Op::shr ? 1 : 2][wide];
  const ir::Node* count = constant_operand(l, 1);
  if (count && count->imm < static_cast<std::uint64_t>(bits_of(l.type)))
    return s.opi(ids[0], static_cast<std::uint8_t>(count->imm), s.reg(l.a));
  return s.op(ids[1], l.a, l.b);
}

Operand upper_half(Select& s, Operand v) {
  if (v.width == 64) return s.opi_to(32, I::kIdVextractf64x4, 1, s.reg(v));
  if (v.width == 32) return s.opi_to(16, I::kIdVextractf128, 1, s.reg(v));
  return s.opi(I::kIdVpshufd, 0xee, s.reg(v));
}

Operand lane_one(Select& s, Operand v) { return s.opi(I::kIdVpshufd, 0x55, s.reg(v)); }

Operand join(Select& s, Operand low, Operand high) {
  Instruction inst;
  const std::uint8_t width = s.width();
  inst.id = width == 64 ? I::kIdVinsertf64x4 : width == 32 ? I::kIdVinsertf128 : I::kIdVpunpcklqdq;
  inst.src = {low.at_width(width), high, {}};
  inst.sources = 2;
  inst.has_imm = width > 16;
  inst.imm = 1;
  inst.dst = s.fresh(RegClass::vector, width);
  return s.push(inst);
}

namespace {

/// One instruction per direction; 0: needs more (see below) or is declined.
std::uint32_t conversion(Type from, Type to, bool avx512) {
  if (from == Type::f32 && to == Type::f64) return I::kIdVcvtps2pd;
  if (from == Type::i32 && to == Type::f64) return I::kIdVcvtdq2pd;
  if (from == Type::i32 && to == Type::i64) return I::kIdVpmovsxdq;
  if (from == Type::i32 && to == Type::f32) return I::kIdVcvtdq2ps;
  if (from == Type::f64 && to == Type::f32) return I::kIdVcvtpd2ps;
  if (from == Type::i64 && to == Type::f64 && avx512) return I::kIdVcvtqq2pd;
  if (from == Type::i64 && to == Type::f32 && avx512) return I::kIdVcvtqq2ps;
  if (from == Type::i64 && to == Type::i32 && avx512) return I::kIdVpmovsqd;
  return 0;
}

/// CVTT gives 0x80000000 for what does not fit: right below, off by one bit above, and wrong for NaN.
Operand to_i32(Select& s, Operand x) {
  constexpr std::uint8_t kOrdered = 7, kNotLess = 13;  // GE_OS; quiet or not makes no difference to the result
  x = s.reg(x);
  if (wide512(s)) {
    const Operand number = s.compare(I::kIdVcmpps, kOrdered, x, x);
    const Operand over = s.compare(I::kIdVcmpps, kNotLess, x, s.f32(0x1p31f));
    return s.merge(I::kIdVmovdqa32, over, s.zeroed(I::kIdVcvttps2dq, number, x), s.reg(s.i32(0x7fffffff)));
  }
  const Operand over = s.opi(I::kIdVcmpps, kNotLess, x, s.f32(0x1p31f));
  const Operand value = s.op(I::kIdVpxor, s.op(I::kIdVcvttps2dq, x), over);
  return s.op(I::kIdVpand, value, s.opi(I::kIdVcmpps, kOrdered, x, x));
}

/// Exact halves as doubles, one rounding in the last add: 2^52 + low word, 2^84 + 2^63 + high word * 2^32.
Operand i64_to_f64(Select& s, Operand x) {
  x = s.reg(x);
  const Operand low = s.opi(I::kIdVpblendd, 0xaa, x, s.i64(0x4330000000000000u));
  const Operand high = s.op(I::kIdVpxor, s.opi(I::kIdVpsrlq, 32, x), s.i64(0x4530000080000000u));
  return s.op(I::kIdVaddpd, s.op(I::kIdVsubpd, high, s.i64(0x4530000080100000u)), low);
}

Operand half(const Select& s, const Value& in, bool second) {
  Operand o = in.part[0];
  o.width = static_cast<std::uint8_t>(s.width() / 2);
  if (second) o.part = static_cast<std::uint8_t>(o.part + o.width / 8);
  return o;
}

/// 4-byte lanes to 8-byte lanes: one vector becomes two (in uniform code only its first lane matters).
Value widen(Select& s, std::uint32_t id, const Value& in) {
  Value out;
  const bool scattered = in.part[0].place == Place::array;  // its halves can be read from memory directly
  const Operand whole = scattered ? in.part[0] : s.reg(in.part[0]);
  const auto lower = [&](Operand o) { return o.at_width(s.width() == 64 ? 32 : 16); };
  out.part[0] = s.op_to(s.width(), id, scattered ? half(s, in, false) : lower(whole));
  out.parts = 1;
  if (s.uniform()) return out;
  out.part[1] = s.op_to(s.width(), id, scattered ? half(s, in, true) : upper_half(s, whole));
  out.parts = 2;
  return out;
}

Value narrow(Select& s, std::uint32_t id, const Value& in) {
  const std::uint8_t width = s.width() == 64 ? 32 : 16;
  Value out;
  out.parts = 1;
  out.part[0] = s.op_to(width, id, s.reg(in.part[0]));
  if (in.parts == 2) out.part[0] = join(s, out.part[0], s.op_to(width, id, s.reg(in.part[1])));
  return out;
}

}  // namespace

Value convert(Select& s, const Lane& l, const Value& in) {
  const Type from = l.type, to = l.node.type;
  const std::uint32_t id = conversion(from, to, wide512(s));
  if (id && bits_of(from) < bits_of(to)) return widen(s, id, in);
  if (id && bits_of(from) > bits_of(to)) return narrow(s, id, in);
  Value out;
  for (std::uint8_t p = 0; p < in.parts; ++p) {
    if (id)
      out.part[p] = s.op(id, in.part[p]);
    else if (from == Type::f32 && to == Type::i32)
      out.part[p] = to_i32(s, in.part[p]);
    else if (from == Type::i64 && to == Type::f64)
      out.part[p] = i64_to_f64(s, in.part[p]);
    else
      return {};
    out.parts = static_cast<std::uint8_t>(p + 1);
  }
  return out;
}

}  // namespace trueno::jit::x86
