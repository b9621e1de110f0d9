// The compiled loops of the fallback: one per primitive and type, built once for each x86-64 level (loops.cpp).
//
// Values lie in memory as in arrays of their type; a mask is an integer of its width, 0 or -1. Operands and results
// never overlap, and need no more alignment than an element has.
#pragma once

#include <cstddef>

#include "ir/primitives.h"
#include "trueno/kernel.h"

namespace trueno::aot {

/// Loops work through chunks of so many elements.
constexpr std::size_t kChunk = 64;

/// Where a loop reads.
struct Operand {
  const void* row;
  std::size_t advance;  ///< elements from one chunk to the next: kChunk, or 0 for one chunk of the same value
};

/// out[i] = primitive(in[0]->row[i], in[1]->row[i], in[2]->row[i]). A table reads in[0], and a TableView at in[1].
using Loop = void (*)(const Operand* const* in, void* out, std::size_t n);
/// lanes[j] = primitive(lanes[j], in[0][r*V + j], ...) row by row, over all V lanes of an accumulator; of an fma, the
/// lanes are the addend.
using Rows = void (*)(void* lanes, const void* const* in, std::size_t rows);

struct TableView {
  const void* entries;
  std::size_t last;  ///< number of entries, a power of two, less one
};

/// A primitive with the types it is asked for.
struct Shape {
  ir::Op op;
  Type result, first, second;  ///< of the node, of its first two operands (the node's own where there are none)
};

struct Level {
  Isa isa;
  Loop (*loop)(const Shape&);     ///< null: there is none
  Loop (*mask_bytes)(Type mask);  ///< to bytes 0 and 1
  Rows (*rows)(ir::Op, Type);     ///< null: there is none
};

/// All levels are linked in; the caller knows which the host can run.
const Level& level(Isa isa);

}  // namespace trueno::aot
