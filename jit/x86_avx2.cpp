// AVX2 with FMA (x86-64-v3): masks are vectors with all bits of a lane set, tails are vmaskmov.
#include "jit/x86_rows.h"

namespace trueno::jit {
namespace {

using ir::Op;
using namespace x86;

constexpr std::uint8_t kEqual = 0, kUnordered = 3, kNotEqual = 4, kLess = 17, kLessEqual = 18;  // quiet predicates

std::uint32_t blend(Type t) { return ps_pd(t, I::kIdVblendvps, I::kIdVblendvpd); }

Operand multiply(Select& s, const Lane& l) {
  switch (l.type) {
    case Type::f32: return s.op(I::kIdVmulps, l.a, l.b);
    case Type::f64: return s.op(I::kIdVmulpd, l.a, l.b);
    case Type::i32: return s.op(I::kIdVpmulld, l.a, l.b);
    default: break;
  }
  // 64 x 64 bits from 32 x 32: the two cross products count only with their low halves.
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand one = s.op(I::kIdVpmuludq, s.opi(I::kIdVpsrlq, 32, a), b);
  const Operand two = s.op(I::kIdVpmuludq, s.opi(I::kIdVpsrlq, 32, b), a);
  const Operand cross = s.opi(I::kIdVpsllq, 32, s.op(I::kIdVpaddq, one, two));
  return s.op(I::kIdVpaddq, s.op(I::kIdVpmuludq, a, b), cross);
}

Operand canonical(Select& s, const Lane& l) {
  const Operand x = s.reg(l.a);
  const Operand nan = s.opi(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), kUnordered, x, x);
  const std::uint64_t bits = l.type == Type::f32 ? 0x7fc00000u : 0x7ff8000000000000u;
  return s.op(blend(l.type), x, s.reg(s.constant(l.type, bits)), nan);
}

Operand pick_i64(Select& s, const Lane& l, bool greater) {
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand a_greater = s.op(I::kIdVpcmpgtq, a, b);
  return greater ? s.op(I::kIdVblendvpd, b, a, a_greater) : s.op(I::kIdVblendvpd, a, b, a_greater);
}

Operand minimum(Select& s, const Lane& l) {
  if (l.type == Type::i32) return s.op(I::kIdVpminsd, l.a, l.b);
  if (l.type == Type::i64) return pick_i64(s, l, false);
  const Operand quick = min_max_constant(s, l);
  return quick.exists() ? quick : min_float(s, l.type, l.a, l.b);
}

/// and-ing both orders gives +0 for mixed zeros but may lose a NaN: it is or-ed back in.
Operand maximum(Select& s, const Lane& l) {
  if (l.type == Type::i32) return s.op(I::kIdVpmaxsd, l.a, l.b);
  if (l.type == Type::i64) return pick_i64(s, l, true);
  if (const Operand quick = min_max_constant(s, l); quick.exists()) return quick;
  const std::uint32_t max = ps_pd(l.type, I::kIdVmaxps, I::kIdVmaxpd);
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand both = s.op(ps_pd(l.type, I::kIdVandps, I::kIdVandpd), s.op(max, a, b), s.op(max, b, a));
  return s.op(ps_pd(l.type, I::kIdVorps, I::kIdVorpd), both,
              s.opi(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), kUnordered, a, b));
}

template <std::uint8_t kMode>
Operand round(Select& s, const Lane& l) {
  return s.opi(ps_pd(l.type, I::kIdVroundps, I::kIdVroundpd), kMode | 8, l.a);
}

Operand complement(Select& s, Operand m) { return s.op(I::kIdVpxor, m, s.i32(~0u)); }

Operand compare(Select& s, const Lane& l) {
  const bool swap = l.node.op == Op::gt || l.node.op == Op::ge;
  const Operand a = swap ? l.b : l.a, b = swap ? l.a : l.b;
  const Op op = l.node.op == Op::gt ? Op::lt : l.node.op == Op::ge ? Op::le : l.node.op;
  if (is_float(l.type)) {
    const std::uint8_t predicate = op == Op::eq ? kEqual : op == Op::ne ? kNotEqual : op == Op::lt ? kLess : kLessEqual;
    return s.opi(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), predicate, a, b);
  }
  const bool wide = l.type == Type::i64;
  if (op == Op::eq || op == Op::ne) {
    const Operand equal = s.op(wide ? I::kIdVpcmpeqq : I::kIdVpcmpeqd, a, b);
    return op == Op::eq ? equal : complement(s, equal);
  }
  const std::uint32_t greater = wide ? I::kIdVpcmpgtq : I::kIdVpcmpgtd;
  return op == Op::lt ? s.op(greater, b, a) : complement(s, s.op(greater, a, b));
}

template <std::uint32_t kId>
Operand logic(Select& s, const Lane& l) {
  return s.op(kId, l.a, l.b);
}
Operand invert(Select& s, const Lane& l) { return complement(s, l.a); }

Operand select(Select& s, const Lane& l) { return s.op(blend(l.type), l.c, s.reg(l.b), s.reg(l.a)); }

Operand power_of_two(Select& s, Operand i) { return s.opi(I::kIdVpslld, 23, s.op(I::kIdVpaddd, i, s.i32(127))); }

/// Three factors, the largest power last: only the last multiplication can round (or the result is 0 anyway),
/// for any float and any count. The count is clamped to where the result no longer changes.
Operand scale(Select& s, Operand x, Operand i) {
  const auto clamp = [&](Operand v) {
    return s.op(I::kIdVpminsd, s.op(I::kIdVpmaxsd, v, s.i32(static_cast<std::uint32_t>(-126))), s.i32(127));
  };
  i = s.op(I::kIdVpminsd, s.op(I::kIdVpmaxsd, i, s.i32(static_cast<std::uint32_t>(-300))), s.i32(300));
  const Operand last = clamp(i);
  const Operand rest = s.op(I::kIdVpsubd, i, last);
  const Operand middle = clamp(rest);
  const Operand first = s.op(I::kIdVpsubd, rest, middle);
  x = s.op(I::kIdVmulps, x, power_of_two(s, first));
  x = s.op(I::kIdVmulps, x, power_of_two(s, middle));
  return s.op(I::kIdVmulps, x, power_of_two(s, last));
}

Operand floor_to_i32(Select& s, Operand n) { return s.op(I::kIdVcvttps2dq, s.opi(I::kIdVroundps, 1 | 8, n)); }

Operand ldexp(Select& s, const Lane& l) {
  if (l.type != Type::f32) return {};
  if (l.kernel[l.node.args[1]].type == Type::i32) return scale(s, l.a, l.b);
  // 2^floor(n): n is clamped before it becomes an integer; infinite and NaN n multiply once more by what they are.
  const Operand n = s.reg(l.b);
  const Operand near = s.op(I::kIdVminps, s.op(I::kIdVmaxps, n, s.f32(-400.0f)), s.f32(400.0f));
  const Operand y = scale(s, l.a, floor_to_i32(s, near));
  const Operand finite =
      s.opi(I::kIdVcmpps, kLess, s.op(I::kIdVandps, n, s.magnitude(Type::f32)), s.f32(__builtin_inff()));
  const Operand special = s.op(I::kIdVmaxps, s.f32(0), n);
  return s.op(I::kIdVmulps, y, s.op(I::kIdVblendvps, special, s.reg(s.f32(1)), finite));
}

/// The promise of ldexp.near makes two halves enough: the first product is normal.
Operand ldexp_near(Select& s, const Lane& l) {
  if (l.type != Type::f32) return {};
  const Operand i = l.kernel[l.node.args[1]].type == Type::i32 ? s.reg(l.b) : floor_to_i32(s, l.b);
  const Operand half = s.opi(I::kIdVpsrad, 1, i);
  const Operand rest = s.op(I::kIdVpsubd, i, half);
  return s.op(I::kIdVmulps, s.op(I::kIdVmulps, l.a, power_of_two(s, half)), power_of_two(s, rest));
}

/// Up to 16 entries by permutation: each half of the table by the low three bits, then the fourth bit chooses.
/// Vectors of 128 bits use the 256-bit permutation as well.
Operand table(Select& s, const Lane& l) {
  const ir::Table& t = l.kernel.tables[l.node.imm];
  const std::size_t n = t.entries.size();
  if (bits_of(t.type) != 32 || n > 16) return {};
  std::uint32_t halves[16];
  for (std::size_t i = 0; i < 16; ++i) halves[i] = static_cast<std::uint32_t>(t.entries[i % n]);
  const auto bytes = [](const std::uint32_t* p) { return std::span(reinterpret_cast<const std::uint8_t*>(p), 32); };
  const auto entries = [&](int half) {
    return Operand{Place::pool, RegClass::vector, 0, 32, s.pool().raw(bytes(halves + 8 * half))};
  };
  const Operand index = s.reg(l.a).at_width(32);
  Operand low = s.op(I::kIdVpermps, index, entries(0));
  if (n > 8) {
    const Operand high = s.op(I::kIdVpermps, index, entries(1));
    low = s.op(I::kIdVblendvps, low, high, s.opi(I::kIdVpslld, 28, index));
  }
  return low.at_width(s.width());
}

constexpr RowTable make_table() {
  RowTable t;
  shared_rows(t);
  t[Op::mul] = custom(multiply);
  t[Op::canonical] = custom(canonical);
  t[Op::min] = custom(minimum);
  t[Op::max] = custom(maximum);
  t[Op::floor] = custom(round<1>);
  t[Op::ceil] = custom(round<2>);
  t[Op::trunc] = custom(round<3>);
  t[Op::rint] = custom(round<0>);
  t[Op::eq] = t[Op::ne] = t[Op::lt] = t[Op::le] = t[Op::gt] = t[Op::ge] = custom(compare);
  t[Op::bit_and] = custom(logic<I::kIdVpand>);
  t[Op::bit_or] = custom(logic<I::kIdVpor>);
  t[Op::bit_xor] = custom(logic<I::kIdVpxor>);
  t[Op::bit_not] = custom(invert);
  t[Op::select] = custom(select);
  t[Op::ldexp] = custom(ldexp);
  t[Op::ldexp_near] = custom(ldexp_near);
  t[Op::table] = custom(table);
  return t;
}
constexpr RowTable kTable = make_table();
static_assert(complete(kTable), "avx2: a primitive has no row");

Operand load_masked(Select& s, Type t, Operand mask, Operand memory) {
  return s.op(ps_pd(t, I::kIdVmaskmovps, I::kIdVmaskmovpd), mask, memory);
}

void store_masked(Select& s, Type t, Operand mask, Operand memory, Operand value) {
  Instruction inst;
  inst.id = ps_pd(t, I::kIdVmaskmovps, I::kIdVmaskmovpd);
  inst.dst = memory;
  inst.src = {mask, s.reg(value), {}};
  inst.sources = 2;
  s.push(inst);
}

void accumulate_masked(Select& s, Type t, Operand mask, Operand dst, Operand value) {
  s.redirect(s.op(blend(t), dst, s.reg(value), mask), dst);
}

}  // namespace

const IsaRows& avx2_rows() {
  static constexpr IsaRows kRows{
      Isa::avx2,       16,           kTable, I::kIdVmovups, 0, load_masked, store_masked, accumulate_masked,
      x86::upper_half, x86::lane_one};
  return kRows;
}

}  // namespace trueno::jit
