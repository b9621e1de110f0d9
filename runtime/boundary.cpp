// See boundary.h.
#include "runtime/boundary.h"

#include <chrono>
#include <cstdio>
#include <string>

namespace trueno::runtime {

std::int64_t now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void tell(const Result<Kernel>& made, std::int64_t begin) noexcept {
  char took[32];
  std::snprintf(took, sizeof took, ", %.1f us", static_cast<double>(now() - begin) * 1e-3);
  const auto line = guarded([&]() -> Result<std::string> {
    if (made) return "kernel '" + made->name() + "': " + made->origin() + took;
    return "no kernel: " + std::string(name_of(made.status())) + ": " + std::string(made.error().message()) + took;
  });
  log(LogLevel::info, line ? *line : "no memory to say what was compiled");
}

}  // namespace trueno::runtime
