// The publish sequence; see arena.h. Each refusal names the system call and the reason (refusal.h).
//
// The file is sealed before it is mapped executable, so nobody, not even a forked child or this process with
// the descriptor still at hand, can change code that runs. MAP_PRIVATE keeps children apart all the same.
#include "jit/arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "jit/refusal.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace trueno::jit {
namespace {

/// The reason of the first refusal by a policy. Without a lock, as a fork may happen at any time; a child that is born
/// while it is written never sees it written, and goes on asking.
class Reason {
 public:
  void keep(const std::string& text) {
    int expected = kNone;
    if (!state_.compare_exchange_strong(expected, kBeingWritten)) return;
    size_ = std::min(text.size(), sizeof text_);
    std::memcpy(text_, text.data(), size_);
    state_.store(kWritten, std::memory_order_release);
  }
  bool known() const { return state_.load(std::memory_order_acquire) == kWritten; }
  std::string text() const { return {text_, size_}; }

 private:
  static constexpr int kNone = 0, kBeingWritten = 1, kWritten = 2;
  std::atomic<int> state_{kNone};
  std::size_t size_ = 0;
  char text_[512] = {};
};

constinit Reason reason_for_good;
thread_local bool refused_here = false;

Error refused(const char* call) {
  Refusal refusal = explain_refusal(call, errno);
  if (refusal.for_good) {
    reason_for_good.keep(refusal.text);
    refused_here = true;
  }
  return {Status::unavailable, std::move(refusal.text)};
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

/// A file beyond the limit of this process is refused with a signal that ends it, memory files too: not tried.
bool fits_into_a_file(std::size_t bytes) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || bytes <= limit.rlim_cur) return true;
  errno = EFBIG;
  return false;
}

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
  if (!fits_into_a_file(bytes.size())) return false;
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
  if (auto fine = not_refused_for_good(); !fine) return fine.error();
  const std::shared_ptr<Executable> code(new Executable(bytes.size()));  // before there is a mapping to lose
  const Descriptor file(create_file());
  if (file.get() < 0) return refused("memfd_create");
  if (!write_all(file.get(), bytes)) return refused("write");
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return refused("fcntl(F_ADD_SEALS)");
  void* p = mmap(nullptr, bytes.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0);
  if (p == MAP_FAILED) return refused("mmap(PROT_EXEC)");
  code->data_ = static_cast<const std::uint8_t*>(p);
  return std::shared_ptr<const Executable>(code);
}

Result<std::shared_ptr<const Executable>> Executable::publish_without_file(std::span<const std::uint8_t> bytes) {
  const auto failed = [](const char* call) {
    return Error(Status::unavailable, std::string(call) + ": " + std::strerror(errno));
  };
  if (bytes.empty()) return Error(Status::internal, "executable memory: no bytes to publish");
  const std::shared_ptr<Executable> code(new Executable(bytes.size()));
  void* p = mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return failed("mmap");
  code->data_ = static_cast<const std::uint8_t*>(p);
  std::memcpy(p, bytes.data(), bytes.size());
  if (mprotect(p, bytes.size(), PROT_READ | PROT_EXEC) != 0) return failed("mprotect(PROT_EXEC)");
  return std::shared_ptr<const Executable>(code);
}

Executable::~Executable() {
  if (data_) munmap(const_cast<std::uint8_t*>(data_), size_);
}

Result<void> not_refused_for_good() {
  if (!refused_here || !reason_for_good.known()) return {};
  return Error(Status::unavailable, reason_for_good.text());
}

Result<void> executable_memory() {
  constexpr std::uint8_t kReturn[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xc3};  // endbr64; ret
  auto probe = Executable::publish(kReturn);
  if (!probe) return probe.error();
  reinterpret_cast<void (*)()>(reinterpret_cast<std::uintptr_t>((*probe)->data()))();
  return {};
}

}  // namespace trueno::jit
