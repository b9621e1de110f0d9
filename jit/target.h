// What code is generated for: an instruction set level, a vector length, and how to use them.
#pragma once

#include <cstdint>

#include "trueno/kernel.h"

namespace trueno::jit {

/// What may be tuned. Nothing here can change a bit of a result.
struct Tuning {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  std::uint32_t unroll = 0;        ///< vectors (steps) per turn of the main loop, at most; 0: the generator chooses
  std::uint32_t accumulators = 0;  ///< registers that hold a reduction's lanes, at most; 0: as many as are free
  /// From so many elements on, a part of a step comes first, so that stores are aligned: of 10,000 f32 at 16 bytes from
  /// a cache line relu(a*x+b) takes 0.79 of the time, of a million 0.59.
  std::uint64_t peel = 1024;
  std::uint64_t nontemporal_bytes = kNever;  ///< from so many bytes stored on, stores go past the caches
  std::uint32_t code_offset = 0;  ///< bytes left out before the code, to measure what its place does to its speed
  friend bool operator==(const Tuning&, const Tuning&) = default;
};

struct Target {
  Isa isa = Isa::avx2;
  int vector_bits = 256;
  Tuning tuning{};
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
