// Builds of commits, for trueno-bench ab --commits: each in a work tree of its own, all with the same settings.
#pragma once

#include <string>
#include <vector>

#include "tools/bench_library.h"

namespace trueno::tools {

/// The commit that a revision names now, in the repository that the current directory is in. Errors: invalid_argument.
Result<std::string> commit_named(const std::string& revision);

/// Builds the shared library of a commit in build/ab/ of that repository, where it is found again the next time.
/// `settings`: -D options for cmake, beside a release build with nothing but the library. Errors: invalid_argument
/// outside of a repository, io for a build that fails, naming its log.
Result<Build> build_commit(const std::string& commit, const std::vector<std::string>& settings);

}  // namespace trueno::tools
