// See bench_judge.h.
#include "tools/bench_judge.h"

#include <algorithm>
#include <cmath>

#include "bench/statistics.h"

namespace trueno::tools {
namespace {

double median_of(std::vector<double> values) { return bench::summarize(std::move(values)).median; }

/// What a run says of each cell: the ratio averaged over places, and that of things as they lie.
constexpr double kIntervalsPerCell = 2;

double chance_outside(std::size_t cells) { return kRunsWrong / (kIntervalsPerCell * static_cast<double>(cells)); }

Ratio ratio_of(const std::vector<double>& logs, double outside) {
  const bench::Interval i = bench::median_interval(logs, outside);
  return {std::exp(i.low), std::exp(i.median), std::exp(i.high)};
}

void decide(Cell& cell, double tolerance) {
  const Ratio& r = cell.averaged;
  if (r.differs()) {
    cell.verdict = r.low > 1 ? Verdict::slower : Verdict::faster;
    return;
  }
  cell.within = std::max(r.high - 1, 1 - r.low);
  cell.verdict = cell.within <= tolerance ? Verdict::equal : Verdict::noisy;
  cell.layout = cell.verdict == Verdict::equal && cell.as_it_lies.differs() && cell.as_it_lies.apart_from(r);
  if (cell.verdict == Verdict::noisy) cell.within = std::max(r.high - r.median, r.median - r.low) + kNoDifference;
}

/// What B takes more than A, in ns a call.
struct Excess {
  explicit Excess(const Cell& c) : low((c.averaged.low - 1) * c.a_ns), high((c.averaged.high - 1) * c.a_ns) {}
  double low, high;
  /// So many times the other, give or take a factor of two: caches and tails see to it that nothing is exact.
  bool may_be(const Excess& other, double times) const {
    const Excess there = other.low + other.high > 0 ? other : Excess(-other.high, -other.low);
    const Excess here = low + high > 0 ? *this : Excess(-high, -low);
    return here.low <= there.high * times * 2 && there.low * times <= here.high * 2;
  }

 private:
  Excess(double l, double h) : low(l), high(h) {}
};

/// By the same kernel at other sizes, each of which may tell one from the other: a difference per call is as many ns
/// there, one per element as many times more as there are more elements.
Where scales_as(const Cell& cell, const std::vector<Cell>& cells) {
  bool call = false, element = false;
  const Excess here(cell);
  for (const Cell& other : cells) {
    if (other.kernel != cell.kernel || other.n == cell.n) continue;
    const Excess there(other);
    const bool as_call = here.may_be(there, 1);
    const bool as_element = here.may_be(there, static_cast<double>(cell.n) / static_cast<double>(other.n));
    call = call || (as_call && !as_element);
    element = element || (as_element && !as_call);
  }
  if (call == element) return Where::unclear;
  return call ? Where::per_call : Where::per_element;
}

}  // namespace

std::size_t fewest_passes(std::size_t cells) {
  return static_cast<std::size_t>(std::ceil(std::log2(2 / chance_outside(cells))));
}

double share_between(const std::vector<std::vector<double>>& groups) {
  std::vector<double> all;
  for (const auto& g : groups) all.insert(all.end(), g.begin(), g.end());
  if (groups.size() < 2 || all.size() <= groups.size()) return 0;
  const bench::Summary s = bench::summarize(all);
  const double reach = 3 * (s.high_quarter - s.low_quarter);
  double overall = 0, within = 0, between = 0, squares = 0;
  const auto drawn_in = [&](double v) { return std::clamp(v, s.median - reach, s.median + reach); };
  for (const double v : all) overall += drawn_in(v) / static_cast<double>(all.size());
  for (const auto& g : groups) {
    double mean = 0;
    for (const double v : g) mean += drawn_in(v) / static_cast<double>(g.size());
    for (const double v : g) within += (drawn_in(v) - mean) * (drawn_in(v) - mean);
    between += static_cast<double>(g.size()) * (mean - overall) * (mean - overall);
    squares += static_cast<double>(g.size()) * static_cast<double>(g.size());
  }
  const auto count = static_cast<double>(groups.size()), values = static_cast<double>(all.size());
  within /= values - count;
  between /= count - 1;
  // Three standard deviations of F with many degrees of freedom below.
  if (between <= within * (1 + 3 * std::sqrt(2 / (count - 1)))) return 0;
  const double per_group = (values - squares / values) / (count - 1), variance = (between - within) / per_group;
  return variance / (variance + within);
}

std::vector<Cell> judge(const PassPlan& plan, const std::vector<Pass>& passes, double tolerance) {
  std::vector<Cell> cells;
  const std::size_t count = plan.kernels.size() * plan.sizes.size();
  const double outside = chance_outside(count);
  for (std::size_t i = 0; i < count; ++i) {
    Cell cell;
    cell.kernel = plan.kernels[i / plan.sizes.size()].name;
    cell.n = plan.sizes[i % plan.sizes.size()];
    cell.a_ns = passes[0].cells[i].a_ns, cell.b_ns = passes[0].cells[i].b_ns;
    std::vector<double> averaged, as_it_lies;
    std::vector<std::vector<double>> places;
    for (const Pass& pass : passes) {
      const CellPass& c = pass.cells[i];
      cell.a_ns = std::min(cell.a_ns, c.a_ns), cell.b_ns = std::min(cell.b_ns, c.b_ns);
      cell.same_bits = cell.same_bits && c.same_bits;
      double sum = 0;
      for (const std::vector<double>& pairs : c.pairs.moved) {
        sum += median_of(pairs);
        places.push_back(pairs);
      }
      averaged.push_back(sum / kMovedPlacements);
      as_it_lies.push_back(median_of(c.pairs.as_it_lies));
    }
    cell.averaged = ratio_of(averaged, outside);
    cell.as_it_lies = ratio_of(as_it_lies, outside);
    cell.layout_share = share_between(places);
    decide(cell, tolerance);
    cells.push_back(std::move(cell));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!cells[i].averaged.differs()) continue;
    const CodeCompared& code = passes[0].code[i / plan.sizes.size()];
    cells[i].where = code.bytes == CodeCompared::Bytes::equal ? Where::dispatch : scales_as(cells[i], cells);
  }
  return cells;
}

}  // namespace trueno::tools
