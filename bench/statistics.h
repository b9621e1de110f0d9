// What a list of times says: least, median, and an interval for the median of paired ratios.
//
// Ratios are taken within a round, in which all contenders ran one after the other, so that a slow moment of the
// machine falls on both sides of a ratio. The interval is that of order statistics, which supposes nothing about how
// times are spread: the true median lies outside of it in one of twenty runs, if rounds are independent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace trueno::bench {

struct Summary {
  double least = 0, median = 0;
  double low_quarter = 0, high_quarter = 0;
  /// How far the middle half of the times spreads, as a part of the median.
  double spread() const { return median > 0 ? (high_quarter - low_quarter) / median : 0; }
};
/// Of at least one time.
Summary summarize(std::vector<double> times);

struct Interval {
  double low = 0, median = 0, high = 0;
  bool contains(double v) const { return low <= v && v <= high; }
};
/// The median of `values` with an interval that the true one lies outside of with a chance of `outside`, at most; all
/// of them where they are too few for that (fewer than six for 5 %).
Interval median_interval(std::vector<double> values, double outside = 0.05);

/// Of ours[i] / theirs[i]: both of one length.
Interval ratio_of(std::span<const double> ours, std::span<const double> theirs);

enum class Standing : std::uint8_t { even, ahead, behind };
constexpr const char* name_of(Standing s) {
  constexpr const char* kNames[] = {"even", "ahead", "behind"};
  return kNames[static_cast<int>(s)];
}
/// What a ratio says, beside the ratio of ours to ourselves in the same rounds: a difference counts only where its
/// interval does not touch that of no difference, and lies more than kNoise from 1.
inline constexpr double kNoise = 0.01;  ///< two copies of one kernel differ by as much, for where they lie
Standing standing(const Interval& ratio, const Interval& to_itself);

}  // namespace trueno::bench
