// One primitive over many elements: the interpreter's inner loop, and (with one element) constant folding.
//
// Values travel as 64-bit cells whatever their type: f32 and i32 in the low half, masks as 0 or 1. That
// costs memory, not clarity: the rest of the interpreter never asks for a type.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "ir/kernel.h"

namespace trueno::ir {

using Cell = std::uint64_t;

/// A cell as a scalar of type T, and back.
template <class T>
constexpr T from_cell(Cell cell) {
  if constexpr (std::is_same_v<T, bool>)
    return cell != 0;
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(static_cast<std::uint32_t>(cell));
  else
    return std::bit_cast<T>(cell);
}
template <class T>
constexpr Cell to_cell(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return value ? 1 : 0;
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<std::uint32_t>(value);
  else
    return std::bit_cast<std::uint64_t>(value);
}

/// Calls f(T{}) with the C++ type of a number type.
template <class F>
decltype(auto) with_number(Type type, F f) {
  switch (type) {
    case Type::f32: return f(float{});
    case Type::f64: return f(double{});
    case Type::i32: return f(std::int32_t{});
    default: return f(std::int64_t{});
  }
}

/// The operands and the result of a primitive, `n` cells each. Unused operands are null.
struct Cells {
  const Cell* a;
  const Cell* b;
  const Cell* c;
  Cell* out;
  std::size_t n;
};

/// out[i] = node's primitive of a[i], b[i], c[i]. Not for leaves, calls and reductions: they do nothing.
/// A float NaN that arithmetic makes is the canonical one, so that the interpreter gives the same bits
/// wherever it is compiled, and a `canonical` node that expand forgot shows up as a difference.
void evaluate(const Kernel& kernel, const Node& node, const Cells& cells);

}  // namespace trueno::ir
