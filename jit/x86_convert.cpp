// Conversions between the four types on all x86 levels: one rounding, truncating and saturating, NaN to 0.
//
// Below AVX-512 no instruction knows 64-bit integers and floats. There the bits of doubles are used: an integer added
// to a power of two that is large enough stands in the low bits of the sum.
#include "jit/x86_rows.h"

namespace trueno::jit::x86 {

using ir::Op;

namespace {

bool opmasks(const Select& s) { return s.isa().opmasks(); }

/// One instruction per direction; 0: needs more, see `convert`.
std::uint32_t conversion(Type from, Type to, bool avx512) {
  if (from == Type::f32 && to == Type::f64) return I::kIdVcvtps2pd;
  if (from == Type::i32 && to == Type::f64) return I::kIdVcvtdq2pd;
  if (from == Type::i32 && to == Type::f32) return I::kIdVcvtdq2ps;
  if (from == Type::f64 && to == Type::f32) return I::kIdVcvtpd2ps;
  if (from == Type::i64 && to == Type::f64 && avx512) return I::kIdVcvtqq2pd;
  if (from == Type::i64 && to == Type::f32 && avx512) return I::kIdVcvtqq2ps;
  if (from == Type::i64 && to == Type::i32 && avx512) return I::kIdVpmovsqd;
  return 0;
}

Operand half(const Select& s, Operand o, bool second) {
  o.width = static_cast<std::uint8_t>(s.width() / 2);
  if (second) o.part = static_cast<std::uint8_t>(o.part + o.width / 8);
  return o;
}

/// Its halves are read from memory directly if that is where the operand comes from, even where others have loaded it:
/// from a register a conversion takes an instruction more for the upper half, and on most cores a step more for each.
Value widen(Select& s, std::uint32_t id, const Value& in) {
  Value out;
  const bool scattered = in.array.exists();
  const Operand whole = scattered ? in.array : s.reg(in.part[0]);
  const auto lower = [&](Operand o) { return o.at_width(s.width() == 64 ? 32 : 16); };
  out.part[0] = s.op_to(s.width(), id, scattered ? half(s, whole, false) : lower(whole));
  out.parts = 1;
  if (s.parts(Type::f64) == 1) return out;  // uniform code, or few lanes left of a fold
  out.part[1] = s.op_to(s.width(), id, scattered ? half(s, whole, true) : upper_half(s, whole));
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

/// x with NaN replaced by +0.
Operand number_or_zero(Select& s, Type t, Operand x) {
  return s.isa().choose(s, t, unordered(s, t, x, x), s.reg(s.constant(t, 0)), x);
}

/// What fits is truncated by `fitting`, which gives the smallest integer for what lies below: right there, wrong above
/// and for NaN. The first float beyond the largest integer tells "above", where the largest is taken.
template <typename Fitting>
Operand saturate(Select& s, Type from, std::uint64_t beyond, std::uint64_t largest, Operand x, Fitting fitting) {
  constexpr std::uint8_t kLessEqual = 2;
  x = number_or_zero(s, from, s.reg(x));
  const std::uint32_t cmp = ps_pd(from, I::kIdVcmpps, I::kIdVcmppd);
  const Operand limit = s.reg(s.constant(from, beyond));
  const Operand over = opmasks(s) ? s.compare(cmp, kLessEqual, limit, x) : s.opi(cmp, kLessEqual, limit, x);
  return s.isa().choose(s, from, over, s.reg(s.constant(from, largest)), fitting(x));
}

/// The integer in [-2^63, 2^63) that x truncates to. Adding 1.5 * 2^84 leaves x / 2^32, rounded, in the low bits; what
/// that leaves of x is at most 2^31 in size and exact, and 1.5 * 2^52 makes an integer of it in the same way.
Operand integer_by_addition(Select& s, Operand x) {
  constexpr std::uint64_t kUpper = 0x4538000000000000u, kLower = 0x4338000000000000u, kLeast = 0xc3e0000000000000u;
  x = s.op(I::kIdVmaxpd, s.primitive(Op::trunc, Type::f64, x), s.constant(Type::f64, kLeast));
  const Operand upper = s.op(I::kIdVaddpd, x, s.i64(kUpper));
  const Operand rest = s.op(I::kIdVsubpd, x, s.op(I::kIdVsubpd, upper, s.i64(kUpper)));
  const Operand lower = s.op(I::kIdVpsubq, s.op(I::kIdVaddpd, rest, s.i64(kLower)), s.i64(kLower));
  return s.op(I::kIdVpaddq, s.opi(I::kIdVpsllq, 32, upper), lower);
}

Operand f32_to_i32(Select& s, Operand x) {
  return saturate(s, Type::f32, 0x4f000000u, 0x7fffffffu, x, [&](Operand v) { return s.op(I::kIdVcvttps2dq, v); });
}

Operand f64_to_i64(Select& s, Operand x) {
  return saturate(s, Type::f64, 0x43e0000000000000u, 0x7fffffffffffffffu, x,
                  [&](Operand v) { return opmasks(s) ? s.op(I::kIdVcvttpd2qq, v) : integer_by_addition(s, v); });
}

/// f64 to i32: clamped above where both types are exact; the instruction does the rest.
Value f64_to_i32(Select& s, const Value& in) {
  Value clamped = in;
  for (std::uint8_t p = 0; p < in.parts; ++p) {
    const Operand x = number_or_zero(s, Type::f64, s.reg(in.part[p]));
    clamped.part[p] = s.op(I::kIdVminpd, x, s.constant(Type::f64, 0x41dfffffffc00000u));  // 2^31 - 1
  }
  return narrow(s, I::kIdVcvttpd2dq, clamped);
}

}  // namespace

/// Exact halves as doubles, one rounding in the last add: 2^52 + low word, 2^84 + 2^63 + high word * 2^32.
Operand i64_to_f64(Select& s, Operand x) {
  x = s.reg(x);
  const Operand low = s.op(I::kIdVorps, s.op(I::kIdVandps, x, s.i64(0xffffffffu)), s.i64(0x4330000000000000u));
  const Operand high = s.op(I::kIdVpxor, s.opi(I::kIdVpsrlq, 32, x), s.i64(0x4530000080000000u));
  return s.op(I::kIdVaddpd, s.op(I::kIdVsubpd, high, s.i64(0x4530000080100000u)), low);
}

namespace {

/// An integer that a double holds exactly and that rounds to f32 as x does. Outside of [-2^52, 2^52) no bit of the
/// lowest 12 is the last of an f32 or the one that tells a tie; the lower 11 only tell whether they are all zero, which
/// the twelfth can tell as well (round to odd).
Operand with_sticky_bit(Select& s, Operand x) {
  x = s.reg(x);
  // The upper words of those integers are -2^20 .. 2^20 - 1; moved to the least of all words, one compare finds them.
  const Operand moved = s.op(I::kIdVpaddd, x, s.i32(0x80100000u));
  const Operand far = s.opi(I::kIdVpshufd, 0xf5, s.op(I::kIdVpcmpgtd, moved, s.i32(0x801fffffu)));
  const Operand low = s.op(I::kIdVpand, far, s.i64(0x7ff));
  const Operand sticky = s.op(I::kIdVpaddq, s.op(I::kIdVpand, x, low), low);  // a carry where any bit is set
  return s.op(I::kIdVandnps, low, s.op(I::kIdVpor, x, sticky));
}

Value i64_to_f32(Select& s, const Value& in) {
  Value exact = in;
  for (std::uint8_t p = 0; p < in.parts; ++p) exact.part[p] = i64_to_f64(s, with_sticky_bit(s, in.part[p]));
  return narrow(s, I::kIdVcvtpd2ps, exact);
}

/// i64 to i32 where there is no saturating instruction: clamped, then the low halves are what is wanted.
Value i64_to_i32(Select& s, const Value& in) {
  Value clamped = in;
  for (std::uint8_t p = 0; p < in.parts; ++p) {
    const Operand above = s.primitive(Op::max, Type::i64, s.reg(in.part[p]), s.i64(0xffffffff80000000u));
    if (!above.exists()) return {};
    clamped.part[p] = s.primitive(Op::min, Type::i64, above, s.i64(0x7fffffffu));
  }
  return low_halves(s, clamped);
}

}  // namespace

Value sign_extend(Select& s, const Value& in) {
  if (s.isa().isa != Isa::sse2) return widen(s, I::kIdVpmovsxdq, in);
  Value out;  // each lane beside a lane full of its sign
  const Operand x = s.reg(in.part[0]), sign = s.opi(I::kIdVpsrad, 31, x);
  out.part[0] = s.op(I::kIdVpunpckldq, x, sign);
  out.parts = 1;
  if (s.parts(Type::i64) == 1) return out;
  out.part[1] = s.op(I::kIdVpunpckhdq, x, sign);
  out.parts = 2;
  return out;
}

/// The even 4-byte lanes: gathered within 128 bits, and with 256 bits the quarters put in order.
Value low_halves(Select& s, const Value& in) {
  Value out;
  out.parts = 1;
  const Operand first = s.reg(in.part[0]), second = in.parts == 2 ? s.reg(in.part[1]) : first;
  out.part[0] = s.opi(I::kIdVshufps, 0x88, first, second);
  if (out.part[0].width == 32) out.part[0] = s.opi(I::kIdVpermq, 0xd8, out.part[0]);
  return out;
}

Value convert(Select& s, const Lane& l, const Value& in) {
  const Type from = l.type, to = l.node.type;
  const std::uint32_t id = conversion(from, to, opmasks(s));
  if (from == Type::i32 && to == Type::i64) return sign_extend(s, in);
  if (from == Type::f64 && to == Type::i32) return f64_to_i32(s, in);
  if (id && bits_of(from) < bits_of(to)) return widen(s, id, in);
  if (id && bits_of(from) > bits_of(to)) return narrow(s, id, in);
  if (from == Type::i64 && to == Type::i32) return i64_to_i32(s, in);
  if (from == Type::i64 && to == Type::f32) return i64_to_f32(s, in);
  Value out = from == Type::f32 && to == Type::i64 ? widen(s, I::kIdVcvtps2pd, in) : in;
  for (std::uint8_t p = 0; p < out.parts; ++p) {
    const Operand x = out.part[p];
    out.part[p] = id                ? s.op(id, x)
                  : to == Type::i32 ? f32_to_i32(s, x)
                  : to == Type::i64 ? f64_to_i64(s, x)
                                    : i64_to_f64(s, x);
  }
  return out;
}

}  // namespace trueno::jit::x86
