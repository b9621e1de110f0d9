// What an ISA file provides: one row per primitive, and the few instructions the loop itself needs.
#pragma once

#include <array>
#include <cstdint>

#include "ir/primitives.h"
#include "jit/select.h"

namespace trueno::jit {

/// How one primitive becomes instructions. A row that is left out does not compile (see `complete`).
struct Row {
  enum Kind : std::uint8_t {
    missing,
    structural,  ///< not selected: leaves, reductions, calls
    lanewise,    ///< one instruction per type
    custom,      ///< a few instructions, part by part
    whole,       ///< needs all parts of its operand at once: conversions between widths
    declined,    ///< no good code; the next back end runs the pass
  };
  Kind kind = missing;
  std::uint32_t id[4] = {};  ///< lanewise: by Type f32, f64, i32, i64; 0: declined for that type
  Operand (*lane)(Select&, const Lane&) = nullptr;
  Value (*value)(Select&, const Lane&, const Value& in) = nullptr;
};

constexpr Row lanewise(std::uint32_t f32, std::uint32_t f64, std::uint32_t i32, std::uint32_t i64) {
  return {Row::lanewise, {f32, f64, i32, i64}, nullptr, nullptr};
}
constexpr Row custom(Operand (*f)(Select&, const Lane&)) { return {Row::custom, {}, f, nullptr}; }
constexpr Row whole(Value (*f)(Select&, const Lane&, const Value&)) { return {Row::whole, {}, nullptr, f}; }
inline constexpr Row kStructural = {Row::structural, {}, nullptr, nullptr};
inline constexpr Row kDeclined = {Row::declined, {}, nullptr, nullptr};

struct RowTable {
  std::array<Row, ir::kPrimitiveCount> rows{};
  constexpr Row& operator[](ir::Op op) { return rows[static_cast<std::size_t>(op)]; }
  constexpr const Row& operator[](ir::Op op) const { return rows[static_cast<std::size_t>(op)]; }
};

/// Every primitive has a row: the checklist when one is added.
constexpr bool complete(const RowTable& table) {
  for (const Row& r : table.rows)
    if (r.kind == Row::missing) return false;
  return true;
}

/// How a tail touches no byte beyond its arrays.
enum class Tails : std::uint8_t {
  opmask,        ///< masked moves under k registers
  masked_moves,  ///< vmaskmov under vector masks; arrays of bytes are staged
  staged,        ///< elements are copied one by one to and from the frame
};

struct IsaRows {
  Isa isa;
  std::uint32_t vector_registers;
  const RowTable& table;
  Tails tails;
  std::uint32_t move;            ///< unaligned full-width vector move, register or memory
  std::uint32_t reg_move;        ///< between registers
  std::uint32_t zero;            ///< exclusive or, of a register with itself
  std::uint32_t scalar_move[2];  ///< of 4 and 8 bytes to or from memory
  std::uint32_t mask_move;       ///< k registers; 0 where masks are vectors
  std::uint32_t never;           ///< a compare into a k register that 3 makes never and 7 always true; 0 likewise
  /// Two-operand encodings: the VEX id a row speaks of, in the older encoding. Null: three operands, as rows write.
  std::uint32_t (*legacy)(std::uint32_t id);
  /// mask ? yes : no
  Operand (*choose)(Select&, Type, Operand mask, Operand yes, Operand no);
  /// Masked access in the tail; `mask` is a k register or a vector by ISA. Staged arrays are not masked.
  Operand (*load_masked)(Select&, Type, Operand mask, Operand memory);
  void (*store_masked)(Select&, Type, Operand mask, Operand memory, Operand value);
  /// dst = mask ? value : dst, dst an accumulator.
  void (*accumulate_masked)(Select&, Type, Operand mask, Operand dst, Operand value);
  /// The lanes of a mask as bytes 0 or 1, first lane first, in the low bytes of a vector.
  Operand (*mask_bytes)(Select&, Type, const Value& mask);
  /// Lane 0 of a mask to a slot: its lowest bit counts.
  void (*store_mask_slot)(Select&, Operand mask, Operand slot);

  bool opmasks() const { return tails == Tails::opmask; }
};

const IsaRows& sse2_rows();
const IsaRows& sse42_rows();
const IsaRows& avx2_rows();
const IsaRows& avx512_rows();
const IsaRows& rows_of(Isa isa);

/// What every ISA has in its own encoding.
Operand upper_half(Select& s, Operand v);
/// Lane 1 of 4-byte lanes, brought to lane 0.
Operand lane_one(Select& s, Operand v);

}  // namespace trueno::jit
