// Where the elements of one operand lie, of a call over arrays or over rows: so many rows of so many bytes, so far
// apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "trueno/kernel.h"

namespace trueno::runtime {

struct Area {
  std::byte* data = nullptr;
  std::size_t rows = 1, row_bytes = 0, step = 0;

  std::size_t bytes() const { return rows * row_bytes; }
  std::byte* row(std::size_t i) const { return data + i * step; }
  /// From the first byte to behind the last.
  std::size_t extent() const { return rows == 0 ? 0 : (rows - 1) * step + row_bytes; }
  bool touches(const Area& o) const {
    const auto from = reinterpret_cast<std::uintptr_t>(data), other = reinterpret_cast<std::uintptr_t>(o.data);
    return bytes() != 0 && o.bytes() != 0 && from < other + o.extent() && other < from + extent();
  }
};

/// Of an array argument, or of any result. A scalar argument has none: it is in the argument itself.
template <class Operand>
Area area_of(const Operand& x) {
  const std::size_t bytes = x.length * stored_bytes(x.type);
  Area area{static_cast<std::byte*>(const_cast<void*>(static_cast<const void*>(x.data))), 1, bytes, bytes};
  if constexpr (requires { x.matrix; })
    if (x.matrix) area.rows = x.rows, area.step = x.stride * stored_bytes(x.type);
  return area;
}

/// Row by row; of one shape.
inline void copy(const Area& to, const Area& from) {
  for (std::size_t i = 0; i < from.rows && from.row_bytes != 0; ++i)
    std::memcpy(to.row(i), from.row(i), from.row_bytes);
}

}  // namespace trueno::runtime
