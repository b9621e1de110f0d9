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

bool wide512(const Select& s) { return s.isa().opmasks(); }

std::uint32_t xor_of(const Select& s, Type t) {
  if (is_float(t)) return ps_pd(t, I::kIdVxorps, I::kIdVxorpd);
  return wide512(s) ? I::kIdVpxord : I::kIdVpxor;
}

/// Every bit of an i64 lane as its sign bit; only AVX-512 has that shift.
Operand spread_sign(Select& s, Operand x) { return s.opi(I::kIdVpshufd, 0xf5, s.opi(I::kIdVpsrad, 31, x)); }

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
  const Operand sign = spread_sign(s, x);
  return s.op(I::kIdVpsubq, s.op(I::kIdVpxor, x, sign), sign);
}

Operand copysign(Select& s, const Lane& l) {
  if (const ir::Node* sign = constant_operand(l, 1)) {
    const bool negative = sign->imm >> (bits_of(l.type) - 1) != 0;
    return negative ? s.op(ps_pd(l.type, I::kIdVorps, I::kIdVorpd), l.a, s.sign(l.type)) : absolute(s, l);
  }
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

/// MIN and MAX return their second operand if either is NaN or both are zeros; the constant's place decides what that
/// is. min and max: x, so that a NaN stays one, which is right for zeros as well if it is +0 that x meets in a minimum
/// or -0 in a maximum; +0 in a maximum needs an addition, which makes +0 of -0 and changes nothing else. min_num and
/// max_num: the constant, right if that is -0 in a minimum or +0 in a maximum.
Operand min_max_constant(Select& s, const Lane& l) {
  const int at = constant_operand(l, 1) ? 1 : 0;
  const ir::Node* c = constant_operand(l, at);
  if (!c) return {};
  const bool f32 = l.type == Type::f32, largest = l.node.op == Op::max || l.node.op == Op::max_num;
  const bool number_wins = l.node.op == Op::min_num || l.node.op == Op::max_num;
  const double v =
      f32 ? __builtin_bit_cast(float, static_cast<std::uint32_t>(c->imm)) : __builtin_bit_cast(double, c->imm);
  const bool mixed = v == 0 && std::signbit(v) != (number_wins != largest);  // -0 and +0 may meet the wrong way round
  const bool add_zero = mixed && l.node.op == Op::max;
  if (std::isnan(v) || (mixed && !add_zero)) return {};
  const Operand constant = at == 0 ? l.a : l.b, x = at == 0 ? l.b : l.a;
  const std::uint32_t id =
      largest ? ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd) : ps_pd(l.type, I::kIdVminps, I::kIdVminpd);
  const Operand y = number_wins ? s.op(id, x, constant) : s.op(id, constant, x);
  return add_zero ? s.op(ps_pd(l.type, I::kIdVaddps, I::kIdVaddpd), y, constant) : y;
}

Operand unordered(Select& s, Type t, Operand x, Operand y) {
  constexpr std::uint8_t kUnordered = 3;
  const std::uint32_t cmp = ps_pd(t, I::kIdVcmpps, I::kIdVcmppd);
  return wide512(s) ? s.compare(cmp, kUnordered, x, y) : s.opi(cmp, kUnordered, x, y);
}

namespace {

/// A number beats a NaN: each NaN is replaced by the other operand first.
Operand drop_nan(Select& s, Type t, Operand x, Operand other) {
  return s.isa().choose(s, t, unordered(s, t, x, x), other, x);
}

}  // namespace

Operand canonical(Select& s, const Lane& l) {
  const Operand x = s.reg(l.a);
  const std::uint64_t nan = l.type == Type::f32 ? 0x7fc00000u : 0x7ff8000000000000u;
  return s.isa().choose(s, l.type, unordered(s, l.type, x, x), s.constant(l.type, nan), x);
}

Operand min_num(Select& s, const Lane& l) {
  if (const Operand quick = min_max_constant(s, l); quick.exists()) return quick;
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  return min_float(s, l.type, drop_nan(s, l.type, a, b), drop_nan(s, l.type, b, a));
}

/// With NaN gone from both sides, and-ing gives +0 for zeros of mixed sign; where both are NaN, one is taken.
Operand max_num(Select& s, const Lane& l) {
  if (const Operand quick = min_max_constant(s, l); quick.exists()) return quick;
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand x = drop_nan(s, l.type, a, b), y = drop_nan(s, l.type, b, a);
  const std::uint32_t max = ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd);
  const Operand both = s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), s.op(max, x, y), s.op(max, y, x));
  return s.isa().choose(s, l.type, unordered(s, l.type, x, x), x, both);
}

namespace {

/// Quotients of 32-bit integers are exact enough as doubles to truncate right, MIN/-1 comes out as MIN, and
/// x/0 as MIN, which is then made 0.
Operand divide_i32(Select& s, Operand a, Operand b) {
  a = s.reg(a), b = s.reg(b);
  const std::uint8_t half = s.width() == 64 ? 32 : 16;
  const auto quotient = [&](Operand x, Operand y) {
    const auto wide = [&](Operand v) { return s.op_to(s.width(), I::kIdVcvtdq2pd, v.at_width(half)); };
    return s.op_to(half, I::kIdVcvttpd2dq, s.op(I::kIdVdivpd, wide(x), wide(y)));
  };
  Operand all = quotient(a, b);
  if (!s.uniform()) all = join(s, all, quotient(upper_half(s, a), upper_half(s, b)));
  const Operand zero = s.reg(s.i32(0));
  const Operand none = wide512(s) ? s.compare(I::kIdVpcmpd, 0, b, zero) : s.op(I::kIdVpcmpeqd, b, zero);
  return s.isa().choose(s, Type::i32, none, zero, all);
}

}  // namespace

Operand divide(Select& s, const Lane& l) {
  if (is_float(l.type)) return s.op(ps_pd(l.type, I::kIdVdivps, I::kIdVdivpd), l.a, l.b);
  return l.type == Type::i32 ? divide_i32(s, l.a, l.b) : Operand{};
}

Operand remainder(Select& s, const Lane& l) {
  if (l.type != Type::i32) return {};
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  return s.op(I::kIdVpsubd, a, s.primitive(Op::mul, Type::i32, divide_i32(s, a, b), b));
}

/// The variable shifts have the contract's meaning for any count; small constant counts have a cheaper form.
Operand shift(Select& s, const Lane& l) {
  static constexpr std::uint32_t kIds[3][2][2] = {{{I::kIdVpslld, I::kIdVpsllvd}, {I::kIdVpsllq, I::kIdVpsllvq}},
                                                  {{I::kIdVpsrld, I::kIdVpsrlvd}, {I::kIdVpsrlq, I::kIdVpsrlvq}},
                                                  {{I::kIdVpsrad, I::kIdVpsravd}, {I::kIdVpsraq, I::kIdVpsravq}}};
  const bool wide = bits_of(l.type) == 64;
  const ir::Node* count = constant_operand(l, 1);
  const bool small = count && count->imm < static_cast<std::uint64_t>(bits_of(l.type));
  if (!small && s.isa().legacy) return {};  // no shift by a count per lane there
  const auto by = [&](int kind, Operand x) {
    const auto& ids = kIds[kind][wide];
    return small ? s.opi(ids[0], static_cast<std::uint8_t>(count->imm), s.reg(x)) : s.op(ids[1], x, l.b);
  };
  if (l.node.op == Op::sar && wide && !wide512(s)) {
    const Operand x = s.reg(l.a), sign = spread_sign(s, x);
    return s.op(I::kIdVpxor, by(1, s.op(I::kIdVpxor, x, sign)), sign);
  }
  return by(l.node.op == Op::shl ? 0 : l.node.op == Op::shr ? 1 : 2, l.a);
}

Operand table(Select& s, const Lane& l) {
  const ir::Table& t = l.kernel.tables[l.node.imm];
  std::vector<std::uint8_t> bytes;
  for (std::uint64_t entry : t.entries)
    for (int i = 0; i < bits_of(t.type) / 8; ++i) bytes.push_back(static_cast<std::uint8_t>(entry >> (8 * i)));
  return s.lookup(t.type, static_cast<std::uint32_t>(t.entries.size()), s.pool().raw(bytes), l.a);
}

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

}  // namespace trueno::jit::x86

namespace trueno::jit {

Operand upper_half(Select& s, Operand v) {
  if (v.width == 64) return s.opi_to(32, I::kIdVextractf64x4, 1, s.reg(v));
  if (v.width == 32) return s.opi_to(16, I::kIdVextractf128, 1, s.reg(v));
  return s.opi(I::kIdVpshufd, 0xee, s.reg(v));
}

Operand lane_one(Select& s, Operand v) { return s.opi(I::kIdVpshufd, 0x55, s.reg(v)); }

const IsaRows& rows_of(Isa isa) {
  switch (isa) {
    case Isa::sse2: return sse2_rows();
    case Isa::sse42: return sse42_rows();
    case Isa::avx2: return avx2_rows();
    default: return avx512_rows();
  }
}

}  // namespace trueno::jit
