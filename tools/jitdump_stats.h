// The stage stats: counts per loop and per element.
#pragma once

#include <string>
#include <vector>

#include "inspect/stats.h"
#include "tools/jitdump_study.h"

namespace trueno::tools {

/// Counts as words and figures, in the order they are shown: ("loads", 8). One list for text, JSON and pages.
struct Figure {
  const char* name;  ///< stable: JSON's key
  const char* words;
  double value;
  bool per_element;  ///< makes sense divided by the elements of a turn
};
std::vector<Figure> figures(const inspect::Stats& stats);

/// stats: counts of each loop and, where they are known, what it costs and how long it takes.
std::string stats_text(const TargetView& view);

}  // namespace trueno::tools
