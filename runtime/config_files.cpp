// Finding and reading files of configuration; see config_files.h.
#include "runtime/config_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/config_toml.h"

namespace trueno::runtime {
namespace {

constexpr const char* kFile = "/trueno/config.toml";

Error refuse(Status status, const std::string& path, std::string message) {
  return Error(status, std::vector<Diagnostic>{{{}, std::move(message), {}, path}});
}

/// Reads to the end, or one byte more than may be. Gives errno, or 0.
int read_all(int fd, std::string& text) {
  while (text.size() <= kMostConfigBytes) {
    char buffer[8192];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0) return 0;
    if (got > 0)
      text.append(buffer, static_cast<std::size_t>(got));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

/// Why an open file is not read, or nothing. /dev/null and its like are read as what they are.
std::string unfit(int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return std::strerror(errno);
  if (S_ISDIR(about.st_mode)) return "is a directory";
  return S_ISREG(about.st_mode) || S_ISCHR(about.st_mode) ? "" : "is no file";
}

}  // namespace

std::vector<ConfigFile> config_files(const std::function<const char*(const char*)>& lookup) {
  const auto variable = [&](const char* name) {
    const char* text = lookup(name);
    return std::string(text ? text : "");
  };
  std::vector<ConfigFile> files{{std::string("/etc") + kFile}};
  // The directories' order is that of importance. Relative ones are to be ignored, says their specification.
  std::string directories = variable("XDG_CONFIG_DIRS");
  if (directories.empty()) directories = "/etc/xdg";
  for (std::size_t end = directories.size(); end != std::string::npos;) {
    const std::size_t colon = end == 0 ? std::string::npos : directories.rfind(':', end - 1);
    const std::size_t begin = colon == std::string::npos ? 0 : colon + 1;
    if (begin < end && directories[begin] == '/') files.push_back({directories.substr(begin, end - begin) + kFile});
    end = colon;
  }
  std::string own = variable("XDG_CONFIG_HOME");
  if (own.empty() || own[0] != '/') own = variable("HOME").empty() ? "" : variable("HOME") + "/.config";
  if (!own.empty()) files.push_back({own + kFile});
  if (const std::string asked = variable("TRUENO_CONFIG"); !asked.empty()) files.push_back({asked, true});
  return files;
}

Result<std::optional<std::string>> read_config_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return refuse(Status::io, path, std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string text, why = unfit(fd);
  if (why.empty())
    if (const int error = read_all(fd, text)) why = std::strerror(error);
  ::close(fd);
  if (!why.empty()) return refuse(Status::io, path, "cannot be read: " + why);
  if (text.size() > kMostConfigBytes)
    return refuse(Status::invalid_argument, path,
                  "longer than " + std::to_string(kMostConfigBytes) + " bytes: no configuration is");
  return std::optional<std::string>(std::move(text));
}

}  // namespace trueno::runtime
