// AVX2 with FMA (x86-64-v3): masks are vectors, tails are vmaskmov, tables of up to 16 floats are permutations.
#include "jit/x86_vector_masks.h"

namespace trueno::jit {
namespace {

using ir::Op;
using namespace x86;

/// The operand that may be memory is the one in the middle.
Operand choose(Select& s, Type t, Operand mask, Operand yes, Operand no) {
  Instruction inst;
  inst.id = ps_pd(t, I::kIdVblendvps, I::kIdVblendvpd);
  inst.src = {s.reg(no), yes, s.reg(mask)};
  inst.sources = 3;
  inst.dst = s.fresh(RegClass::vector, inst.src[0].width);
  return s.push(inst);
}

template <std::uint8_t kMode>
Operand round(Select& s, const Lane& l) {
  return s.opi(ps_pd(l.type, I::kIdVroundps, I::kIdVroundpd), kMode | 8, l.a);
}

/// Each half of the table by the low three bits, then the fourth bit chooses. Vectors of 128 bits use the
/// 256-bit permutation as well.
Operand permuted_table(Select& s, const Lane& l) {
  const ir::Table& t = l.kernel.tables[l.node.imm];
  const std::size_t n = t.entries.size();
  if (bits_of(t.type) != 32 || n > 16) return table(s, l);
  std::uint32_t halves[16];
  for (std::size_t i = 0; i < 16; ++i) halves[i] = static_cast<std::uint32_t>(t.entries[i % n]);
  const auto entries = [&](int half) {
    const auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(halves + 8 * half), 32);
    return Operand{Place::pool, RegClass::vector, 0, 32, s.pool().raw(bytes)};
  };
  const Operand index = s.reg(l.a).at_width(32);
  Operand found = s.op(I::kIdVpermps, index, entries(0));
  if (n > 8)
    found = choose(s, Type::f32, s.opi(I::kIdVpslld, 28, index), s.op(I::kIdVpermps, index, entries(1)), found);
  return found.at_width(s.width());
}

constexpr RowTable make_table() {
  RowTable t;
  vector_mask_rows(t);
  t[Op::fma] = t[Op::mad] = custom(fma);
  t[Op::floor] = custom(round<1>);
  t[Op::ceil] = custom(round<2>);
  t[Op::trunc] = custom(round<3>);
  t[Op::rint] = custom(round<0>);
  t[Op::table] = custom(permuted_table);
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

}  // namespace

const IsaRows& avx2_rows() {
  static constexpr IsaRows kRows{.isa = Isa::avx2,
                                 .vector_registers = 16,
                                 .table = kTable,
                                 .tails = Tails::masked_moves,
                                 .move = I::kIdVmovups,
                                 .reg_move = I::kIdVmovaps,
                                 .zero = I::kIdVpxor,
                                 .scalar_move = {I::kIdVmovss, I::kIdVmovsd},
                                 .mask_move = 0,
                                 .never = 0,
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
