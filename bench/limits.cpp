// See limits.h.
#include "bench/limits.h"

#include <algorithm>

namespace trueno::bench {
namespace {

constexpr double kTrialNs = 3e6;

}  // namespace

Pattern pattern_of(const Task& task) {
  if (task.writes()) return Pattern::copy;
  return task.reads() > 1 ? Pattern::read_two : Pattern::read;
}

double traffic(Pattern pattern, double bytes) { return pattern == Pattern::read ? bytes : 2 * bytes; }

Contender Limits::best(Pattern pattern, std::size_t bytes, const Work& like) {
  Contender c;
  c.work = like;
  c.work.n = bytes;
  c.work.state = scratch_;
  auto& run = chosen_[{pattern, bytes}];
  if (run == nullptr) {
    double least = 0;
    for (const LimitKernel& kernel : limit_kernels()) {
      if (kernel.pattern != pattern) continue;
      c.run = kernel.run;
      const double ns = least_ns(c, kTrialNs);
      if (run != nullptr && ns >= least) continue;
      least = ns;
      run = kernel.run;
    }
  }
  c.run = run;
  return c;
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
