// The publish sequence; see arena.h. Each refusal names the system call and the reason the kernel gave.
//
// The file is sealed before it is mapped executable, so nobody, not even a forked child or this process with
// the descriptor still at hand, can change code that runs. MAP_PRIVATE keeps children apart all the same.
#include "jit/arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace trueno::jit {
namespace {

Error refused(const char* call, const char* hint = "") {
  const int reason = errno;
  return {Status::unavailable, std::string("executable memory refused: ") + call + ": " + std::strerror(reason) + hint};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Newer kernels want to be told that the file is to be executed; older ones refuse the flag.
int create_file() {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = memfd_create("trueno-code", flags | MFD_EXEC);
  return fd >= 0 || errno != EINVAL ? fd : memfd_create("trueno-code", flags);
}

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const Executable>> Executable::publish(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return Error(Status::internal, "executable memory: no bytes to publish");
  const Descriptor file(create_file());
  if (file.get() < 0) return refused("memfd_create");
  if (!write_all(file.get(), bytes)) return refused("write");
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return refused("fcntl(F_ADD_SEALS)");
  void* p = mmap(nullptr, bytes.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0);
  if (p == MAP_FAILED)
    return refused("mmap(PROT_EXEC)", errno == EPERM || errno == EACCES ? " (a security policy forbids it)" : "");
  return std::shared_ptr<const Executable>(new Executable(static_cast<const std::uint8_t*>(p), bytes.size()));
}

Executable::~Executable() { munmap(const_cast<std::uint8_t*>(data_), size_); }

const Result<void>& executable_memory() {
  static const Result<void> kProbe = []() -> Result<void> {
    constexpr std::uint8_t kReturn[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xc3};  // endbr64; ret
    auto probe = Executable::publish(kReturn);
    if (!probe) return probe.error();
    reinterpret_cast<void (*)()>(reinterpret_cast<std::uintptr_t>((*probe)->data()))();
    return {};
  }();
  return kProbe;
}

}  // namespace trueno::jit
