// Which instruction does what: a row for each that the generator uses (see processor_rules.h).
#include "inspect/processor_rules.h"

#include <unordered_map>

namespace trueno::inspect {

struct Rules {
  using Rule = Processor::Rule;
  using P = Processor;
  std::unordered_map<ZydisMnemonic, Rule> rows;

  void both(ZydisMnemonic older, ZydisMnemonic newer, const Rule& rule) { rows[older] = rows[newer] = rule; }

  Rules() {
#define M(name) ZYDIS_MNEMONIC_##name
#define BOTH(name, ...) both(M(name), M(V##name), __VA_ARGS__)
    floats();
    bits_and_integers();
    moves();
    conversions();
    compares();
    predicates();
    fused();
  }

  void floats() {
    const auto two = [](Fn fn, int width) { return Rule{&P::lanes, fn, width}; };
    BOTH(ADDPS, two(Fn::f_add, 32)), BOTH(ADDPD, two(Fn::f_add, 64));
    BOTH(SUBPS, two(Fn::f_sub, 32)), BOTH(SUBPD, two(Fn::f_sub, 64));
    BOTH(MULPS, two(Fn::f_mul, 32)), BOTH(MULPD, two(Fn::f_mul, 64));
    BOTH(DIVPS, two(Fn::f_div, 32)), BOTH(DIVPD, two(Fn::f_div, 64));
    BOTH(MINPS, two(Fn::f_min, 32)), BOTH(MINPD, two(Fn::f_min, 64));
    BOTH(MAXPS, two(Fn::f_max, 32)), BOTH(MAXPD, two(Fn::f_max, 64));
    rows[M(VRANGEPS)] = two(Fn::f_range, 32), rows[M(VRANGEPD)] = two(Fn::f_range, 64);
    rows[M(VSCALEFPS)] = two(Fn::f_scale, 32), rows[M(VSCALEFPD)] = two(Fn::f_scale, 64);
    const auto one = [](Fn fn, int width) { return Rule{&P::lanes, fn, width, 0, 0, 1}; };
    BOTH(SQRTPS, one(Fn::f_sqrt, 32)), BOTH(SQRTPD, one(Fn::f_sqrt, 64));
    BOTH(ROUNDPS, one(Fn::f_round, 32)), BOTH(ROUNDPD, one(Fn::f_round, 64));
    rows[M(VRNDSCALEPS)] = one(Fn::f_round, 32), rows[M(VRNDSCALEPD)] = one(Fn::f_round, 64);
    rows[M(VGETEXPPS)] = one(Fn::f_exponent, 32), rows[M(VGETEXPPD)] = one(Fn::f_exponent, 64);
    rows[M(VGETMANTPS)] = one(Fn::f_mantissa, 32), rows[M(VGETMANTPD)] = one(Fn::f_mantissa, 64);
  }

  void bits_and_integers() {
    const auto two = [](Fn fn, int width = 32) { return Rule{&P::lanes, fn, width}; };
    BOTH(ANDPS, two(Fn::bit_and)), BOTH(ANDPD, two(Fn::bit_and, 64)), BOTH(PAND, two(Fn::bit_and));
    BOTH(ORPS, two(Fn::bit_or)), BOTH(ORPD, two(Fn::bit_or, 64)), BOTH(POR, two(Fn::bit_or));
    BOTH(XORPS, two(Fn::bit_xor)), BOTH(XORPD, two(Fn::bit_xor, 64)), BOTH(PXOR, two(Fn::bit_xor));
    BOTH(ANDNPS, two(Fn::bit_andnot)), BOTH(ANDNPD, two(Fn::bit_andnot, 64)), BOTH(PANDN, two(Fn::bit_andnot));
    rows[M(VPANDD)] = two(Fn::bit_and), rows[M(VPORD)] = two(Fn::bit_or), rows[M(VPXORD)] = two(Fn::bit_xor);
    BOTH(PADDD, two(Fn::add)), BOTH(PADDQ, two(Fn::add, 64));
    BOTH(PSUBD, two(Fn::sub)), BOTH(PSUBQ, two(Fn::sub, 64));
    BOTH(PMULLD, two(Fn::mul)), rows[M(VPMULLQ)] = two(Fn::mul, 64), BOTH(PMULUDQ, two(Fn::mul_wide, 64));
    BOTH(PMINSD, two(Fn::min)), rows[M(VPMINSQ)] = two(Fn::min, 64);
    BOTH(PMAXSD, two(Fn::max)), rows[M(VPMAXSQ)] = two(Fn::max, 64);
    const auto one = [](Fn fn, int width) { return Rule{&P::lanes, fn, width, 0, 0, 1}; };
    BOTH(PABSD, one(Fn::abs, 32)), rows[M(VPABSQ)] = one(Fn::abs, 64);
    BOTH(PSLLD, one(Fn::shift_left, 32)), BOTH(PSLLQ, one(Fn::shift_left, 64));
    BOTH(PSRLD, one(Fn::shift_right, 32)), BOTH(PSRLQ, one(Fn::shift_right, 64));
    BOTH(PSRAD, one(Fn::shift_sign, 32)), rows[M(VPSRAQ)] = one(Fn::shift_sign, 64);
    rows[M(VPSLLVD)] = two(Fn::shift_left), rows[M(VPSLLVQ)] = two(Fn::shift_left, 64);
    rows[M(VPSRLVD)] = two(Fn::shift_right), rows[M(VPSRLVQ)] = two(Fn::shift_right, 64);
    rows[M(VPSRAVD)] = two(Fn::shift_sign), rows[M(VPSRAVQ)] = two(Fn::shift_sign, 64);
  }

  void moves() {
    const Rule whole{&P::move}, wide{&P::move, Fn::constant, 64};
    BOTH(MOVUPS, whole), BOTH(MOVAPS, whole), BOTH(MOVNTPS, whole), BOTH(MOVUPD, wide), BOTH(MOVAPD, wide);
    rows[M(VMOVDQU8)] = {&P::move, Fn::constant, 8};
    const Rule word{&P::move, Fn::constant, 32, 32}, twice{&P::move, Fn::constant, 64, 64};
    BOTH(MOVSS, word), BOTH(MOVD, word), BOTH(MOVSD, twice), BOTH(MOVQ, twice);
    rows[M(VMASKMOVPS)] = {&P::masked_move}, rows[M(VMASKMOVPD)] = {&P::masked_move, Fn::constant, 64};
    rows[M(VBROADCASTSS)] = {&P::spread_lane};
    rows[M(VBROADCASTSD)] = rows[M(VPBROADCASTQ)] = {&P::spread_lane, Fn::constant, 64};
    BOTH(MOVDDUP, {&P::spread_lane, Fn::constant, 64});
    const auto arranged = [](int how) { return Rule{&P::arrange, Fn::constant, 32, how}; };
    BOTH(PSHUFD, arranged(1)), BOTH(SHUFPS, arranged(2)), BOTH(PUNPCKLDQ, arranged(3)), BOTH(PUNPCKHDQ, arranged(4));
    BOTH(PUNPCKLQDQ, arranged(5)), rows[M(VPERMQ)] = arranged(6);
    rows[M(VEXTRACTF128)] = {&P::halves, Fn::constant, 128, 0, 0, 1};
    rows[M(VEXTRACTF64X4)] = {&P::halves, Fn::constant, 256, 0, 0, 1};
    rows[M(VINSERTF128)] = {&P::halves, Fn::constant, 128};
    rows[M(VINSERTF64X4)] = {&P::halves, Fn::constant, 256};
    BOTH(PACKSSDW, {&P::narrow, Fn::constant, 16}), BOTH(PACKSSWB, {&P::narrow, Fn::constant, 8});
    rows[M(VPERMPS)] = {&P::permute};
  }

  void conversions() {
    const auto to = [](Fn fn, int from, int width) { return Rule{&P::convert, fn, width, from}; };
    BOTH(CVTPS2PD, to(Fn::f_convert, 32, 64)), BOTH(CVTPD2PS, to(Fn::f_convert, 64, 32));
    BOTH(CVTDQ2PS, to(Fn::f_from_int, 32, 32)), BOTH(CVTDQ2PD, to(Fn::f_from_int, 32, 64));
    rows[M(VCVTQQ2PS)] = to(Fn::f_from_int, 64, 32), rows[M(VCVTQQ2PD)] = to(Fn::f_from_int, 64, 64);
    BOTH(CVTTPS2DQ, to(Fn::f_to_int, 32, 32)), BOTH(CVTTPD2DQ, to(Fn::f_to_int, 64, 32));
    rows[M(VCVTTPD2QQ)] = to(Fn::f_to_int, 64, 64);
    BOTH(PMOVSXDQ, to(Fn::sign_extend, 32, 64)), rows[M(VPMOVSQD)] = to(Fn::pack, 64, 32);
  }

  void compares() {
    BOTH(CMPPS, {&P::compare, Fn::f_compare, 32}), BOTH(CMPPD, {&P::compare, Fn::f_compare, 64});
    rows[M(VPCMPD)] = {&P::compare, Fn::compare, 32}, rows[M(VPCMPQ)] = {&P::compare, Fn::compare, 64};
    constexpr std::uint64_t kEqual = 0, kGreater = 6;
    BOTH(PCMPEQD, {&P::compare, Fn::compare, 32, 0, kEqual}), BOTH(PCMPEQQ, {&P::compare, Fn::compare, 64, 0, kEqual});
    BOTH(PCMPGTD, {&P::compare, Fn::compare, 32, 0, kGreater});
    BOTH(PCMPGTQ, {&P::compare, Fn::compare, 64, 0, kGreater});
    rows[M(VBLENDVPS)] = rows[M(VBLENDMPS)] = {&P::blend};
    rows[M(VBLENDVPD)] = rows[M(VBLENDMPD)] = {&P::blend, Fn::constant, 64};
  }

  void predicates() {
    rows[M(KMOVW)] = {&P::mask_move, Fn::constant, 16}, rows[M(KMOVD)] = {&P::mask_move, Fn::constant, 32};
    rows[M(KANDW)] = {&P::mask_logic, Fn::bit_and}, rows[M(KORW)] = {&P::mask_logic, Fn::bit_or};
    rows[M(KXORW)] = {&P::mask_logic, Fn::bit_xor}, rows[M(KANDNW)] = {&P::mask_logic, Fn::bit_andnot};
    rows[M(KNOTW)] = {&P::mask_logic, Fn::bit_xor, 32, 0, 0, 1};
    rows[M(KSHIFTLW)] = {&P::mask_logic, Fn::shift_left}, rows[M(KSHIFTRW)] = {&P::mask_logic, Fn::shift_right};
    rows[M(VPMOVM2B)] = {&P::mask_to_bytes};
  }

  void fused() {
    const auto form = [](int which, int width, std::uint64_t signs) {
      return Rule{&P::fused, Fn::f_fma, width, which, signs};
    };
#define FORMS(name, signs)                                                                  \
  rows[M(name##132PS)] = form(132, 32, signs), rows[M(name##132PD)] = form(132, 64, signs); \
  rows[M(name##213PS)] = form(213, 32, signs), rows[M(name##213PD)] = form(213, 64, signs); \
  rows[M(name##231PS)] = form(231, 32, signs), rows[M(name##231PD)] = form(231, 64, signs);
    FORMS(VFMADD, 0) FORMS(VFNMADD, 1) FORMS(VFMSUB, 2) FORMS(VFNMSUB, 3)
#undef FORMS
#undef BOTH
#undef M
  }
};

const Processor::Rule* Processor::rule_of(ZydisMnemonic mnemonic) {
  static const Rules kRules;
  const auto found = kRules.rows.find(mnemonic);
  return found == kRules.rows.end() ? nullptr : &found->second;
}

}  // namespace trueno::inspect
