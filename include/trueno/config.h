// What is configured, who said so, and what was wrong with it; and saying more from the program itself.
//
// A configuration is TOML. The layers, each stronger than the one before: what is built in, the system's files, the
// user's, the file TRUENO_CONFIG names, environment variables, configure(). Nothing in any of them can change a bit of
// a result. docs/configuration.md has the keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trueno/types.h"

namespace trueno {
inline namespace v0 {

/// A key, what it is set to, and by whom.
struct ConfigurationValue {
  std::string key;     ///< "jit", "tuning.avx512.reduction.unroll"
  std::string value;   ///< as TOML: "auto" with its quotes, 64, true
  std::string origin;  ///< "built-in", "FILE:LINE", "environment TRUENO_VL", "configure():LINE"
};

/// Adds a layer above all others: configure("verify = 'first'"). `name` is what origins and diagnostics call it. A
/// later call is above an earlier one; a call with the same name replaces what the last one of that name said, so that
/// an empty text takes it back. It takes effect for kernels compiled from then on; those that are there, also behind
/// trueno::sum and its like, stay. Threads: safe. Meant for the start of a program: each combination of settings that
/// was ever in force is kept. Errors: invalid_argument. If the text is no TOML, or for a newer version of the keys:
/// nothing changes. If single keys are wrong: all of them, each with its position; the others apply.
TRUENO_API Result<void> configure(std::string_view toml, std::string_view name = "configure()");

/// Every key with the value in force. As lines `key = value` it is a configuration that gives the same again. Keys of
/// [tuning] that were set for some kernels only follow the one for all.
/// Threads: safe.
TRUENO_API std::vector<ConfigurationValue> configuration();

/// What is wrong with the configuration, in any layer: unknown keys, wrong types and values, broken and unreadable
/// files. With `strict = true`, all of it is the error that compile() returns.
/// Threads: safe.
TRUENO_API std::vector<Diagnostic> configuration_diagnostics();

}  // namespace v0
}  // namespace trueno
