// Mapping .npy files in, and writing them out so that no reader ever sees half of one.
//
// The header's meaning is in npy_header.cpp; here are the system calls, and what the sizes must satisfy.
#include "tools/npy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/npy_header.h"

namespace trueno::tools {
namespace {

Error about(const std::string& path, std::string message) {
  Error error(Status::io, std::move(message));
  error.diagnostics[0].file = path;
  return error;
}

/// The same refusal, under the file's name.
Error about(const std::string& path, Error error) {
  for (Diagnostic& d : error.diagnostics) d.file = path;
  return error;
}

Error failed(const std::string& path, std::string_view what) {
  return about(path, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// A file descriptor that is closed when it goes; `close` to learn of errors.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

struct Mapping {
  void* data;
  std::size_t size;
  ~Mapping() { ::munmap(data, size); }
};

/// The elements, where they lie if they are aligned, else in a copy.
Result<NpyArray> elements(const std::string& path, std::shared_ptr<Mapping> map, const NpyHeader& header) {
  const std::size_t bytes = header.shape.elements() * stored_bytes(header.type);
  const char* data = static_cast<const char*>(map->data) + header.data_offset;
  if (header.data_offset % stored_bytes(header.type) == 0)
    return NpyArray(header.type, std::move(map), data, header.shape);
  std::shared_ptr<void> copy(std::malloc(std::max<std::size_t>(bytes, 1)), std::free);
  if (!copy) return about(path, fmt::format("no memory for a copy of {} bytes (its data is misaligned)", bytes));
  if (bytes != 0) std::memcpy(copy.get(), data, bytes);
  const void* begin = copy.get();
  return NpyArray(header.type, std::move(copy), begin, header.shape);
}

bool write_all(int fd, const void* data, std::size_t bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // Linux moves at most 2 GiB - 4 KiB in one call
  const char* at = static_cast<const char*>(data);
  while (bytes != 0) {
    const ssize_t done = ::write(fd, at, std::min(bytes, kMost));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    at += done;
    bytes -= static_cast<std::size_t>(done);
  }
  return true;
}

Result<void> write_directly(const std::string& path, const std::string& head, const void* data, std::size_t bytes) {
  File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return failed(path, "cannot be opened to write");
  if (!write_all(file.fd(), head.data(), head.size()) || !write_all(file.fd(), data, bytes))
    return failed(path, "cannot be written");
  if (!file.close()) return failed(path, "cannot be written");
  return {};
}

/// The permissions a new file would have had, or those of the file it replaces.
mode_t mode_for(const struct stat* old) {
  if (old) return old->st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Result<void> replace(const std::string& path, mode_t mode, const std::string& head, const void* data,
                     std::size_t bytes) {
  std::string temporary = path + ".XXXXXX";
  File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return failed(path, "cannot be written: no temporary file can be made beside it");
  // fsync, because a full disk or a lost server may only show there, and because a rename may reach the disk first.
  const bool written = write_all(file.fd(), head.data(), head.size()) && write_all(file.fd(), data, bytes) &&
                       ::fchmod(file.fd(), mode) == 0 && ::fsync(file.fd()) == 0 && file.close() &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  const Error error = failed(path, "cannot be written");
  ::unlink(temporary.c_str());
  return error;
}

}  // namespace

Result<NpyArray> read_npy(const std::string& path) {
  // Not to wait for a writer if it is a pipe.
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(path, "cannot be opened");
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return failed(path, "cannot be examined");
  if (!S_ISREG(info.st_mode))
    return about(path, S_ISDIR(info.st_mode) ? "is a directory, not a .npy file"
                                             : "is not a regular file; only those can be mapped");
  if (info.st_size == 0) return about(path, "is empty, not a .npy file");

  const std::size_t size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd(), 0);
  if (data == MAP_FAILED) return failed(path, "cannot be mapped");
  auto map = std::make_shared<Mapping>(data, size);

  auto header = parse_npy_header({static_cast<const std::uint8_t*>(data), size});
  if (!header) return about(path, header.error());
  const std::uint64_t expected = header->shape.elements() * stored_bytes(header->type),
                      found = size - header->data_offset;
  if (found != expected)
    return about(path, fmt::format("{}: {} elements of {} are {} bytes, {} follow the header",
                                   found < expected ? "it is truncated" : "it has trailing bytes",
                                   header->shape.elements(), name_of(header->type), expected, found));
  return elements(path, std::move(map), *header);
}

std::string NpyShape::text() const {
  return rows ? fmt::format("({}, {})", *rows, columns) : fmt::format("({},)", columns);
}

Result<void> write_npy(const std::string& path, Type type, const void* data, const NpyShape& shape) {
  const std::string head = runtime::npy_header(type, shape.text());
  const std::size_t bytes = shape.elements() * stored_bytes(type);
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return failed(path, "cannot be written");
  if (exists && S_ISDIR(info.st_mode)) return about(path, "cannot be written: it is a directory");
  if (exists && !S_ISREG(info.st_mode)) return write_directly(path, head, data, bytes);
  if (exists && ::access(path.c_str(), W_OK) != 0) return failed(path, "cannot be written");
  // A link is followed, so that what it points to is replaced, as it would be by opening it.
  std::unique_ptr<char, void (*)(void*)> real(exists ? ::realpath(path.c_str(), nullptr) : nullptr, std::free);
  return replace(real ? real.get() : path, mode_for(exists ? &info : nullptr), head, data, bytes);
}

}  // namespace trueno::tools
