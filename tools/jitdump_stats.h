// The stage stats: counts per loop and per element.
#pragma once

#include <string>

#include "inspect/stats.h"

namespace trueno::tools {

/// Counts as words and figures, in the order they are shown: ("loads", 8). One list for text, JSON and pages.
struct Figure {
  const char* name;  ///< stable: JSON's key
  const char* words;
  double value;
  bool per_element;  ///< makes sense divided by the elements of a turn
};
std::vector<Figure> figures(const inspect::Stats& stats);

std::string stats_text(const inspect::Study& study);

}  // namespace trueno::tools
