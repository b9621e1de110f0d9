// Telling the log (include/trueno/log.h says what it is).
#pragma once

#include <string_view>

#include "trueno/log.h"

namespace trueno::runtime {

using trueno::LogLevel;

/// One line. info: what was chosen and why, told under TRUENO_VERBOSE. warning: always told.
/// Threads: safe. Never fails, never throws, allocates nothing.
void log(LogLevel level, std::string_view message) noexcept;
/// Whether `log(LogLevel::info, ...)` is told: ask before composing a message.
bool verbose() noexcept;

}  // namespace trueno::runtime
