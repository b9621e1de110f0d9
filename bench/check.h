// Whether a result is right, and how far off it is, in units in the last place.
#pragma once

#include <string>

#include "bench/tasks.h"

namespace trueno::bench {

struct Verdict {
  double ulp = 0;     ///< the largest error
  std::string wrong;  ///< not empty: plainly wrong, not just imprecise; says where
};

/// Compares what a task left in `out` with the right answer: n values, or one.
/// Units: of the last place of the result type; an integer's is 1. Plainly wrong: an integer that differs, a NaN, or a
/// number off by more than a hundredth of itself and a thousandth of the largest there is (but at most of 1).
Verdict judge(const Answer& answer, Type result, const void* out);

/// The distance between neighbouring numbers of the type near v.
double unit_in_last_place(Type type, long double v);

/// Errors beyond this are shown, and the contender is not counted as best.
inline constexpr double kMostUlp = 5;

}  // namespace trueno::bench
