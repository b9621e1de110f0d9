// The table of keys as people read it: configs/default.toml, and the reference in docs/configuration.md. A test holds
// both against what is made here.
#pragma once

#include <string>

namespace trueno::runtime {

/// A file that says what holds without it, with what each key is for.
std::string reference_toml();
/// A table of all keys.
std::string reference_markdown();

}  // namespace trueno::runtime
