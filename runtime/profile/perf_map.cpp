// See perf_map.h.
#include "runtime/profile/perf_map.h"

#include <cstdio>

namespace trueno::runtime {

std::string perf_map_path(int pid) { return "/tmp/perf-" + std::to_string(pid) + ".map"; }

std::string perf_map_lines(std::span<const Symbol> symbols, std::uint64_t address) {
  std::string out;
  for (const Symbol& s : symbols) {
    char place[48];
    std::snprintf(place, sizeof place, "%llx %x ", static_cast<unsigned long long>(address + s.offset), s.size);
    out.append(place).append(s.name).append("\n");
  }
  return out;
}

}  // namespace trueno::runtime
