// Peers that live in another process: NumPy and numexpr, measured by numpy_peers.py.
//
// This program writes the arrays and a list of what is wanted (export_work); the script leaves a result for every check
// size, and its times; those are judged by the same references and put beside ours (merge_figures), marked as another
// process's, as nothing of them was interleaved.
#pragma once

#include <string>
#include <vector>

#include "bench/suite.h"

namespace trueno::bench {

/// A row that was asked for.
struct Wanted {
  const Task* task;
  Type type;
  std::size_t n;
};

/// Errors: io.
Result<void> export_work(Suite& suite, const std::vector<Wanted>& wanted, const std::string& directory, bool quick);

/// The peers that were there. Errors: io, or what is not as the script writes it.
Result<std::vector<PeerInfo>> merge_figures(Suite& suite, const std::vector<Wanted>& wanted,
                                            const std::string& directory);

}  // namespace trueno::bench
