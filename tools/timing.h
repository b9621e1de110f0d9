// Times of short work, as the minimum of repeated batches.
//
// Noise on a busy machine only ever adds time, so the minimum is the estimate. A batch is long enough for the
// clock's own cost not to show; batches of different candidates are interleaved, so that a slow moment of the
// machine falls on all of them and ratios stay fair.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <vector>

namespace trueno::tools {

inline double now_ns() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::nano>(Clock::now().time_since_epoch()).count();
}

/// One candidate: work to be timed, and the best time found, in ns per call.
struct Timed {
  std::function<void()> work;
  double ns = std::numeric_limits<double>::infinity();
};

inline double batch_ns(const std::function<void()>& work, int calls) {
  const double begin = now_ns();
  for (int i = 0; i < calls; ++i) work();
  return (now_ns() - begin) / calls;
}

/// Measures all of them, batch by batch in turn, until `budget_ns` is used up; each at least three times.
inline void measure(std::vector<Timed>& candidates, double budget_ns) {
  constexpr double kBatchNs = 200e3;
  std::vector<int> calls;
  const double begin = now_ns();
  for (const Timed& t : candidates) {
    batch_ns(t.work, 1);  // warms caches and pages
    calls.push_back(static_cast<int>(std::clamp(kBatchNs / std::max(batch_ns(t.work, 1), 1.0), 1.0, 1e6)));
  }
  for (int round = 0; round < 3 || now_ns() - begin < budget_ns; ++round)
    for (std::size_t i = 0; i < candidates.size(); ++i)
      candidates[i].ns = std::min(candidates[i].ns, batch_ns(candidates[i].work, calls[i]));
}

}  // namespace trueno::tools
