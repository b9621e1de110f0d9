// What long double cannot decide: whether a result is the float nearest to the exact value, by MPFR.
//
// A function's value can lie so near the middle between two floats that any fixed width fails; the sweep then asks
// here. The functions are written once more, from MPFR's own, evaluated to 600 bits and, if need be, to 2400. A build
// without MPFR decides nothing, and what it leaves undecided is counted as such.
#pragma once

#include <optional>
#include <string_view>

namespace trueno::tools {

/// Whether this build has MPFR.
bool has_decider();

/// The float nearest to the reference of that name (ops/reference.h) at x, ties to even.
/// Nothing: no MPFR, a name it does not know, or a value that 2400 bits do not decide.
/// Threads: any number. Exact: the result is proved by both ends of the enclosure rounding to it.
std::optional<float> nearest_by_mpfr(std::string_view reference, float x);
std::optional<double> nearest_by_mpfr(std::string_view reference, double x);

}  // namespace trueno::tools
