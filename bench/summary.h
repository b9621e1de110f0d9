// The table of ratios: ours against the best peer, from interleaved batches, as nothing else survives the noise
// of shared machines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/tasks.h"

namespace trueno::bench {

/// Measures every task at each of its sizes and returns the table, ready to print. Takes some seconds.
std::string summarize(const std::vector<Task>& tasks);

}  // namespace trueno::bench
