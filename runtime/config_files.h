// Where configurations lie, and reading them without trusting what lies there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "trueno/types.h"

namespace trueno::runtime {

/// A place to look at.
struct ConfigFile {
  std::string path;
  bool asked_for = false;  ///< it must be there
};

/// The weakest first: the system's, the user's, what TRUENO_CONFIG names. `lookup` gives a variable or nullptr.
std::vector<ConfigFile> config_files(const std::function<const char*(const char*)>& lookup);

/// The text of a file. Nothing if there is none. Never waits: what is no file, such as a pipe, is refused.
/// Errors: io, naming the file and what stands against it; invalid_argument: more than any configuration has.
Result<std::optional<std::string>> read_config_file(const std::string& path);

}  // namespace trueno::runtime
