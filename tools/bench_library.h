// A build of libtrueno.so that is measured: loaded beside another one, and called through its C ABI alone, which is
// what builds of different versions have in common.
//
// What is loaded is a copy in memory: so a build can be compared with itself, as one file is only ever loaded once, and
// building anew while it is measured does no harm.
#pragma once

#include <trueno.h>

#include <string>
#include <vector>

#include "trueno/types.h"

namespace trueno::tools {

/// The file of a build, read.
struct Build {
  std::string path;
  std::string image;
};
/// `path`: libtrueno.so itself, or a directory in which, or in whose runtime/ or lib/, it is. Errors: io, naming where
/// it was looked for; invalid_argument for a file that is no shared library.
Result<Build> read_build(const std::string& path);

/// What was configured differently for two build directories: "CMAKE_BUILD_TYPE: Release, Debug". Nothing of builds
/// whose CMakeCache.txt is not there to be read.
std::vector<std::string> differing_settings(const Build& a, const Build& b);

/// A library in this process; it stays until that ends.
struct Library {
  decltype(&trueno_version) version = nullptr;
  decltype(&trueno_error_free) error_free = nullptr;
  decltype(&trueno_compile) compile = nullptr;
  decltype(&trueno_configure) configure = nullptr;
  decltype(&trueno_kernel_release) release = nullptr;
  decltype(&trueno_kernel_parameter_count) parameter_count = nullptr;
  decltype(&trueno_kernel_result_count) result_count = nullptr;
  decltype(&trueno_kernel_parameter) parameter = nullptr;
  decltype(&trueno_kernel_result) result = nullptr;
  decltype(&trueno_kernel_origin) origin = nullptr;
  decltype(&trueno_kernel_code) code = nullptr;  ///< nullptr of one that is older than the function
  decltype(&trueno_run) run = nullptr;

  /// Configures where code that is compiled from now on lies. False: the library is too old for that.
  bool place_code(unsigned offset) const;
  /// What an error says; it is freed.
  std::string text_of(trueno_error* error) const;
};
/// Errors: unavailable, saying what the loader says or which function is not there.
Result<Library> load(const Build& build);

}  // namespace trueno::tools
