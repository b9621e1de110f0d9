// Judging results (sweep_judge.h).
#include "tools/sweep_judge.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "tools/decide.h"

namespace trueno::tools {
namespace {

std::uint64_t bits_of_float(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint64_t bits_of_float(double x) { return std::bit_cast<std::uint64_t>(x); }

template <class F>
constexpr std::uint64_t kCanonicalNan = sizeof(F) == 4 ? 0x7fc00000 : 0x7ff8000000000000;

void note(Finding& finding, std::uint64_t input, std::uint64_t got) {
  if (finding.count++ == 0 || input < finding.input) finding.input = input, finding.got = got;
}
void add(Finding& into, const Finding& from) {
  if (from.count == 0) return;
  if (into.count == 0 || from.input < into.input) into.input = from.input, into.got = from.got;
  into.count += from.count;
}

/// The bits of the significand, the explicit ones.
std::uint64_t significand_of(double x) { return std::bit_cast<std::uint64_t>(x); }
std::uint64_t significand_of(long double x) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// Whether the wider value says which float is nearest: it does unless it lies within 16 of its own ULP of the middle
/// between two. The C library's functions and the references built of them are good to about 3.
template <class F, class W>
bool decided(W exact) {
  constexpr int kDroppedBits = std::numeric_limits<W>::digits - std::numeric_limits<F>::digits;
  if (kDroppedBits == 0) return false;
  if (!(std::fabs(exact) >= std::numeric_limits<F>::min()))  // subnormal: sure where it is a float itself
    return static_cast<W>(static_cast<F>(exact)) == exact || !std::isfinite(exact);
  if constexpr (kDroppedBits < 6 || std::numeric_limits<W>::digits > 64) {
    return false;
  } else {
    constexpr std::uint64_t kTie = std::uint64_t{1} << (kDroppedBits - 1), kDropped = 2 * kTie - 1;
    const std::uint64_t low = significand_of(exact) & kDropped;
    return low + 16 < kTie || low > kTie + 16;
  }
}

/// By long double, for f32. What is halfway there is halfway indeed for products and quotients, whose ties long double
/// holds exactly; a function evaluated to about 2^-39 ULP decides nothing closer than 2^-34 (sigmoid of 2^-23 is a tie
/// but for x^3/48).
std::optional<float> nearest_by_wider(const ops::Reference& reference, float x, float got) {
  const long double wider_x = x;
  const long double exact = reference.wider(&wider_x);
  const double from_tie = std::fabs(ops::ulp_error(got, exact) - 0.5);
  if (from_tie < 0x1p-34 && (from_tie != 0 || reference.transcendental)) return std::nullopt;
  return static_cast<float>(exact);
}
std::optional<double> nearest_by_wider(const ops::Reference&, double, double) { return std::nullopt; }

/// The float nearest to the exact value where `exact` alone cannot tell.
template <class F>
std::optional<F> nearest_near_tie(const ops::Reference& reference, F x, F got) {
  if (const auto known = nearest_by_wider(reference, x, got)) return known;
  return nearest_by_mpfr(reference.name, x);
}

/// `near_tie()`: the float nearest to the exact value, where `exact` alone cannot tell.
template <class F, class W, class NearTie>
void judge_as(Tally& tally, F x, F got, W exact, const NearTie& near_tie) {
  const std::uint64_t input = bits_of_float(x), bits = bits_of_float(got);
  ++tally.inputs;
  if (std::isnan(exact) || std::isnan(got)) {
    if (!std::isnan(exact) || bits != kCanonicalNan<F>) note(tally.nan, input, bits);
    return;
  }
  if (std::isinf(exact) && exact != got) note(tally.infinity, input, bits);
  if (got == 0 && std::signbit(got) != std::signbit(exact)) note(tally.zero_sign, input, bits);
  const double error = ops::ulp_error(got, exact);
  if (error > 1 && std::isinf(got) && !std::isinf(exact)) note(tally.infinity, input, bits);
  if (error > tally.max_ulp || (error == tally.max_ulp && error > 0 && input < tally.worst_input))
    tally.max_ulp = error, tally.worst_input = input, tally.worst_got = bits, tally.worst_exact = exact;
  if (error > 1) {
    ++tally.misrounded;
    return;
  }
  const std::optional<F> nearest = decided<F>(exact) ? std::optional(static_cast<F>(exact)) : near_tie();
  if (nearest)
    tally.misrounded += *nearest != got;
  else
    ++tally.undecided;
}

}  // namespace

void Tally::add(const Tally& from) {
  inputs += from.inputs;
  misrounded += from.misrounded;
  undecided += from.undecided;
  tools::add(nan, from.nan);
  tools::add(infinity, from.infinity);
  tools::add(zero_sign, from.zero_sign);
  if (from.max_ulp < max_ulp || (from.max_ulp == max_ulp && (max_ulp == 0 || from.worst_input >= worst_input))) return;
  max_ulp = from.max_ulp;
  worst_input = from.worst_input;
  worst_got = from.worst_got;
  worst_exact = from.worst_exact;
}

void judge(Tally& tally, const ops::Reference& reference, float x, float got) {
  const double wide_x = x;
  judge_as(tally, x, got, reference.wide(&wide_x), [&] { return nearest_near_tie(reference, x, got); });
}
void judge(Tally& tally, const ops::Reference& reference, double x, double got) {
  const long double wider_x = x;
  judge_as(tally, x, got, reference.wider(&wider_x), [&] { return nearest_near_tie(reference, x, got); });
}
void judge(Tally& tally, double exact, float x, float got) {
  judge_as(tally, x, got, exact, [] { return std::optional<float>(); });
}
void judge(Tally& tally, double exact, double x, double got) {
  judge_as(tally, x, got, exact, [] { return std::optional<double>(); });
}

}  // namespace trueno::tools
