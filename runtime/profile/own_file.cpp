// See own_file.h.
#include "runtime/profile/own_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

namespace trueno::runtime {
namespace {

Error failed(const std::string& path, const std::string& why) { return {Status::io, path + ": " + why}; }
Error failed(const std::string& path, const char* call, int error) {
  return failed(path, std::string(call) + ": " + std::strerror(error));
}

/// When this process began, in seconds since 1970, or 0 if that is not to be had.
std::time_t began() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/stat", "re"), std::fclose);
  char text[1024] = {};
  if (!file || std::fread(text, 1, sizeof text - 1, file.get()) == 0) return 0;
  const char* at = std::strrchr(text, ')');  // a program's name may hold anything, but what follows does not
  unsigned long long ticks = 0;
  constexpr char kFields[] = ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu";
  timespec boot{}, now{};
  if (!at || std::sscanf(at, kFields, &ticks) != 1 || clock_gettime(CLOCK_BOOTTIME, &boot) != 0) return 0;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec - boot.tv_sec +
         static_cast<std::time_t>(ticks / static_cast<unsigned long long>(sysconf(_SC_CLK_TCK)));
}

/// Written before this process was: by another that had its number. A second or two are lost in rounding.
bool left_by_another(const struct stat& info) {
  const std::time_t since = began();
  return since != 0 && info.st_mtim.tv_sec + 2 < since;
}

}  // namespace

OwnFile::OwnFile(OwnFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(other.size_), path_(std::move(other.path_)) {}
OwnFile& OwnFile::operator=(OwnFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(path_, other.path_);
  return *this;
}
OwnFile::~OwnFile() {
  if (fd_ >= 0) close(fd_);
}

Result<OwnFile> OwnFile::open(const std::string& path) { return opened(path, false); }
Result<OwnFile> OwnFile::create(const std::string& path) { return opened(path, true); }

Result<OwnFile> OwnFile::opened(const std::string& path, bool empty) {
  // O_NONBLOCK: a pipe of that name must not hold us up.
  constexpr int kFlags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  OwnFile file(::open(path.c_str(), kFlags, 0600), path);
  if (file.fd_ < 0) return failed(path, "open", errno);
  struct stat info {};
  if (fstat(file.fd_, &info) != 0) return failed(path, "fstat", errno);
  if (!S_ISREG(info.st_mode)) return failed(path, "is no ordinary file");
  if (info.st_uid != geteuid() || info.st_nlink != 1) return failed(path, "is not this user's own, or has other names");
  file.size_ = static_cast<std::size_t>(info.st_size);
  if (file.size_ == 0 || !(empty || left_by_another(info))) return file;
  if (ftruncate(file.fd_, 0) != 0) return failed(path, "ftruncate", errno);
  file.size_ = 0;
  return file;
}

Result<void> OwnFile::append(std::string_view record) {
  struct stat info {};
  if (fstat(fd_, &info) != 0) return failed(path_, "fstat", errno);
  size_ = static_cast<std::size_t>(info.st_size);
  // Growing beyond the limit of this process is answered by a signal that ends it.
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && size_ + record.size() > limit.rlim_cur)
    return failed(path_, "write", EFBIG);
  ssize_t written = -1;
  do written = write(fd_, record.data(), record.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(record.size())) {
    size_ += record.size();
    return {};
  }
  const int error = written < 0 ? errno : ENOSPC;
  [[maybe_unused]] const int back = ftruncate(fd_, info.st_size);  // half a record would hide all that follow
  return failed(path_, "write", error);
}

}  // namespace trueno::runtime
