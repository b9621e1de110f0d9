// Interleaved pairs: see summary.h. A batch is about 20 us of calls; batches alternate between contenders, so that
// whatever the machine is doing hits all of them. The minimum says what the code can do, the median what it does.
#include "bench/summary.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace trueno::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kBatchNs = 20000;
constexpr int kRounds = 300;
constexpr double kBudgetNs = 6e8;  // per task and size

double time_ns(const Contender& c, int calls) {
  const auto from = Clock::now();
  for (int i = 0; i < calls; ++i) c.call();
  return std::chrono::duration<double, std::nano>(Clock::now() - from).count() / calls;
}

int calls_per_batch(const Contender& c) {
  double best = time_ns(c, 3);
  for (int i = 0; i < 5; ++i) best = std::min(best, time_ns(c, 3));
  return std::clamp(static_cast<int>(kBatchNs / std::max(best, 1.0)), 1, 10000);
}

double median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

std::string row(const Task& task, std::size_t n) {
  const std::size_t count = task.contenders.size();
  std::vector<int> calls;
  for (const Contender& c : task.contenders) {
    c.prepare(n);
    calls.push_back(calls_per_batch(c));
  }
  std::vector<std::vector<double>> times(count);
  double spent = 0;
  for (int round = 0; round < kRounds && (spent < kBudgetNs || round < 20); ++round)
    for (std::size_t i = 0; i < count; ++i) {
      times[i].push_back(time_ns(task.contenders[i], calls[i]));
      spent += times[i].back() * calls[i];
    }
  std::vector<double> least;
  for (const auto& t : times) least.push_back(*std::min_element(t.begin(), t.end()));

  char line[200];
  const double bytes = task.bytes_per_element * static_cast<double>(n);
  std::snprintf(line, sizeof line, "%-13s %8zu %11.1f %7.1f", task.name.c_str(), n, least[0], bytes / least[0]);
  std::string out = line;
  if (count == 1) return out + "  no peer\n";
  const std::size_t best = static_cast<std::size_t>(std::min_element(least.begin() + 1, least.end()) - least.begin());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < times[0].size(); ++i) ratios.push_back(times[0][i] / times[best][i]);
  std::snprintf(line, sizeof line, " %11.1f %6.2f %7.2f  %-7s", least[best], least[0] / least[best], median(ratios),
                task.contenders[best].name.c_str());
  out += line;
  for (std::size_t i = 1; i < count; ++i) {
    std::snprintf(line, sizeof line, " %s %.2f", task.contenders[i].name.c_str(), least[0] / least[i]);
    out += line;
  }
  return out + "\n";
}

}  // namespace

std::string summarize(const std::vector<Task>& tasks) {
  std::string out =
      "\ntrueno against its peers: one thread, kernels by handle, interleaved batches of about 20 us in one run.\n"
      "ratio: our minimum by the best peer's; median: of the ratios of neighbouring batches. Below 1: we are ahead.\n"
      "sum.comp and sum.exact, which no peer has, are beside our own plain sum: what their accuracy costs.\n\n"
      "task                 n   trueno ns    GB/s     best ns  ratio  median  best    ratio to each peer\n";
  for (const Task& task : tasks)
    for (const std::size_t n : task.sizes) out += row(task, n);
  return out;
}

}  // namespace trueno::bench
