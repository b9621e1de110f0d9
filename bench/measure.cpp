// See measure.h.
#include "bench/measure.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

namespace trueno::bench {
namespace {

/// ns per call.
double batch(const Contender& c, int calls) {
  const double begin = now_ns();
  for (int i = 0; i < calls; ++i) c.run(c.work);
  return (now_ns() - begin) / calls;
}

int calls_per_batch(const Contender& c, double batch_ns) {
  const auto fitting = [&](double ns, int most) {
    const int calls = static_cast<int>(std::clamp(batch_ns / std::max(ns, 0.3), 1.0, static_cast<double>(most)));
    return c.between != nullptr ? std::min(calls, kKept) : calls;
  };
  if (c.between != nullptr) c.between(c.work.state);
  batch(c, 1);  // the first has the pages and the caches to fill
  if (c.between != nullptr) c.between(c.work.state);
  const int some = fitting(batch(c, 1), 1000);
  if (some == 1) return 1;
  if (c.between != nullptr) c.between(c.work.state);
  return fitting(batch(c, some), 100000);
}

}  // namespace

double now_ns() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::nano>(Clock::now().time_since_epoch()).count();
}

Rounds measure(const std::vector<Contender>& contenders, const Budget& budget) {
  const std::size_t count = contenders.size();
  std::vector<int> calls;
  for (const Contender& c : contenders) calls.push_back(calls_per_batch(c, budget.batch_ns));
  Rounds rounds(count);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random(1);
  const double begin = now_ns();
  for (int r = 0; r < budget.most_rounds && (r < budget.least_rounds || now_ns() - begin < budget.total_ns); ++r) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) {
      const Contender& c = contenders[i];
      if (c.between != nullptr)
        c.between(c.work.state);
      else if (calls[i] > 1)
        c.run(c.work);
      rounds[i].push_back(batch(c, calls[i]));
    }
  }
  return rounds;
}

double least_ns(const Contender& contender, double budget_ns) {
  Budget budget;
  budget.total_ns = budget_ns;
  budget.least_rounds = 3;
  budget.most_rounds = 100;
  const Rounds rounds = measure({contender}, budget);
  return *std::min_element(rounds[0].begin(), rounds[0].end());
}

}  // namespace trueno::bench
