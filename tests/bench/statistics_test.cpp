// The benchmark's statistics: known data, the promise of the interval, a planted difference that must be found and a
// difference of nothing that must not. No clock: the noise is drawn.
#include "bench/statistics.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>

using namespace trueno::bench;

namespace {

std::vector<double> one_to(std::size_t n) {
  std::vector<double> v(n);
  std::iota(v.rbegin(), v.rend(), 1.0);
  return v;
}

/// Times of two contenders, the second `factor` times as fast as the first. A slow moment of the machine makes a whole
/// round up to several times slower; beside that each batch has a few per cent of its own.
struct Pair {
  std::vector<double> ours, theirs;
};
Pair rounds(std::mt19937& random, std::size_t count, double factor) {
  std::lognormal_distribution<double> moment(0, 0.5), own(0, 0.03);
  Pair p;
  for (std::size_t i = 0; i < count; ++i) {
    const double slow = moment(random);
    p.ours.push_back(100 * slow * own(random) * factor);
    p.theirs.push_back(100 * slow * own(random));
  }
  return p;
}

/// The part of 500 runs in which a contender slower by `factor` has the standing.
double part_found(double factor, Standing what) {
  std::mt19937 random(7);
  int found = 0;
  for (int run = 0; run < 500; ++run) {
    const Pair p = rounds(random, 101, factor), same = rounds(random, 101, 1);
    found += standing(ratio_of(p.ours, p.theirs), ratio_of(same.ours, same.theirs)) == what;
  }
  return found / 500.0;
}

}  // namespace

TEST_CASE("a summary is the least, the median and the quarters") {
  const Summary s = summarize({5, 1, 4, 2, 3});
  CHECK(s.least == 1);
  CHECK(s.median == 3);
  CHECK(s.low_quarter == 2);
  CHECK(s.high_quarter == 4);
  CHECK(s.spread() == Approx(2.0 / 3));
  CHECK(summarize({1, 2}).median == 1.5);
  CHECK(summarize({7}).median == 7);
  CHECK(summarize({7}).spread() == 0);
}

TEST_CASE("the interval of a median is that of tables of order statistics") {
  // n, and the rank of the lower end at 95 %, from the binomial distribution.
  const std::pair<std::size_t, double> table[] = {{6, 1}, {8, 1}, {9, 2}, {10, 2}, {20, 6}, {50, 18}, {100, 40}};
  for (const auto& [n, rank] : table) {
    CAPTURE(n);
    const Interval i = median_interval(one_to(n));
    CHECK(i.low == rank);
    CHECK(i.high == static_cast<double>(n) + 1 - rank);
    CHECK(i.median == (static_cast<double>(n) + 1) / 2);
  }
  SECTION("few values: all of them") {
    CHECK(median_interval(one_to(5)).low == 1);
    CHECK(median_interval(one_to(5)).high == 5);
    CHECK(median_interval({3}).contains(3));
  }
  SECTION("many: nothing underflows") {
    const Interval i = median_interval(one_to(5000));
    CHECK(i.low == Approx(2500 - 0.98 * std::sqrt(5000.0)).margin(2));
    CHECK(i.high == Approx(5001 - i.low));
  }
}

TEST_CASE("the interval holds the true median in about 95 of 100 samples") {
  std::mt19937 random(3);
  std::lognormal_distribution<double> skewed(0, 1);  // its median is 1
  int held = 0;
  for (int run = 0; run < 2000; ++run) {
    std::vector<double> sample(61);
    for (double& v : sample) v = skewed(random);
    held += median_interval(sample).contains(1);
  }
  CHECK(held >= 0.94 * 2000);
  CHECK(held <= 0.98 * 2000);
}

TEST_CASE("a planted difference is found, and a difference of nothing is not") {
  CHECK(part_found(1.00, Standing::even) > 0.97);
  CHECK(part_found(1.04, Standing::behind) > 0.95);
  CHECK(part_found(0.96, Standing::ahead) > 0.95);
  CHECK(part_found(1.04, Standing::ahead) == 0);
}

TEST_CASE("a difference as large as that of ours to itself counts for nothing") {
  const Interval five_per_cent{1.04, 1.05, 1.06};
  CHECK(standing(five_per_cent, {0.999, 1, 1.001}) == Standing::behind);
  CHECK(standing(five_per_cent, {1.0, 1.03, 1.045}) == Standing::even);
  CHECK(standing({0.94, 0.95, 0.96}, {0.999, 1, 1.001}) == Standing::ahead);
  CHECK(standing({0.94, 0.95, 0.96}, {0.955, 0.98, 1}) == Standing::even);
  CHECK(standing({1.002, 1.003, 1.004}, {1, 1, 1}) == Standing::even);  // below what two copies of one kernel differ by
}
