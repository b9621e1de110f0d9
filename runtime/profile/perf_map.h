// perf's map: /tmp/perf-PID.map, one line of text for each symbol. perf reads it when it reports; it knows no time, so
// that of two kernels that were at the same place one after the other, it finds one.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/profile/symbols.h"

namespace trueno::runtime {

/// Where perf looks for it; perf is told no other place.
std::string perf_map_path(int pid);
/// What is to be appended for code at that address: "START SIZE NAME" in hex.
std::string perf_map_lines(std::span<const Symbol> symbols, std::uint64_t address);

}  // namespace trueno::runtime
