// What the pairs of two builds say: for each kernel and size a ratio with an interval, and one verdict.
//
// A pass is what was drawn independently of the others: addresses of the libraries, places of code and arrays, a moment
// of the machine. So a pass counts as one value, the median of its pairs; what repeats within a pass is not more
// evidence. The interval is that of order statistics over passes (bench/statistics.h), at a level that holds for all
// cells of a run together (Bonferroni): one whole run in a hundred says of some cell what is not so, at most.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/bench_pass.h"

namespace trueno::tools {

/// One run in so many finds something where nothing is.
inline constexpr double kRunsWrong = 0.01;
/// Less than that, as a part, is not called a difference: addresses of the libraries' own code alone make as much.
inline constexpr double kNoDifference = 0.005;

enum class Verdict : std::uint8_t { slower, faster, equal, noisy };  ///< B beside A
constexpr const char* name_of(Verdict v) {
  constexpr const char* kNames[] = {"slower", "faster", "equal", "noisy"};
  return kNames[static_cast<int>(v)];
}

/// Where a difference sits.
enum class Where : std::uint8_t { nowhere, dispatch, per_call, per_element, unclear };
constexpr const char* name_of(Where w) {
  constexpr const char* kNames[] = {"", "around the code", "per call", "per element", "unclear"};
  return kNames[static_cast<int>(w)];
}

/// Time of B over that of A.
struct Ratio {
  double low = 0, median = 0, high = 0;
  bool differs() const { return low > 1 + kNoDifference || high < 1 - kNoDifference; }
  bool apart_from(const Ratio& other) const { return low > other.high || high < other.low; }
};

struct Cell {
  std::string kernel;
  std::size_t n = 0;
  double a_ns = 0, b_ns = 0;  ///< the time of a call: of the best pass
  Ratio averaged;             ///< over places of code and arrays: what the verdict is about
  Ratio as_it_lies;
  Verdict verdict = Verdict::noisy;
  double within = 0;        ///< equal: within this; noisy: less than this could not have been told; parts of 1
  bool layout = false;      ///< as it lies they differ, averaged over places they do not: that is for where things lie
  double layout_share = 0;  ///< of the variance of a pair's ratio, the part that comes from places; 0: none to be seen
  Where where = Where::nowhere;
  bool same_bits = true;
};

/// The fewest passes that intervals of that level for so many cells can be had of.
std::size_t fewest_passes(std::size_t cells);

/// `tolerance`: equal is only said within that. All passes are of one plan.
std::vector<Cell> judge(const PassPlan& plan, const std::vector<Pass>& passes, double tolerance);

/// The part of the variance that lies between groups, by the one-way analysis of variance; outliers are drawn in first.
/// 0 where groups do not differ by more than their values make them.
double share_between(const std::vector<std::vector<double>>& groups);

}  // namespace trueno::tools
