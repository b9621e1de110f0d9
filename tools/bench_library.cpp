// See bench_library.h.
#include "tools/bench_library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>

namespace trueno::tools {
namespace {

namespace fs = std::filesystem;

/// Places of the library within a build or an install directory.
constexpr std::string_view kPlaces[] = {"libtrueno.so", "runtime/libtrueno.so", "lib/libtrueno.so"};

Result<fs::path> library_in(const fs::path& path) {
  std::error_code none;
  if (!fs::is_directory(path, none)) return path;
  for (const std::string_view place : kPlaces)
    if (fs::exists(path / place, none)) return path / place;
  return Error(Status::io, fmt::format("{}: no {}, {} or {} in it: build the target trueno_shared there", path.string(),
                                       kPlaces[0], kPlaces[1], kPlaces[2]));
}

/// Of the CMakeCache.txt of the build directory that the library lies in: what decides how code is compiled.
std::map<std::string, std::string> settings_of(const Build& build) {
  constexpr std::string_view kTelling[] = {"CMAKE_BUILD_TYPE",        "CMAKE_CXX_COMPILER", "CMAKE_CXX_FLAGS",
                                           "CMAKE_CXX_FLAGS_RELEASE", "asmjit_DIR",         "CMAKE_SHARED_LINKER_FLAGS",
                                           "TRUENO_SANITIZE"};
  std::map<std::string, std::string> found;
  std::ifstream in(fs::path(build.path).parent_path().parent_path() / "CMakeCache.txt");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':'), equals = line.find('=');
    if (equals == line.npos || colon > equals) continue;
    for (const std::string_view name : kTelling)
      if (line.compare(0, colon, name) == 0) found[std::string(name)] = line.substr(equals + 1);
  }
  return found;
}

/// A file in memory that has the image, or -1. It stays open: the loader knows a library by its name, which is the
/// descriptor's.
int file_in_memory(const std::string& image) {
  const int fd = memfd_create("libtrueno.so", MFD_CLOEXEC);
  for (std::size_t at = 0; fd >= 0 && at < image.size();) {
    const ssize_t written = write(fd, image.data() + at, image.size() - at);
    if (written <= 0) return -1;
    at += static_cast<std::size_t>(written);
  }
  return fd;
}

}  // namespace

Result<Build> read_build(const std::string& path) {
  const auto file = library_in(path);
  if (!file) return file.error();
  std::ifstream in(*file, std::ios::binary);
  Build build{fs::absolute(*file).lexically_normal().string(), {std::istreambuf_iterator<char>(in), {}}};
  if (!in) return Error(Status::io, fmt::format("{}: {}", file->string(), std::strerror(errno)));
  if (!build.image.starts_with("\x7f"
                               "ELF"))
    return Error(Status::invalid_argument, fmt::format("{}: no shared library", file->string()));
  return build;
}

std::vector<std::string> differing_settings(const Build& a, const Build& b) {
  std::vector<std::string> out;
  const auto of_a = settings_of(a), of_b = settings_of(b);
  if (of_a.empty() || of_b.empty()) return out;
  for (const auto& [name, value] : of_a) {
    const auto other = of_b.find(name);
    if (other != of_b.end() && other->second != value)
      out.push_back(fmt::format("{}: '{}', '{}'", name, value, other->second));
  }
  return out;
}

Result<Library> load(const Build& build) {
  const auto failed = [&](const std::string& why) {
    return Error(Status::unavailable, fmt::format("{}: {}", build.path, why));
  };
  const int fd = file_in_memory(build.image);
  if (fd < 0) return failed(fmt::format("memory for a copy of it: {}", std::strerror(errno)));
  void* handle = dlopen(fmt::format("/proc/self/fd/{}", fd).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return failed(dlerror());
  Library library;
  const char* missing = nullptr;
  const auto find = [&](auto& function, const char* name, bool needed = true) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (function == nullptr && needed) missing = name;
  };
  find(library.version, "trueno_version");
  find(library.error_free, "trueno_error_free");
  find(library.compile, "trueno_compile");
  find(library.configure, "trueno_configure");
  find(library.release, "trueno_kernel_release");
  find(library.parameter_count, "trueno_kernel_parameter_count");
  find(library.result_count, "trueno_kernel_result_count");
  find(library.parameter, "trueno_kernel_parameter");
  find(library.result, "trueno_kernel_result");
  find(library.origin, "trueno_kernel_origin");
  find(library.code, "trueno_kernel_code", false);
  find(library.run, "trueno_run");
  if (missing != nullptr) return failed(fmt::format("has no {}: it is older than the C ABI, or no trueno", missing));
  return library;
}

bool Library::place_code(unsigned offset) const {
  const std::string toml = offset == 0 ? "" : fmt::format("[tuning]\ncode_offset = {}\n", offset);
  return configure(toml.data(), toml.size(), "trueno-bench", nullptr) == TRUENO_OK;
}

std::string Library::text_of(trueno_error* error) const {
  const std::string text = error != nullptr ? error->text : "no reason was given";
  error_free(error);
  return text;
}

}  // namespace trueno::tools
