// SSE2 (x86-64-v1) and SSE4.2 (v2): 128-bit vectors, two-operand encodings, no masked moves, no fma.
//
// Rows speak of instructions by their VEX ids; `legacy` gives the older encoding, and selection ties the
// destination to the first source. What is written here is only what these levels lack.
#include "jit/x86_vector_masks.h"

namespace trueno::jit {
namespace {

using ir::Op;
using namespace x86;

Operand choose(Select& s, Type, Operand mask, Operand yes, Operand no) {
  mask = s.reg(mask);
  return s.op(I::kIdVorps, s.op(I::kIdVandnps, mask, no), s.op(I::kIdVandps, mask, yes));
}

/// One rounding on hardware without fma, for f32: the product is exact in f64; the sum is rounded to odd there
/// (to the neighbour whose last bit is set, if it is inexact), after which rounding to f32 cannot round twice.
/// The error of the sum is exact by the branch-free two-sum (Knuth); round to odd after Boldo and Melquiond, 2008.
Operand fused_in_f64(Select& s, Operand a, Operand b, Operand c) {
  const auto wide = [&](Operand x) { return s.op_to(16, I::kIdVcvtps2pd, x); };
  const Operand p = s.op(I::kIdVmulpd, wide(a), wide(b)), w = wide(c);
  const Operand sum = s.op(I::kIdVaddpd, p, w);
  const Operand back = s.op(I::kIdVsubpd, sum, p);
  const Operand error =
      s.op(I::kIdVaddpd, s.op(I::kIdVsubpd, p, s.op(I::kIdVsubpd, sum, back)), s.op(I::kIdVsubpd, w, back));
  // Inexact and not infinite or NaN: 0 < |error|, which is false for a NaN.
  const Operand zero = s.reg(s.i64(0));
  const Operand inexact = s.opi(I::kIdVcmppd, 1, zero, s.op(I::kIdVandpd, error, s.magnitude(Type::f64)));
  const Operand even = s.op(I::kIdVpsubq, s.op(I::kIdVpand, sum, s.i64(1)), s.i64(1));
  // One unit in the last place away from zero if the error points there, else towards zero.
  const Operand opposite = s.opi(I::kIdVpshufd, 0xf5, s.opi(I::kIdVpsrad, 31, s.op(I::kIdVpxor, error, sum)));
  const Operand step = s.op(I::kIdVpor, opposite, s.i64(1));
  const Operand odd = s.op(I::kIdVpaddq, sum, s.op(I::kIdVpand, s.op(I::kIdVpand, step, even), inexact));
  return s.op(I::kIdVcvtpd2ps, odd);
}

Operand fma(Select& s, const Lane& l) {
  if (l.type != Type::f32) return {};  // no wider type to be exact in
  const auto signed_by = [&](bool negative, Operand x) {
    return s.reg(negative ? s.op(I::kIdVxorps, x, s.sign(Type::f32)) : x);
  };
  const Operand a = signed_by(l.negate_product, l.a), b = s.reg(l.b), c = signed_by(l.negate_addend, l.c);
  const Operand low = fused_in_f64(s, a, b, c);
  return s.uniform() ? low : join(s, low, fused_in_f64(s, upper_half(s, a), upper_half(s, b), upper_half(s, c)));
}

template <std::uint8_t kMode>
Operand round(Select& s, const Lane& l) {
  return s.opi(ps_pd(l.type, I::kIdVroundps, I::kIdVroundpd), kMode | 8, l.a);
}

/// Without ROUND: adding and taking away 2^23 (2^52) rounds to nearest; larger numbers, infinities and NaN are
/// kept, and the sign comes back for the zeros. The directed modes then go one step back where it went too far.
template <std::uint8_t kMode>
Operand round_by_addition(Select& s, const Lane& l) {
  const bool f32 = l.type == Type::f32;
  const auto id = [&](std::uint32_t ps, std::uint32_t pd) { return f32 ? ps : pd; };
  const Operand x = s.reg(l.a);
  const Operand size = s.op(id(I::kIdVandps, I::kIdVandpd), x, s.magnitude(l.type));
  const Operand sign = s.op(id(I::kIdVandps, I::kIdVandpd), x, s.sign(l.type));
  const Operand magic = s.reg(s.constant(l.type, f32 ? 0x4b000000u : 0x4330000000000000u));
  const Operand one = s.constant(l.type, f32 ? 0x3f800000u : 0x3ff0000000000000u);
  const std::uint32_t add = id(I::kIdVaddps, I::kIdVaddpd), sub = id(I::kIdVsubps, I::kIdVsubpd);
  const std::uint32_t cmp = id(I::kIdVcmpps, I::kIdVcmppd), and_ = id(I::kIdVandps, I::kIdVandpd);
  constexpr std::uint8_t kLess = 1, kDown = 1, kUp = 2, kTowardsZero = 3;
  Operand n = s.op(sub, s.op(add, size, magic), magic);
  if (kMode == kTowardsZero) n = s.op(sub, n, s.op(and_, s.opi(cmp, kLess, size, n), one));
  n = s.op(id(I::kIdVorps, I::kIdVorpd), n, sign);
  if (kMode == kDown) n = s.op(sub, n, s.op(and_, s.opi(cmp, kLess, x, n), one));
  if (kMode == kUp) {  // adding 1 to what lies in (-1, 0) would lose the sign of the zero
    n = s.op(add, n, s.op(and_, s.opi(cmp, kLess, n, x), one));
    n = s.op(id(I::kIdVorps, I::kIdVorpd), n, sign);
  }
  return choose(s, l.type, s.opi(cmp, kLess, size, magic), n, x);
}

Operand absolute_sse2(Select& s, const Lane& l) {
  if (l.type != Type::i32) return absolute(s, l);
  const Operand x = s.reg(l.a), sign = s.opi(I::kIdVpsrad, 31, x);
  return s.op(I::kIdVpsubd, s.op(I::kIdVpxor, x, sign), sign);
}

constexpr RowTable make_table(bool sse42) {
  RowTable t;
  vector_mask_rows(t);
  t[Op::fma] = t[Op::mad] = custom(fma);
  t[Op::floor] = custom(sse42 ? round<1> : round_by_addition<1>);
  t[Op::ceil] = custom(sse42 ? round<2> : round_by_addition<2>);
  t[Op::trunc] = custom(sse42 ? round<3> : round_by_addition<3>);
  t[Op::rint] = custom(sse42 ? round<0> : round_by_addition<0>);
  if (!sse42) t[Op::abs] = custom(absolute_sse2);
  return t;
}
constexpr RowTable kSse2 = make_table(false), kSse42 = make_table(true);
static_assert(complete(kSse2) && complete(kSse42), "sse: a primitive has no row");

/// VEX id to the older encoding. An instruction that is missing here fails to encode, which tests see.
std::uint32_t legacy(std::uint32_t id) {
  switch (id) {
    case I::kIdVaddps: return I::kIdAddps;
    case I::kIdVaddpd: return I::kIdAddpd;
    case I::kIdVsubps: return I::kIdSubps;
    case I::kIdVsubpd: return I::kIdSubpd;
    case I::kIdVmulps: return I::kIdMulps;
    case I::kIdVmulpd: return I::kIdMulpd;
    case I::kIdVdivps: return I::kIdDivps;
    case I::kIdVdivpd: return I::kIdDivpd;
    case I::kIdVsqrtps: return I::kIdSqrtps;
    case I::kIdVsqrtpd: return I::kIdSqrtpd;
    case I::kIdVminps: return I::kIdMinps;
    case I::kIdVminpd: return I::kIdMinpd;
    case I::kIdVmaxps: return I::kIdMaxps;
    case I::kIdVmaxpd: return I::kIdMaxpd;
    case I::kIdVandps: return I::kIdAndps;
    case I::kIdVandpd: return I::kIdAndpd;
    case I::kIdVandnps: return I::kIdAndnps;
    case I::kIdVorps: return I::kIdOrps;
    case I::kIdVorpd: return I::kIdOrpd;
    case I::kIdVxorps: return I::kIdXorps;
    case I::kIdVxorpd: return I::kIdXorpd;
    case I::kIdVcmpps: return I::kIdCmpps;
    case I::kIdVcmppd: return I::kIdCmppd;
    case I::kIdVroundps: return I::kIdRoundps;
    case I::kIdVroundpd: return I::kIdRoundpd;
    case I::kIdVpaddd: return I::kIdPaddd;
    case I::kIdVpaddq: return I::kIdPaddq;
    case I::kIdVpsubd: return I::kIdPsubd;
    case I::kIdVpsubq: return I::kIdPsubq;
    case I::kIdVpmulld: return I::kIdPmulld;
    case I::kIdVpmuludq: return I::kIdPmuludq;
    case I::kIdVpand: return I::kIdPand;
    case I::kIdVpor: return I::kIdPor;
    case I::kIdVpxor: return I::kIdPxor;
    case I::kIdVpabsd: return I::kIdPabsd;
    case I::kIdVpminsd: return I::kIdPminsd;
    case I::kIdVpmaxsd: return I::kIdPmaxsd;
    case I::kIdVpcmpeqd: return I::kIdPcmpeqd;
    case I::kIdVpcmpeqq: return I::kIdPcmpeqq;
    case I::kIdVpcmpgtd: return I::kIdPcmpgtd;
    case I::kIdVpcmpgtq: return I::kIdPcmpgtq;
    case I::kIdVpslld: return I::kIdPslld;
    case I::kIdVpsllq: return I::kIdPsllq;
    case I::kIdVpsrld: return I::kIdPsrld;
    case I::kIdVpsrlq: return I::kIdPsrlq;
    case I::kIdVpsrad: return I::kIdPsrad;
    case I::kIdVpshufd: return I::kIdPshufd;
    case I::kIdVshufps: return I::kIdShufps;
    case I::kIdVpunpckldq: return I::kIdPunpckldq;
    case I::kIdVpunpckhdq: return I::kIdPunpckhdq;
    case I::kIdVpunpcklqdq: return I::kIdPunpcklqdq;
    case I::kIdVpackssdw: return I::kIdPackssdw;
    case I::kIdVpacksswb: return I::kIdPacksswb;
    case I::kIdVpmovsxdq: return I::kIdPmovsxdq;
    case I::kIdVcvtps2pd: return I::kIdCvtps2pd;
    case I::kIdVcvtpd2ps: return I::kIdCvtpd2ps;
    case I::kIdVcvtdq2ps: return I::kIdCvtdq2ps;
    case I::kIdVcvtdq2pd: return I::kIdCvtdq2pd;
    case I::kIdVcvttps2dq: return I::kIdCvttps2dq;
    case I::kIdVcvttpd2dq: return I::kIdCvttpd2dq;
    default: return I::kIdNone;
  }
}

/// Arrays are staged, so that only lanes in the frame are stored under a mask.
void store_masked(Select& s, Type t, Operand mask, Operand memory, Operand value) {
  if (memory.place != Place::lanes) return s.move(memory, s.reg(value));
  s.move(memory, choose(s, t, mask, s.reg(value), memory));
}

constexpr IsaRows rows(Isa isa, const RowTable& table) {
  return {.isa = isa,
          .vector_registers = 16,
          .table = table,
          .tails = Tails::staged,
          .move = I::kIdMovups,
          .reg_move = I::kIdMovaps,
          .zero = I::kIdVpxor,
          .scalar_move = {I::kIdMovss, I::kIdMovsd},
          .mask_move = 0,
          .never = 0,
          .legacy = legacy,
          .choose = choose,
          .load_masked = nullptr,
          .store_masked = store_masked,
          .accumulate_masked = accumulate_masked,
          .mask_bytes = mask_bytes,
          .store_mask_slot = store_mask_slot};
}

}  // namespace

bool ties_immediate(std::uint32_t id) {
  return id == I::kIdVpslld || id == I::kIdVpsllq || id == I::kIdVpsrld || id == I::kIdVpsrlq || id == I::kIdVpsrad;
}

const IsaRows& sse2_rows() {
  static constexpr IsaRows kRows = rows(Isa::sse2, kSse2);
  return kRows;
}

const IsaRows& sse42_rows() {
  static constexpr IsaRows kRows = rows(Isa::sse42, kSse42);
  return kRows;
}

}  // namespace trueno::jit
