// What the library tells its user beside results and errors: one line at a time, to stderr.
#pragma once

#include <cstdint>
#include <string_view>

namespace trueno::runtime {

/// info: what was chosen and why, told under TRUENO_VERBOSE. warning: something is wrong that no call returns as an
/// error, such as a kernel that was withdrawn; always told.
enum class LogLevel : std::uint8_t { info, warning };

/// Threads: safe. Never fails, never throws, allocates nothing.
void log(LogLevel level, std::string_view message) noexcept;
/// Whether `log(LogLevel::info, ...)` is told: ask before composing a message.
bool verbose() noexcept;

}  // namespace trueno::runtime
