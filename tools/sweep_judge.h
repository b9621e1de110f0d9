// How one result is judged, and what the judgements of many add up to.
//
// f32 results are held against a reference in double, f64 results against one in long double. Where the reference lies
// too near the middle between two floats to tell which is nearest, the next wider one is asked, and MPFR at last
// (decide.h); what even that leaves open, or a build without it, is counted as undecided, never as right or wrong.
#pragma once

#include <cstdint>

#include "ops/reference.h"

namespace trueno::tools {

/// A property that must hold exactly, how often it did not, and where first.
struct Finding {
  std::uint64_t count = 0;
  std::uint64_t input = 0, got = 0;  ///< bits, of the lowest input
};

/// What is known after some results; the sum of two does not depend on their order.
struct Tally {
  std::uint64_t inputs = 0;
  double max_ulp = 0;  ///< infinite where NaN or an infinity is wrong
  std::uint64_t worst_input = 0, worst_got = 0;
  long double worst_exact = 0;
  std::uint64_t misrounded = 0;  ///< not the float nearest to the exact result
  std::uint64_t undecided = 0;   ///< too near a tie to tell; not counted as misrounded
  Finding nan;                   ///< NaN where there is a number, the other way round, or not the canonical NaN
  Finding infinity;              ///< an infinity that is exact, missed; or an infinity far from overflow
  Finding zero_sign;             ///< a zero of the wrong sign

  void add(const Tally& other);
};

/// Takes one result into account.
void judge(Tally& tally, const ops::Reference& reference, float x, float got);
void judge(Tally& tally, const ops::Reference& reference, double x, double got);
/// The same against a value in f64 that somebody else computed, correct but for its own rounding; of f64 results, where
/// it says nothing of what is nearest, none is called misrounded.
void judge(Tally& tally, double exact, float x, float got);
void judge(Tally& tally, double exact, double x, double got);

}  // namespace trueno::tools
