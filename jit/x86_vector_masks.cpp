// See x86_vector_masks.h. What an ISA lacks it replaces through `choose` and its own rows, so the sequences here
// are written once for AVX2 and both SSE levels.
#include "jit/x86_vector_masks.h"

#include <cmath>

namespace trueno::jit::x86 {

using ir::Op;

namespace {

constexpr std::uint8_t kEqual = 0, kLess = 1, kLessEqual = 2, kNotEqual = 4,
                       kNotLessEqual = 6;  // predicates every encoding has

Operand choose(Select& s, Type t, Operand mask, Operand yes, Operand no) { return s.isa().choose(s, t, mask, yes, no); }
bool sse2_only(const Select& s) { return s.isa().isa == Isa::sse2; }

Operand complement(Select& s, Operand m) { return s.op(I::kIdVpxor, m, s.i32(~0u)); }

Operand float_compare(Select& s, Type t, std::uint8_t predicate, Operand a, Operand b) {
  return s.opi(ps_pd(t, I::kIdVcmpps, I::kIdVcmppd), predicate, a, b);
}

/// a > b lane by lane. Before SSE4.2 an i64 is compared by the sign of b - a, unless the signs of a and b differ: then
/// by that of b alone, as the difference may have wrapped.
Operand greater(Select& s, Type t, Operand a, Operand b) {
  if (t == Type::i32) return s.op(I::kIdVpcmpgtd, a, b);
  if (!sse2_only(s)) return s.op(I::kIdVpcmpgtq, a, b);
  a = s.reg(a), b = s.reg(b);
  const Operand difference = s.op(I::kIdVandnps, s.op(I::kIdVpxor, a, b), s.op(I::kIdVpsubq, b, a));
  const Operand sign = s.op(I::kIdVpor, difference, s.op(I::kIdVandnps, a, b));
  return s.opi(I::kIdVpshufd, 0xf5, s.opi(I::kIdVpsrad, 31, sign));
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
  return choose(s, t, greater(s, t, a, b), larger ? a : b, larger ? b : a);
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
  return op == Op::lt ? more : complement(s, more);
}

Operand invert(Select& s, const Lane& l) { return complement(s, l.a); }

/// Nothing on one side leaves the other where the mask says so.
Operand select(Select& s, const Lane& l) {
  if (is_nothing(l, 2)) return s.op(I::kIdVandps, l.a, l.b);
  if (is_nothing(l, 1)) return s.op(I::kIdVandnps, l.a, l.c);
  return choose(s, l.type, s.reg(l.a), l.b, l.c);
}

namespace {

/// Constants of a float type: bits of precision below the point, exponent range.
struct Format {
  int shift;           // of the exponent field
  double magic;        // 2^shift + bias: adding it leaves integer + bias in the low bits
  double least, most;  // exponents of normal numbers
  double beyond;       // a count no finite number survives; three normal powers reach it
  int lift;            // what makes every subnormal normal, as an exponent
};
constexpr Format format_of(Type t) {
  return t == Type::f32 ? Format{23, 0x1p23 + 127, -126, 127, 300, 25}
                        : Format{52, 0x1p52 + 1023, -1022, 1023, 2300, 54};
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
  return i64_to_f64(s, l.b);
}

}  // namespace

/// Three factors, the largest power last: only the last multiplication can round (or the result is 0 anyway),
/// for any float and any count. An infinite or NaN count multiplies once more by what it is.
Operand ldexp(Select& s, const Lane& l) {
  Real r{s, l.type};
  const Format f = format_of(l.type);
  const Operand n = s.reg(count_as_float(s, l));
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

/// What b, an integer or a float that is floored, plus `offset` leaves in the low bits of an integer lane.
Operand count_as_bits(Select& s, const Lane& l, int offset) {
  const Type count = l.kernel[l.node.args[1]].type;
  const bool narrow = bits_of(l.type) == 32;
  if (is_int(count))
    return s.op(narrow ? I::kIdVpaddd : I::kIdVpaddq, l.b, s.constant(count, static_cast<std::uint64_t>(offset)));
  return Real{s, l.type}.add(floored(s, l.type, l.b), literal(s, l.type, (narrow ? 0x1p23 : 0x1p52) + offset));
}

/// 2^b = 2^h * 2^(b - h) with h = floor(b/2), which makes the first product exact where it matters. b plus both biases,
/// moved to the exponent field, has one bit more than the field; half of it is the first exponent, the rest the second.
Operand ldexp_near(Select& s, const Lane& l) {
  Real r{s, l.type};
  const bool narrow = bits_of(l.type) == 32;
  const int bias = narrow ? 127 : 1023, shift = format_of(l.type).shift;
  const std::uint64_t field = narrow ? 0x7f800000u : 0x7ff0000000000000u;
  const Operand both = s.opi(narrow ? I::kIdVpslld : I::kIdVpsllq, static_cast<std::uint8_t>(shift),
                             s.reg(count_as_bits(s, l, 2 * bias)));
  const Operand half = s.opi(narrow ? I::kIdVpsrld : I::kIdVpsrlq, 1, both);
  const Operand first = s.op(I::kIdVpand, half, s.constant(l.type, field));
  const Operand second = s.op(narrow ? I::kIdVpsubd : I::kIdVpsubq, both, first);
  return r.mul(r.mul(first, l.a), second);
}

namespace {

/// The distance of the bits of |x| from those of 0.75, as if the exponent field had no end below: the field of that is
/// the exponent, the rest the distance of the significand from 0.75. The bits of a subnormal number are found by
/// scaling it up and taking that off the field again. Above, that changes nothing until scaling overflows; but there
/// the distance is positive, and so its sign may choose. exponent and significand of one operand share this.
Operand distance(Select& s, Type t, Operand size) {
  const Format f = format_of(t);
  const std::uint32_t sub = ps_pd(t, I::kIdVpsubd, I::kIdVpsubq);
  const std::uint64_t from = t == Type::f32 ? 0x3f400000u : 0x3fe8000000000000u;
  const Operand scaled = Real{s, t}.mul(size, literal(s, t, std::ldexp(1.0, f.lift)));
  const Operand lowered = s.op(sub, scaled, s.constant(t, from + (static_cast<std::uint64_t>(f.lift) << f.shift)));
  const Operand direct = s.op(sub, size, s.constant(t, from));
  const bool whole_masks = s.isa().legacy != nullptr;  // the blends of AVX look at the sign alone
  const Operand tiny =
      whole_masks ? float_compare(s, t, kLess, size, literal(s, t, std::ldexp(1.0, int(f.least)))) : lowered;
  return choose(s, t, tiny, lowered, direct);
}

Operand magnitude_of(Select& s, Type t, Operand x) {
  return s.op(ps_pd(t, I::kIdVandps, I::kIdVandpd), x, s.magnitude(t));
}

/// The exponent field of a distance as a float. No instruction shifts or converts 64 bits with their sign: an offset
/// makes them positive and leaves with the power of two whose low bits they become.
Operand field_as_float(Select& s, Type t, Operand distance) {
  if (t == Type::f32) return s.op(I::kIdVcvtdq2ps, s.opi(I::kIdVpsrad, 23, distance));
  constexpr std::uint64_t kOffset = 2048;
  const Operand field = s.opi(I::kIdVpsrlq, 52, s.op(I::kIdVpaddq, distance, s.i64(kOffset << 52)));
  return Real{s, t}.sub(s.op(I::kIdVorpd, field, literal(s, t, 0x1p52)), literal(s, t, 0x1p52 + kOffset));
}

}  // namespace

/// |x| minus the largest number is above no exponent if x is finite, and inf and NaN otherwise: MAX, which gives the
/// second of its operands if one is a NaN, puts these in.
Operand exponent(Select& s, const Lane& l) {
  const Type t = l.type;
  Real r{s, t};
  const Operand size = magnitude_of(s, t, s.reg(l.a));
  const Operand e = field_as_float(s, t, distance(s, t, size));
  const Operand beyond = r.sub(size, r.lit(t == Type::f32 ? 0x1.fffffep127 : 0x1.fffffffffffffp1023));
  const Operand known = s.op(ps_pd(t, I::kIdVmaxps, I::kIdVmaxpd), e, beyond);
  const Operand zero = float_compare(s, t, kEqual, size, r.lit(0));
  return choose(s, t, zero, r.lit(-__builtin_inf()), known);
}

/// Zeros and infinities have the fraction of 1 and so give 1 without being asked for. All bits set are a NaN.
Operand significand(Select& s, const Lane& l) {
  const Type t = l.type;
  const Operand x = s.reg(l.a);
  const std::uint64_t fraction = (std::uint64_t{1} << format_of(t).shift) - 1;
  const Operand above = s.op(I::kIdVpand, distance(s, t, magnitude_of(s, t, x)), s.constant(t, fraction));
  const Operand m = s.op(ps_pd(t, I::kIdVpaddd, I::kIdVpaddq), above, literal(s, t, 0.75));
  const Operand undefined = float_compare(s, t, kNotLessEqual, s.reg(literal(s, t, 0)), x);
  return s.op(ps_pd(t, I::kIdVorps, I::kIdVorpd), m, undefined);
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
