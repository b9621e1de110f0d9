// Instruction selection: from IR nodes to machine instructions over virtual registers.
//
// `Select` is the vocabulary the rows of an ISA file are written in; `isa.h` says what such a file provides.
// A value is one or more vectors ("parts"): a step of the loop covers as many elements as one vector of the
// narrowest type has lanes, so that 8-byte values beside 4-byte ones take two. Uniform code runs at 128 bits
// and only its lane 0 has meaning.
#pragma once

#include <string>
#include <vector>

#include "ir/kernel.h"
#include "jit/machine.h"
#include "jit/pool.h"
#include "jit/target.h"

namespace trueno::jit {

struct IsaRows;

struct Value {
  Operand part[2];
  std::uint8_t parts = 0;
  Operand array{};  ///< where the first part was loaded from, for rows that rather read half vectors than split one
};

/// What a row is asked to compute: one node, on the operands of one part.
struct Lane {
  const ir::Kernel& kernel;
  const ir::Node& node;
  Type type;  ///< of the first operand: what a compare compares, what a convert converts
  Operand a, b, c;
  bool negate_product = false, negate_addend = false;  ///< fma: signs folded in
};

/// Shifts by a constant overwrite their operand in the two-operand encoding, with one source.
bool ties_immediate(std::uint32_t id);

class Select {
 public:
  Select(const IsaRows& isa, Pool& pool, Section& out, std::uint8_t vector_bytes, std::uint32_t lanes, bool uniform)
      : isa_(isa), pool_(pool), out_(out), width_(vector_bytes), lanes_(lanes), uniform_(uniform) {
    if (out_.code.capacity() == 0) out_.code.reserve(32);  // most sections are shorter
  }

  // --- what rows use ---
  Operand fresh(RegClass cls, std::uint8_t width) {
    return {Place::virtual_reg, cls, 0, width, out_.virtual_registers++};
  }
  /// The operand in a register: itself, or freshly loaded.
  Operand reg(Operand o);
  /// dst = id(a [, b [, c]] [, imm]). All but the last source are brought into registers.
  Operand op(std::uint32_t id, Operand a) { return emit(id, {a, {}, {}}, 1); }
  Operand op(std::uint32_t id, Operand a, Operand b) { return emit(id, {a, b, {}}, 2); }
  Operand op(std::uint32_t id, Operand a, Operand b, Operand c) { return emit(id, {a, b, c}, 3); }
  Operand opi(std::uint32_t id, std::uint8_t imm, Operand a) { return emit(id, {a, {}, {}}, 1, imm); }
  Operand opi(std::uint32_t id, std::uint8_t imm, Operand a, Operand b) { return emit(id, {a, b, {}}, 2, imm); }
  /// The same with an explicit destination width (conversions, extracts).
  Operand op_to(std::uint8_t width, std::uint32_t id, Operand a) { return emit(id, {a, {}, {}}, 1, -1, width); }
  Operand opi_to(std::uint8_t width, std::uint32_t id, std::uint8_t imm, Operand a) {
    return emit(id, {a, {}, {}}, 1, imm, width);
  }
  /// A compare into a k register.
  Operand compare(std::uint32_t id, int imm, Operand a, Operand b);
  /// An instruction on k registers.
  Operand mask_op(std::uint32_t id, Operand a, Operand b = {});
  Operand mask_shift(std::uint32_t id, std::uint8_t count, Operand a);
  /// Merging: lanes with the mask take id(a [, b]), the others `keep`.
  Operand merge(std::uint32_t id, Operand mask, Operand keep, Operand a, Operand b = {});
  /// Zeroing: lanes with the mask take id(a), the others 0.
  Operand zeroed(std::uint32_t id, Operand mask, Operand a);
  Operand fma(const FmaForms& forms, Operand a, Operand b, Operand c);
  /// Table look-up lane by lane, through the frame: any number of entries, any type, any ISA.
  Operand lookup(Type type, std::uint32_t entries, std::uint32_t table, Operand index);
  /// The numbers of the elements of one part of a step, as i64.
  Operand index(std::uint8_t part);
  /// Any instruction, as the caller filled it in; where the same has just been computed, that value.
  Operand push(Instruction inst);

  Operand constant(Type type, std::uint64_t bits) {
    return {Place::pool, RegClass::vector, 0, width_,
            pool_.broadcast(bits, static_cast<std::uint32_t>(bits_of(type)) / 8)};
  }
  /// A mask with every lane set or none.
  Operand mask_constant(Type type, bool set);
  Operand f32(float v) { return constant(Type::f32, __builtin_bit_cast(std::uint32_t, v)); }
  Operand i32(std::uint32_t v) { return constant(Type::i32, v); }
  Operand i64(std::uint64_t v) { return constant(Type::i64, v); }
  /// The bits of one sign in that type, and all but.
  Operand sign(Type t) { return constant(t, bits_of(t) == 32 ? 0x80000000u : 0x8000000000000000u); }
  Operand magnitude(Type t) { return constant(t, bits_of(t) == 32 ? 0x7fffffffu : 0x7fffffffffffffffu); }

  Pool& pool() { return pool_; }
  std::uint8_t width() const { return width_; }
  std::uint32_t lanes() const { return lanes_; }
  bool uniform() const { return uniform_; }
  const IsaRows& isa() const { return isa_; }
  Section& section() { return out_; }
  std::uint8_t parts(Type t) const {
    const std::uint32_t bytes = lanes_ * static_cast<std::uint32_t>(bits_of(t)) / 8;
    return uniform_ || bytes <= width_ ? 1 : static_cast<std::uint8_t>(bytes / width_);
  }

  // --- what the loop uses ---
  /// Selects one node. An empty value (parts == 0) means declined; `reason` says why.
  Value node(const ir::Kernel& k, const ir::Node& n, const Value* args, bool negate_product = false,
             bool negate_addend = false);
  /// The row of a primitive on operands that are no node's: reductions' steps and merges.
  Operand primitive(ir::Op op, Type type, Operand a, Operand b = {});
  /// Makes the value end up at `home`: it is computed there if it can be, else moved. Nobody may use it afterwards
  /// but from there.
  void settle(Operand value, Operand home);
  void move(Operand to, Operand from);
  /// A register made zero by the idiom that waits for nothing.
  void zero(Operand reg);

  std::string reason;
  std::uint32_t current_node = ~0u;

 private:
  void to_legacy(Instruction& inst);
  const Instruction* same_before(const Instruction& inst) const;
  Operand emit(std::uint32_t id, std::array<Operand, 3> src, std::uint8_t n, int imm = -1, std::uint8_t width = 0);

  const IsaRows& isa_;
  Pool& pool_;
  Section& out_;
  std::uint8_t width_;
  std::uint32_t lanes_;
  bool uniform_;
};

}  // namespace trueno::jit
