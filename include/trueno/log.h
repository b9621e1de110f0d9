// What the library tells beside results and errors, and where it goes: to stderr unless a program takes the lines.
//
// Little is told. A warning: something is wrong that no call returns as an error. Under TRUENO_VERBOSE also one line
// for each kernel compiled: its name, the back end and why that one, its size, and how long it took.
#pragma once

#include <cstdint>
#include <string_view>

#include "trueno/export.h"

namespace trueno {
inline namespace v0 {

enum class LogLevel : std::uint8_t { info, warning };

/// Where lines go: `write(user, level, line)`, the line without "trueno:" and newline.
/// Threads: called from any thread that calls the library, from several at once; the library holds no lock meanwhile,
/// so `write` may use it. Errors: it must not throw.
struct LogSink {
  void (*write)(void* user, LogLevel level, std::string_view line) = nullptr;
  void* user = nullptr;
};

/// Takes the lines from now on; nullptr: stderr again. The sink remains the caller's, and must stay until it has been
/// replaced and the calls that were under way then have returned. Returns the one before.
/// Threads: safe; takes no lock and no memory.
TRUENO_API const LogSink* set_log_sink(const LogSink* sink) noexcept;

}  // namespace v0
}  // namespace trueno
