// --host and --list-isas: what this machine has, what its operating system enables, and what is capped by whom.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jit/host.h"
#include "runtime/host.h"
#include "tools/jitdump_json.h"

namespace trueno::tools {

struct Cache {
  int level = 1;
  std::string type;  ///< "data", "instructions", "unified"
  std::uint64_t bytes = 0;
  std::uint32_t line_bytes = 0, ways = 0;
};

struct HostReport {
  std::string vendor, name;
  std::uint32_t family = 0, model = 0, stepping = 0;
  std::vector<Cache> caches;
  std::vector<jit::Feature> features;
  std::uint64_t xcr0 = 0;
  runtime::Host caps;
  std::string no_executable_memory;  ///< why there is none; empty: there is
};

HostReport look_at_host();
std::string host_text(const HostReport& host);
Json host_json(const HostReport& host);

/// Every target code can be generated for, and whether this host runs it.
std::string isas_text(const HostReport& host);
Json isas_json(const HostReport& host);

}  // namespace trueno::tools
