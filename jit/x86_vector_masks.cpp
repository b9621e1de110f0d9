// See x86_vector_masks.h. What an ISA lacks it replaces through `choose` and its own rows, so the sequences here
// are written once for AVX2 and both SSE levels.
#include "jit/x86_vector_masks.h"

namespace trueno::jit::x86 {

using ir::Op;

namespace {

constexpr std::uint8_t kEqual = 0, kLess = 1, kLessEqual = 2, kNotEqual = 4;  // predicates every encoding has

Operand choose(Select& s, Type t, Operand mask, Operand yes, Operand no) { return s.isa().choose(s, t, mask, yes, no); }
bool sse2_only(const Select& s) { return s.isa().isa == Isa::sse2; }

Operand complement(Select& s, Operand m) { return s.op(I::kIdVpxor, m, s.i32(~0u)); }

Operand float_compare(Select& s, Type t, std::uint8_t predicate, Operand a, Operand b) {
  return s.opi(ps_pd(t, I::kIdVcmpps, I::kIdVcmppd), predicate, a, b);
}

/// a > b lane by lane; i64 needs SSE4.2.
Operand greater(Select& s, Type t, Operand a, Operand b) {
  if (t == Type::i64 && sse2_only(s)) return {};
  return s.op(t == Type::i64 ? I::kIdVpcmpgtq : I::kIdVpcmpgtd, a, b);
}

Operand equal(Select& s, Type t, Operand a, Operand b) {
  if (t == Type::i32) return s.op(I::kIdVpcmpeqd, a, b);
  if (!sse2_only(s)) return s.op(I::kIdVpcmpeqq, a, b);
  const Operand halves = s.op(I::kIdVpcmpeqd, a, b);  // both halves of a lane must be equal
  return s.op(I::kIdVpand, halves, s.opi(I::kIdVpshufd, 0xb1, halves));
}

/// The larger (or smaller) of two integers.
Operand pick(Select& s, Type t, Operand a, Operand b, bool larger) {
  if (t == Type::i32 && !sse2_only(s)) return s.op(larger ? I::kIdVpmaxsd : I::kIdVpminsd, a, b);
  a = s.reg(a), b = s.reg(b);
  const Operand a_greater = greater(s, t, a, b);
  if (!a_greater.exists()) return {};
  return choose(s, t, a_greater, larger ? a : b, larger ? b : a);
}

}  // namespace

Operand multiply(Select& s, const Lane& l) {
  if (is_float(l.type)) return s.op(ps_pd(l.type, I::kIdVmulps, I::kIdVmulpd), l.a, l.b);
  if (l.type == Type::i32 && !sse2_only(s)) return s.op(I::kIdVpmulld, l.a, l.b);
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const auto upper = [&](Operand x) { return s.opi(I::kIdVpsrlq, 32, x); };
  if (l.type == Type::i32) {  // even and odd lanes apart, their low halves together again
    const Operand even = s.opi(I::kIdVpshufd, 0x08, s.op(I::kIdVpmuludq, a, b));
    const Operand odd = s.opi(I::kIdVpshufd, 0x08, s.op(I::kIdVpmuludq, upper(a), upper(b)));
    return s.op(I::kIdVpunpckldq, even, odd);
  }
  // 64 x 64 bits from 32 x 32: the two cross products count only with their low halves.
  const Operand cross = s.op(I::kIdVpaddq, s.op(I::kIdVpmuludq, upper(a), b), s.op(I::kIdVpmuludq, upper(b), a));
  return s.op(I::kIdVpaddq, s.op(I::kIdVpmuludq, a, b), s.opi(I::kIdVpsllq, 32, cross));
}

Operand minimum(Select& s, const Lane& l) {
  if (is_int(l.type)) return pick(s, l.type, l.a, l.b, false);
  const Operand quick = min_max_constant(s, l);
  return quick.exists() ? quick : min_float(s, l.type, l.a, l.b);
}

/// and-ing both orders gives +0 for mixed zeros but may lose a NaN: it is or-ed back in.
Operand maximum(Select& s, const Lane& l) {
  if (is_int(l.type)) return pick(s, l.type, l.a, l.b, true);
  if (const Operand quick = min_max_constant(s, l); quick.exists()) return quick;
  const std::uint32_t max = ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd);
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand both = s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), s.op(max, a, b), s.op(max, b, a));
  return s.op(ps_pd(l.type, I::kIdVorps, I::kIdVorpd), both, unordered(s, l.type, a, b));
}

Operand compare(Select& s, const Lane& l) {
  const bool swap = l.node.op == Op::gt || l.node.op == Op::ge;
  const Operand a = swap ? l.b : l.a, b = swap ? l.a : l.b;
  const Op op = l.node.op == Op::gt ? Op::lt : l.node.op == Op::ge ? Op::le : l.node.op;
  if (is_float(l.type))
    return float_compare(s, l.type,
                         op == Op::eq   ? kEqual
                         : op == Op::ne ? kNotEqual
                         : op == Op::lt ? kLess
                                        : kLessEqual,
                         a, b);
  if (op == Op::eq || op == Op::ne) {
    const Operand same = equal(s, l.type, a, b);
    return op == Op::eq ? same : complement(s, same);
  }
  const Operand more = op == Op::lt ? greater(s, l.type, b, a) : greater(s, l.type, a, b);
  return op == Op::lt || !more.exists() ? more : complement(s, more);
}

Operand invert(Select& s, const Lane& l) { return complement(s, l.a); }

Operand select(Select& s, const Lane& l) { return choose(s, l.type, s.reg(l.a), l.b, l.c); }

namespace {

/// Constants of a float type: bits of precision below the point, exponent range.
struct Format {
  int shift;           // of the exponent field
  double magic;        // 2^shift + bias: adding it leaves integer + bias in the low bits
  double least, most;  // exponents of normal numbers
  double beyond;       // a count no finite number survives; three normal powers reach it
};
constexpr Format format_of(Type t) {
  return t == Type::f32 ? Format{23, 0x1p23 + 127, -126, 127, 300} : Format{52, 0x1p52 + 1023, -1022, 1023, 2300};
}

Operand literal(Select& s, Type t, double v) {
  return s.constant(t, t == Type::f32 ? __builtin_bit_cast(std::uint32_t, static_cast<float>(v))
                                      : __builtin_bit_cast(std::uint64_t, v));
}

struct Real {  // arithmetic on one float type, as short as it reads
  Select& s;
  Type t;
  Operand add(Operand a, Operand b) { return s.op(ps_pd(t, I::kIdVaddps, I::kIdVaddpd), a, b); }
  Operand sub(Operand a, Operand b) { return s.op(ps_pd(t, I::kIdVsubps, I::kIdVsubpd), a, b); }
  Operand mul(Operand a, Operand b) { return s.op(ps_pd(t, I::kIdVmulps, I::kIdVmulpd), a, b); }
  /// A NaN in x comes through: the bound is the first operand.
  Operand clamp(Operand x, double low, double high) {
    const Operand above = s.op(ps_pd(t, I::kIdVmaxps, I::kIdVmaxpd), literal(s, t, low), x);
    return s.op(ps_pd(t, I::kIdVminps, I::kIdVminpd), literal(s, t, high), above);
  }
  Operand lit(double v) { return literal(s, t, v); }
  /// 2^k for an integral k in the range of normal numbers.
  Operand power(Operand k) {
    const Format f = format_of(t);
    return s.opi(ps_pd(t, I::kIdVpslld, I::kIdVpsllq), static_cast<std::uint8_t>(f.shift), add(k, lit(f.magic)));
  }
};

Operand floored(Select& s, Type t, Operand x) { return s.primitive(Op::floor, t, x); }

/// The count as an integral float: i32 and i64 counts beyond a float's precision are beyond its range anyway.
Operand count_as_float(Select& s, const Lane& l) {
  const Type count = l.kernel[l.node.args[1]].type;
  if (is_float(count)) return floored(s, l.type, l.b);
  if (count == Type::i32) return s.op(I::kIdVcvtdq2ps, l.b);
  const Operand x = s.reg(l.b);  // see i64_to_f64 in x86_rows.cpp
  const Operand low = s.op(I::kIdVorps, s.op(I::kIdVandps, x, s.i64(0xffffffffu)), s.i64(0x4330000000000000u));
  const Operand high = s.op(I::kIdVpxor, s.opi(I::kIdVpsrlq, 32, x), s.i64(0x4530000080000000u));
  return s.op(I::kIdVaddpd, s.op(I::kIdVsubpd, high, s.i64(0x4530000080100000u)), low);
}

}  // namespace

/// Three factors, the largest power last: only the last multiplication can round (or the result is 0 anyway),
/// for any float and any count. An infinite or NaN count multiplies once more by what it is.
Operand ldexp(Select& s, const Lane& l) {
  Real r{s, l.type};
  const Format f = format_of(l.type);
  const Operand n = s.reg(count_as_float(s, l));
  if (!n.exists()) return {};
  const Operand k = r.clamp(n, -f.beyond, f.beyond);
  const Operand last = r.clamp(k, f.least, f.most);
  const Operand rest = r.sub(k, last);
  const Operand middle = r.clamp(rest, f.least, f.most);
  const Operand first = r.power(r.sub(rest, middle));
  const Operand y = r.mul(r.mul(r.mul(l.a, first), r.power(middle)), r.power(last));
  if (is_int(l.kernel[l.node.args[1]].type)) return y;
  const Operand size = s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), n, s.magnitude(l.type));
  const Operand finite = float_compare(s, l.type, kLess, size, r.lit(__builtin_inf()));
  const Operand special = s.op(ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd), r.lit(0), n);
  return r.mul(y, choose(s, l.type, finite, s.reg(r.lit(1)), special));
}

/// The promise of ldexp.near makes two halves enough: the first product is normal.
Operand ldexp_near(Select& s, const Lane& l) {
  Real r{s, l.type};
  const Operand n = s.reg(count_as_float(s, l));
  if (!n.exists()) return {};
  const Operand magic = r.lit(l.type == Type::f32 ? 0x1.8p23 : 0x1.8p52);  // rounds what is small to an integer
  const Operand half = r.sub(r.add(r.mul(n, r.lit(0.5)), magic), magic);
  return r.mul(r.mul(l.a, r.power(half)), r.power(r.sub(n, half)));
}

namespace {

/// |x| as a normal number and what was taken from its exponent for that; the biased distance of its bits from 0.75.
struct Split {
  Operand size, normal, shift, distance;
};

/// f32 only: the exponent is taken from the distance of the bits to those of 0.75.
Split split(Select& s, Operand x) {
  Real r{s, Type::f32};
  Split out;
  out.size = s.op(I::kIdVandps, x, s.magnitude(Type::f32));
  const Operand tiny = float_compare(s, Type::f32, kLess, out.size, s.f32(0x1p-126f));
  out.normal = choose(s, Type::f32, tiny, r.mul(out.size, s.f32(0x1p25f)), out.size);
  out.shift = s.op(I::kIdVandps, tiny, s.f32(25));
  out.distance = s.op(I::kIdVpsubd, out.normal, s.i32(0x3f400000u));
  return out;
}

}  // namespace

Operand exponent(Select& s, const Lane& l) {
  if (l.type != Type::f32) return {};
  Real r{s, Type::f32};
  const Operand x = s.reg(l.a);
  const Split p = split(s, x);
  const Operand e = r.sub(s.op(I::kIdVcvtdq2ps, s.opi(I::kIdVpsrad, 23, p.distance)), p.shift);
  const Operand inf = s.reg(s.f32(__builtin_inff()));
  const Operand finite = float_compare(s, Type::f32, kLess, p.size, inf);
  const Operand zero = float_compare(s, Type::f32, kEqual, p.size, s.f32(0));
  const Operand known = choose(s, Type::f32, finite, e, p.size);  // inf and NaN: themselves
  return choose(s, Type::f32, zero, s.f32(-__builtin_inff()), known);
}

Operand significand(Select& s, const Lane& l) {
  if (l.type != Type::f32) return {};
  const Operand x = s.reg(l.a);
  const Split p = split(s, x);
  const Operand m = s.op(I::kIdVpsubd, p.normal, s.op(I::kIdVpand, p.distance, s.i32(0xff800000u)));
  const Operand zero = float_compare(s, Type::f32, kEqual, p.size, s.f32(0));
  const Operand infinite = float_compare(s, Type::f32, kEqual, p.size, s.f32(__builtin_inff()));
  const Operand one = choose(s, Type::f32, s.op(I::kIdVorps, zero, infinite), s.f32(1), m);
  const Operand defined = float_compare(s, Type::f32, kLessEqual, s.reg(s.f32(0)), x);
  return choose(s, Type::f32, defined, one, s.reg(s.i32(0x7fc00000u)));
}

Value mask_convert(Select& s, const Lane& l, const Value& in) {
  if (bits_of(l.type) == bits_of(l.node.type)) return in;
  return bits_of(l.type) == 32 ? sign_extend(s, in) : low_halves(s, in);
}

/// Masks narrowed by saturating packs: 4 bytes to 2 to 1 a lane, then -1 to 1.
Operand mask_bytes(Select& s, Type t, const Value& mask) {
  const Operand m = bits_of(t) == 64 ? low_halves(s, mask).part[0] : s.reg(mask.part[0]);
  const Operand upper = m.width == 32 ? upper_half(s, m) : m;
  const Operand words = s.op(I::kIdVpackssdw, m.at_width(16), upper);
  return s.op(I::kIdVpand, s.op(I::kIdVpacksswb, words, words), s.i32(0x01010101u).at_width(16));
}

void store_mask_slot(Select& s, Operand mask, Operand slot) { s.move(slot, s.reg(mask)); }

void accumulate_masked(Select& s, Type t, Operand mask, Operand dst, Operand value) {
  s.settle(choose(s, t, mask, s.reg(value), dst), dst);
}

}  // namespace trueno::jit::x86
