// Ops of the user of a tool, from the file that --ops names.
#pragma once

#include <memory>
#include <string>

#include "ir/kernel.h"
#include "trueno/kernel.h"

namespace trueno::tools {

using Ops = std::shared_ptr<const ir::Catalogue>;

/// The ops a tool works with: those of the library, and over them those of a file if one is named.
struct OwnOps {
  Ops all;
  std::string text;  ///< of the file, as CompileOptions::extra_ops takes it
};
/// Errors: io; invalid_text with every mistake of the file.
Result<OwnOps> ops_of_file(const std::string& path);

}  // namespace trueno::tools
