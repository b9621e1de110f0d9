// The measuring engine: contenders run in turn, in batches of about 20 us, round after round.
//
// A batch is long enough for the clock's own cost (20-30 ns) not to show, and short enough that a round, in which every
// contender has one batch, sees one state of the machine. Each round has an order of its own, drawn at random: who
// always runs after the same neighbour is a per cent faster or slower for it. Each batch of more than one call is
// preceded by one that is not timed, which brings back the code and the data that the neighbour pushed out.
#pragma once

#include <vector>

#include "bench/work.h"

namespace trueno::bench {

struct Contender {
  void (*run)(const Work&) = nullptr;
  Work work;
  void (*between)(void* state) = nullptr;
};

struct Budget {
  double batch_ns = 20e3;
  double total_ns = 4e8;  ///< of one measurement, all contenders together
  int least_rounds = 15, most_rounds = 250;
};

/// ns per call: of each contender, one time a round.
using Rounds = std::vector<std::vector<double>>;
Rounds measure(const std::vector<Contender>& contenders, const Budget& budget);

/// The least time per call of one contender alone, within so many ns; for what is not compared.
double least_ns(const Contender& contender, double budget_ns);

double now_ns();

}  // namespace trueno::bench
