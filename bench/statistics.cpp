// See statistics.h.
#include "bench/statistics.h"

#include <algorithm>
#include <cmath>

namespace trueno::bench {
namespace {

/// Between neighbours, of sorted values.
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// The largest k for which k or fewer of n fair coins fall heads with that chance at most, or n if there is none.
std::size_t tail_of_coins(std::size_t n, double chance) {
  // Logarithms, as 2^-n underflows from n = 1075 on.
  double log_chance = -static_cast<double>(n) * std::log(2.0), below = 0;
  for (std::size_t k = 0; k <= n; ++k) {
    below += std::exp(log_chance);
    if (below > chance) return k == 0 ? n : k - 1;
    log_chance += std::log(static_cast<double>(n - k)) - std::log(static_cast<double>(k + 1));
  }
  return n;
}

}  // namespace

Summary summarize(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return {times.front(), quantile(times, 0.5), quantile(times, 0.25), quantile(times, 0.75)};
}

Interval median_interval(std::vector<double> values, double outside) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size(), k = tail_of_coins(n, outside / 2);
  // The median is below the k-th smallest only if k or fewer of n values fell below it.
  const std::size_t low = k < n ? k : 0;
  return {values[low], quantile(values, 0.5), values[n - 1 - low]};
}

Interval ratio_of(std::span<const double> ours, std::span<const double> theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  return median_interval(std::move(ratios));
}

Standing standing(const Interval& ratio, const Interval& to_itself) {
  if (ratio.high < std::min(1 - kNoise, to_itself.low)) return Standing::ahead;
  if (ratio.low > std::max(1 + kNoise, to_itself.high)) return Standing::behind;
  return Standing::even;
}

}  // namespace trueno::bench
