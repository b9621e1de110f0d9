// Builds of commits, for trueno-bench ab --commits: each in a work tree of its own, all with the same settings.
#pragma once

#include <string>
#include <vector>

#include "tools/bench_library.h"

namespace trueno::tools {

/// Builds the shared library of a revision of the repository that the current directory is in, in build/ab/ of it,
/// where it is found again the next time. `settings`: -D options for cmake, beside a release build with nothing but the
/// library. Errors: invalid_argument for what is no revision, io for a build that fails, naming its log.
Result<Build> build_commit(const std::string& revision, const std::vector<std::string>& settings);

}  // namespace trueno::tools
