// See machine.h. What cannot be found out stays empty.
#include "bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

#include "bench/peers.h"
#include "trueno/trueno.h"
#include "trueno/version.h"

namespace trueno::bench {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown CPU";
}

std::vector<double> cache_bytes() {
  std::vector<double> levels;
  for (int i = 0; i < 8; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    const std::string size = first_line(folder + "size");
    if (size.empty()) break;
    if (first_line(folder + "type") == "Instruction") continue;
    levels.push_back(std::atof(size.c_str()) * (size.back() == 'M' ? 1048576 : 1024));
  }
  return levels;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  return text;
}

}  // namespace

Machine describe_machine(const std::string& commit) {
  Machine m;
  m.cpu = cpu_name();
  m.cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  m.cache_bytes = cache_bytes();
  utsname system{};
  if (uname(&system) == 0) m.system = std::string(system.sysname) + " " + system.release;
  const std::string load = first_line("/proc/loadavg");  // three averages, then what does not matter
  m.load = load.substr(0, load.find(' ', load.find(' ', load.find(' ') + 1) + 1));
#ifdef __clang__
  m.compiler = "clang " __clang_version__;
#else
  m.compiler = "g++ " __VERSION__;
#endif
  m.trueno = version().text;
  if (const auto kernel = compile("kernel sum_(x: f32[]) -> f32 { sum(x) }")) m.trueno += ", " + kernel->origin();
  m.commit = commit.empty() ? "unknown" : commit;
  m.date = now_text();
  m.peer_arch = peer_arch();
  if (const char* cap = std::getenv("TRUENO_MAX_ISA")) m.isa_cap = cap;
  return m;
}

void settle_environment(char** argv) {
  const std::string_view arch = peer_arch();
  const bool avx2 = arch == "x86-64-v3", less = arch == "x86-64-v2" || arch == "x86-64";
  const std::pair<const char*, const char*> wanted[] = {
      {"OMP_NUM_THREADS", "1"},
      {"DNNL_MAX_CPU_ISA", avx2   ? "AVX2"
                           : less ? "SSE41"
                                  : "ALL"},
  };
  bool changed = false;
  for (const auto& [name, value] : wanted) {
    const char* there = std::getenv(name);
    if (there != nullptr && std::string_view(there) == value) continue;
    changed |= setenv(name, value, 1) == 0;
  }
  if (changed) execv("/proc/self/exe", argv);
}

}  // namespace trueno::bench
