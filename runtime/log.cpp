// One line of the log is one write, so that lines of several threads do not mix.
#include "runtime/log.h"

#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <exception>

#include "runtime/settings.h"

namespace trueno {

namespace {

constinit std::atomic<const LogSink*> sink_in_force{nullptr};

}  // namespace

inline namespace v0 {

const LogSink* set_log_sink(const LogSink* sink) noexcept { return sink_in_force.exchange(sink); }

}  // namespace v0

namespace runtime {

bool verbose() noexcept {
  try {
    const auto& in_force = settings();
    return in_force && in_force->verbose;
  } catch (const std::exception&) {  // no memory to find out: the next to ask tries again
    return false;
  }
}

void log(LogLevel level, std::string_view message) noexcept {
  if (level == LogLevel::info && !verbose()) return;
  if (const LogSink* sink = sink_in_force.load(std::memory_order_acquire); sink && sink->write)
    return sink->write(sink->user, level, message);
  const std::string_view begin = level == LogLevel::warning ? "trueno: warning: " : "trueno: ";
  const auto part = [](std::string_view text) { return iovec{const_cast<char*>(text.data()), text.size()}; };
  const iovec parts[] = {part(begin), part(message), part("\n")};
  [[maybe_unused]] const auto written = writev(STDERR_FILENO, parts, 3);
}

}  // namespace runtime
}  // namespace trueno
