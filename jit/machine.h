// Machine code before it has registers: what selection writes, allocation completes and emission encodes.
//
// A `Section` is straight-line code over virtual registers. Values come from and go to named places (array
// elements, uniform slots, accumulators, the constant pool); only emission knows their addresses, so one
// allocated section serves every copy of an unrolled loop body.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace trueno::jit {

enum class RegClass : std::uint8_t { vector, mask };

/// Where an operand lives.
enum class Place : std::uint8_t {
  none,
  virtual_reg,  // index: virtual register
  fixed_reg,    // index: machine register
  accumulator,  // index: accumulator, part: vector of the step; a machine register chosen per unrolled copy
  pool,         // index: byte offset in the constant pool
  array,        // index: array; part: vector of the step
  uniform,      // index: slot, kept as a whole vector in the frame
  slot,         // index: slot in the caller's array, one element
  lanes,        // index: accumulator kept in the frame; part: vector of the step, at the loop's position
  frame_lanes,  // index: accumulator kept in the frame; part: vector, from its start
  stack_lanes,  // index: accumulator; part: vector; the entry of the merge stack the top register points to
  tail_window,  // AVX2's sliding mask; part in bytes from its start
  spill,        // index: spill slot in the frame
};

struct Operand {
  Place place = Place::none;
  RegClass cls = RegClass::vector;
  std::uint8_t part = 0;   ///< offset from the place's start in units of 8 bytes
  std::uint8_t width = 0;  ///< bytes accessed or register width: 16, 32, 64; scalars 4, 8
  std::uint32_t index = 0;

  bool is_reg() const {
    return place == Place::virtual_reg || place == Place::fixed_reg || place == Place::accumulator;
  }
  bool is_virtual() const { return place == Place::virtual_reg; }
  bool is_memory() const { return place >= Place::pool; }
  bool exists() const { return place != Place::none; }
  Operand at_width(std::uint8_t bytes) const {
    Operand o = *this;
    o.width = bytes;
    return o;
  }
  friend bool operator==(const Operand&, const Operand&) = default;
};

/// The three encodings of a fused multiply-add; allocation picks the one whose destination is free to die.
struct FmaForms {
  std::uint32_t f132 = 0, f213 = 0, f231 = 0;
};

struct Instruction {
  std::uint32_t id = 0;  ///< asmjit's instruction id
  Operand dst;
  std::array<Operand, 3> src{};
  std::uint8_t sources = 0;
  bool has_imm = false;
  std::uint8_t imm = 0;
  Operand mask;                   ///< AVX-512 predicate
  bool zeroing = false;           ///< {z} instead of merging
  bool tied = false;              ///< dst must be src[0] (and is not an operand of the encoding by itself)
  bool lookup = false;            ///< no instruction: dst[i] = entry (src[0][i] & imm) of the table src[1]
  bool position = false;          ///< no instruction: every 8-byte lane of dst = the step's first element + imm
  const FmaForms* fma = nullptr;  ///< src = {a, b, c} of a*b + c
  std::uint32_t node = ~0u;       ///< the IR node it came from
};

struct Section {
  std::vector<Instruction> code;
  std::uint32_t virtual_registers = 0;
};

}  // namespace trueno::jit
