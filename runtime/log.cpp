// One line of the log is one write, so that lines of several threads do not mix.
#include "runtime/log.h"

#include <sys/uio.h>
#include <unistd.h>

#include "runtime/settings.h"

namespace trueno::runtime {

bool verbose() noexcept {
  const auto& in_force = settings();
  return in_force && in_force->verbose;
}

void log(LogLevel level, std::string_view message) noexcept {
  if (level == LogLevel::info && !verbose()) return;
  const std::string_view begin = level == LogLevel::warning ? "trueno: warning: " : "trueno: ";
  const auto part = [](std::string_view text) { return iovec{const_cast<char*>(text.data()), text.size()}; };
  const iovec parts[] = {part(begin), part(message), part("\n")};
  [[maybe_unused]] const auto written = writev(STDERR_FILENO, parts, 3);
}

}  // namespace trueno::runtime
