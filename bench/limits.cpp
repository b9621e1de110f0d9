// See limits.h.
#include "bench/limits.h"

#include <algorithm>

#include "bench/statistics.h"

namespace trueno::bench {
namespace {

constexpr double kTrialNs = 3e6;

using Kernel = void (*)(const Work&);

/// The fastest first. In turn, like everything else: on long arrays one of them would be chosen by its moment.
std::vector<Kernel> ranked(Pattern pattern, const Work& work) {
  std::vector<Contender> all;
  for (const LimitKernel& kernel : limit_kernels())
    if (kernel.pattern == pattern) all.push_back({kernel.run, work, nullptr});
  Budget budget;
  budget.total_ns = kTrialNs * static_cast<double>(all.size());
  budget.least_rounds = 7;
  const Rounds rounds = measure(all, budget);
  std::vector<std::pair<double, Kernel>> order;
  for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(summarize(rounds[i]).low_quarter, all[i].run);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Kernel> out;
  for (const auto& [ns, kernel] : order) out.push_back(kernel);
  return out;
}

}  // namespace

Pattern pattern_of(const Task& task) {
  if (task.writes()) return Pattern::copy;
  return task.reads() > 1 ? Pattern::read_two : Pattern::read;
}

double traffic(Pattern pattern, double bytes) { return pattern == Pattern::read ? bytes : 2 * bytes; }

std::vector<Contender> Limits::best(Pattern pattern, std::size_t bytes, const Work& like) {
  Contender c;
  c.work = like;
  c.work.n = bytes;
  c.work.state = scratch_;
  auto& chosen = chosen_[{pattern, bytes}];
  if (chosen.empty()) {
    chosen = ranked(pattern, c.work);
    chosen.resize(kCandidates);
  }
  std::vector<Contender> out;
  for (const Kernel run : chosen) {
    c.run = run;
    out.push_back(c);
  }
  return out;
}

double Limits::peak(Type type) {
  double& most = peaks_[type];
  if (most > 0) return most;
  for (const PeakKernel& kernel : peak_kernels()) {
    if (kernel.type != type) continue;
    Contender c{kernel.run, {}, nullptr};
    c.work.a = 0.5, c.work.b = 1, c.work.n = 500, c.work.state = scratch_;
    most = std::max(most, kernel.flops * 500 / least_ns(c, kTrialNs));
  }
  return most;
}

}  // namespace trueno::bench
