// AVX-512 F, BW, CD, DQ, VL (x86-64-v4): masks live in k registers, tails are masked moves.
#include <algorithm>

#include "jit/x86_rows.h"

namespace trueno::jit {
namespace {

using ir::Op;
using namespace x86;

constexpr std::uint8_t kEqual = 0, kUnordered = 3, kNotEqual = 4, kLess = 17, kLessEqual = 18;  // quiet predicates

std::uint32_t move_of(Type t) { return ps_pd(t, I::kIdVmovaps, I::kIdVmovapd); }
std::uint32_t blend(Type t) { return ps_pd(t, I::kIdVblendmps, I::kIdVblendmpd); }

/// dst = mask ? yes : no, without an operand that must die.
Operand choose(Select& s, Type t, Operand mask, Operand yes, Operand no) {
  Instruction inst;
  inst.id = blend(t);
  inst.src = {s.reg(no), yes, {}};
  inst.sources = 2;
  inst.mask = mask;
  inst.dst = s.fresh(RegClass::vector, inst.src[0].width);
  return s.push(inst);
}

Operand minimum(Select& s, const Lane& l) {
  if (is_int(l.type)) return s.op(l.type == Type::i32 ? I::kIdVpminsd : I::kIdVpminsq, l.a, l.b);
  const Operand quick = min_max_constant(s, l);
  return quick.exists() ? quick : min_float(s, l.type, l.a, l.b);
}

/// VRANGE knows that -0 < +0 but prefers a number to a NaN, which a compare then puts right.
Operand maximum(Select& s, const Lane& l) {
  if (is_int(l.type)) return s.op(l.type == Type::i32 ? I::kIdVpmaxsd : I::kIdVpmaxsq, l.a, l.b);
  if (const Operand quick = min_max_constant(s, l); quick.exists()) return quick;
  constexpr std::uint8_t kMaxSignOfResult = 0b0101;
  const Operand a = s.reg(l.a), b = s.reg(l.b);
  const Operand nan = s.compare(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), kUnordered, a, b);
  const Operand greater = s.opi(ps_pd(l.type, I::kIdVrangeps, I::kIdVrangepd), kMaxSignOfResult, a, b);
  return s.merge(ps_pd(l.type, I::kIdVaddps, I::kIdVaddpd), nan, greater, a, b);
}

template <std::uint8_t kMode>
Operand round(Select& s, const Lane& l) {
  return s.opi(ps_pd(l.type, I::kIdVrndscaleps, I::kIdVrndscalepd), kMode | 8, l.a);
}

Operand compare(Select& s, const Lane& l) {
  const bool swap = l.node.op == Op::gt || l.node.op == Op::ge;
  const Operand a = swap ? l.b : l.a, b = swap ? l.a : l.b;
  const Op op = l.node.op == Op::gt ? Op::lt : l.node.op == Op::ge ? Op::le : l.node.op;
  if (is_float(l.type)) {
    const std::uint8_t predicate = op == Op::eq ? kEqual : op == Op::ne ? kNotEqual : op == Op::lt ? kLess : kLessEqual;
    return s.compare(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), predicate, a, b);
  }
  const std::uint8_t predicate = op == Op::eq ? 0 : op == Op::lt ? 1 : op == Op::le ? 2 : 4;
  return s.compare(l.type == Type::i32 ? I::kIdVpcmpd : I::kIdVpcmpq, predicate, a, b);
}

template <std::uint32_t kVector, std::uint32_t kMask>
Operand logic(Select& s, const Lane& l) {
  return is_mask(l.type) ? s.mask_op(kMask, l.a, l.b) : s.op(kVector, l.a, l.b);
}
Operand invert(Select& s, const Lane& l) {
  return is_mask(l.type) ? s.mask_op(I::kIdKnotw, l.a) : s.op(I::kIdVpxord, l.a, s.i32(~0u));
}

Operand select(Select& s, const Lane& l) {
  if (!is_mask(l.type) && is_nothing(l, 2)) return s.zeroed(move_of(l.type), l.a, s.reg(l.b));
  if (!is_mask(l.type)) return choose(s, l.type, l.a, l.b, l.c);
  return s.mask_op(I::kIdKorw, s.mask_op(I::kIdKandw, l.a, l.b), s.mask_op(I::kIdKandnw, l.a, l.c));
}

Operand scale(Select& s, Type t, Operand x, Operand n) {
  return s.op(ps_pd(t, I::kIdVscalefps, I::kIdVscalefpd), x, n);
}

/// VSCALEF with an infinite count forgets a NaN, which is put right for counts that may be infinite.
Operand ldexp(Select& s, const Lane& l) {
  const Type count = l.kernel[l.node.args[1]].type;
  if (is_int(count)) return scale(s, l.type, l.a, s.op(count == Type::i32 ? I::kIdVcvtdq2ps : I::kIdVcvtqq2pd, l.b));
  const Operand x = s.reg(l.a), n = s.reg(l.b);
  const Operand nan = s.compare(ps_pd(l.type, I::kIdVcmpps, I::kIdVcmppd), kUnordered, x, n);
  return s.merge(ps_pd(l.type, I::kIdVaddps, I::kIdVaddpd), nan, scale(s, l.type, x, n), x, n);
}

Operand ldexp_near(Select& s, const Lane& l) {
  return is_int(l.kernel[l.node.args[1]].type) ? ldexp(s, l) : scale(s, l.type, l.a, l.b);
}

constexpr std::uint8_t kFrom075 = 3, kSignDropped = 1 << 2, kNegativeIsNaN = 1 << 3;  // VGETMANT: [0.75, 1.5), sign

Operand mantissa(Select& s, const Lane& l, std::uint8_t sign) {
  return s.opi(ps_pd(l.type, I::kIdVgetmantps, I::kIdVgetmantpd), kFrom075 | sign, l.a);
}

/// VGETEXP speaks of [1, 2): what lies below 1 in [0.75, 1.5) has one more than that. Neither looks at the sign.
Operand exponent(Select& s, const Lane& l) {
  const std::uint32_t getexp = ps_pd(l.type, I::kIdVgetexpps, I::kIdVgetexppd);
  const Operand below_one = s.op(getexp, mantissa(s, l, kSignDropped));
  return s.op(ps_pd(l.type, I::kIdVsubps, I::kIdVsubpd), s.op(getexp, l.a), below_one);
}

/// -0 is not negative, as the instruction sees it with both bits set.
Operand significand(Select& s, const Lane& l) { return mantissa(s, l, kSignDropped | kNegativeIsNaN); }

/// The k register of a step's first half of 8-byte lanes beside that of the second, or apart again.
Value mask_convert(Select& s, const Lane& l, const Value& in) {
  const auto half = static_cast<std::uint8_t>(s.lanes() / 2);
  Value out = in;
  if (bits_of(l.type) == bits_of(l.node.type) || s.parts(Type::i64) == 1) return out;
  if (bits_of(l.type) == 32) {
    out.parts = 2;
    out.part[1] = s.mask_shift(I::kIdKshiftrw, half, in.part[0]);
  } else if (in.parts == 2) {
    out.parts = 1;  // what a complement left above the first half must not get into the second
    const auto spare = static_cast<std::uint8_t>(16 - half);
    const Operand low = s.mask_shift(I::kIdKshiftrw, spare, s.mask_shift(I::kIdKshiftlw, spare, in.part[0]));
    out.part[0] = s.mask_op(I::kIdKorw, low, s.mask_shift(I::kIdKshiftlw, half, in.part[1]));
  }
  return out;
}

Operand mask_bytes(Select& s, Type t, const Value& mask) {
  Operand k = mask.part[0];
  if (mask.parts == 2) {
    ir::Node narrow;
    narrow.type = Type::m32;
    static const ir::Kernel kNone;
    k = mask_convert(s, {kNone, narrow, t, {}, {}, {}}, mask).part[0];
  }
  Instruction inst;
  inst.id = I::kIdVpmovm2b;
  inst.src = {k, {}, {}};
  inst.sources = 1;
  inst.dst = s.fresh(RegClass::vector, 16);
  return s.op(I::kIdVpandd, s.push(inst), s.i32(0x01010101u).at_width(16));
}

void store_mask_slot(Select& s, Operand mask, Operand slot) {
  Instruction inst;
  inst.id = I::kIdKmovw;
  inst.src = {mask, {}, {}};
  inst.sources = 1;
  inst.dst = slot.at_width(2);
  s.push(inst);
}

/// Up to 16 floats fill one zmm, whatever the vector length: the index is read from the whole register.
Operand permuted_table(Select& s, const Lane& l) {
  const ir::Table& t = l.kernel.tables[l.node.imm];
  const std::size_t n = t.entries.size();
  if (bits_of(t.type) != 32 || n > 16) return table(s, l);
  std::uint32_t entries[16];
  for (std::size_t i = 0; i < 16; ++i) entries[i] = static_cast<std::uint32_t>(t.entries[i % n]);
  const auto offset = s.pool().raw({reinterpret_cast<const std::uint8_t*>(entries), 64});
  return s.op(I::kIdVpermps, s.reg(l.a).at_width(64), {Place::pool, RegClass::vector, 0, 64, offset})
      .at_width(s.width());
}

constexpr RowTable make_table() {
  RowTable t;
  shared_rows(t);
  t[Op::mul] = lanewise(I::kIdVmulps, I::kIdVmulpd, I::kIdVpmulld, I::kIdVpmullq);
  t[Op::fma] = t[Op::mad] = custom(fma);
  t[Op::min] = custom(minimum);
  t[Op::max] = custom(maximum);
  t[Op::floor] = custom(round<1>);
  t[Op::ceil] = custom(round<2>);
  t[Op::trunc] = custom(round<3>);
  t[Op::rint] = custom(round<0>);
  t[Op::eq] = t[Op::ne] = t[Op::lt] = t[Op::le] = t[Op::gt] = t[Op::ge] = custom(compare);
  t[Op::bit_and] = custom(logic<I::kIdVpandd, I::kIdKandw>);
  t[Op::bit_or] = custom(logic<I::kIdVpord, I::kIdKorw>);
  t[Op::bit_xor] = custom(logic<I::kIdVpxord, I::kIdKxorw>);
  t[Op::bit_not] = custom(invert);
  t[Op::select] = t[Op::rare] = custom(select);
  t[Op::ldexp] = custom(ldexp);
  t[Op::ldexp_near] = custom(ldexp_near);
  t[Op::table] = custom(permuted_table);
  t[Op::exponent] = custom(exponent);
  t[Op::significand] = custom(significand);
  t[Op::mask_convert] = whole(mask_convert);
  return t;
}
constexpr RowTable kTable = make_table();
static_assert(complete(kTable), "avx512: a primitive has no row");

Operand load_masked(Select& s, Type t, Operand mask, Operand memory) {
  return s.zeroed(ps_pd(t, I::kIdVmovups, I::kIdVmovupd), mask, memory);
}

void store_masked(Select& s, Type t, Operand mask, Operand memory, Operand value) {
  Instruction inst;
  inst.id = is_mask(t) ? I::kIdVmovdqu8 : ps_pd(t, I::kIdVmovups, I::kIdVmovupd);
  inst.dst = memory;
  inst.src = {s.reg(value), {}, {}};
  inst.sources = 1;
  inst.mask = mask;
  s.push(inst);
}

/// Can the instruction that computes `dst` from what is there keep, under a mask, what is there? It is the row of some
/// primitive for elements of that type, so that its mask is one of such elements; or an fma, which overwrites an
/// operand.
bool can_merge_into(const Instruction& inst, Type t, Operand dst) {
  if (inst.mask.exists() || inst.tied || inst.lookup || inst.position) return false;
  const bool from_there = inst.src[0] == dst || inst.src[1] == dst || inst.src[2] == dst;
  if (inst.fma) return from_there;
  return from_there && std::any_of(kTable.rows.begin(), kTable.rows.end(), [&](const Row& r) {
           return r.kind == Row::lanewise && inst.id != 0 && r.id[static_cast<int>(t)] == inst.id;
         });
}

void accumulate_masked(Select& s, Type t, Operand mask, Operand dst, Operand value) {
  std::vector<Instruction>& code = s.section().code;
  if (!code.empty() && value.is_virtual() && code.back().dst == value && can_merge_into(code.back(), t, dst)) {
    code.back().mask = mask;
    code.back().dst = dst;
    return;
  }
  s.settle(s.merge(move_of(t), mask, dst, s.reg(value)), dst);
}

}  // namespace

const IsaRows& avx512_rows() {
  static constexpr IsaRows kRows{.isa = Isa::avx512,
                                 .vector_registers = 32,
                                 .table = kTable,
                                 .tails = Tails::opmask,
                                 .move = I::kIdVmovups,
                                 .reg_move = I::kIdVmovaps,
                                 .zero = I::kIdVpxord,
                                 .scalar_move = {I::kIdVmovss, I::kIdVmovsd},
                                 .mask_move = I::kIdKmovw,
                                 .never = I::kIdVpcmpd,
                                 .legacy = nullptr,
                                 .choose = choose,
                                 .load_masked = load_masked,
                                 .store_masked = store_masked,
                                 .accumulate_masked = accumulate_masked,
                                 .mask_bytes = mask_bytes,
                                 .store_mask_slot = store_mask_slot};
  return kRows;
}

}  // namespace trueno::jit
