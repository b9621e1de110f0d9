// Values that tell functions apart: where instructions have their corners, values near each other, and any bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trueno/types.h"

namespace trueno::inspect {

/// A small generator of numbers, the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

/// Zeros, limits, halves, subnormals, NaN, ...: bits of a value of that type; both values of a mask.
std::span<const std::uint64_t> hard_values(Type type);
/// Any value, or one that has to do with `other` (a value of the same width), which then matters.
std::uint64_t any_value(Type type, Random& random, const std::uint64_t* other);
/// a, b and c whose a*b + c lies next to the middle between two floats, so close that the sum rounded to twice the bits
/// is the middle.
void near_tie_of_fma(int width, std::uint64_t (&abc)[3], Random& random);
/// A number of ordinary size, never 0, infinite or NaN; of a mask, either.
std::uint64_t mild_value(Type type, Random& random);
/// Another NaN if the value is one.
std::uint64_t other_nan(int width, std::uint64_t bits, Random& random);
bool is_nan(int width, std::uint64_t bits);
std::uint64_t canonical_nan(int width);

}  // namespace trueno::inspect
