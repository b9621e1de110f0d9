// What the verifier feeds to kernels: values chosen to hurt, reproducible from a seed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trueno/types.h"

namespace trueno::runtime {

/// Where the values of one round come from.
enum class Pattern : std::uint8_t {
  ordinary,  ///< floats in [-4, 4), small integers: what results look like to a user
  wide,      ///< magnitudes 2^-30 .. 2^30: any change in the order of additions shows
  special,   ///< three in four from `special_values`
  bits,      ///< any bits at all
  rare_nan,  ///< ordinary with one NaN in sixty; integers: one extreme in sixty
  minus,     ///< -0.0 with one +0.0 in sixty; integers: 0 with a few -1
  plus,      ///< +0.0 with one -0.0 in sixty; integers: 0 with a few 1
  cases,     ///< the caller's hard cases
};
constexpr std::string_view name_of(Pattern p) {
  constexpr std::string_view kNames[] = {"ordinary", "wide",        "special",     "random bits",
                                         "rare NaN", "mostly -0.0", "mostly +0.0", "hard cases"};
  return kNames[static_cast<std::size_t>(p)];
}

/// Zeros, infinities, NaNs with payloads, subnormals, extremes, and the neighbours of every conversion limit.
std::span<const std::uint64_t> special_values(Type type);

/// A good mix of the bits of its argument (splitmix64): the same everywhere, cheap, and with no state.
constexpr std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// The bits of one value. `draw` is a random number for this value. Not for Pattern::cases.
std::uint64_t draw_value(Pattern pattern, Type type, std::uint64_t draw);

/// The bits at p, of a type as arrays store it; masks are one byte.
std::uint64_t load_bits(Type type, const void* p);
void store_bits(Type type, void* p, std::uint64_t bits);
/// "0x3fc00000 (1.5)"; a mask as 0 or 1.
std::string show_bits(Type type, std::uint64_t bits);

}  // namespace trueno::runtime
