// What code is generated for: an instruction set level and a vector length.
#pragma once

#include "trueno/kernel.h"

namespace trueno::jit {

struct Target {
  Isa isa = Isa::avx2;
  int vector_bits = 256;
  int vector_bytes() const { return vector_bits / 8; }
  friend bool operator==(const Target&, const Target&) = default;
};

/// True if that ISA has vectors of that length: avx2: 128, 256; avx512: 128, 256, 512.
constexpr bool has_vector_length(Isa isa, int bits) {
  if (bits == 128) return true;
  if (bits == 256) return isa >= Isa::avx2;
  return bits == 512 && isa == Isa::avx512;
}

}  // namespace trueno::jit
