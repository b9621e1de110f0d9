// Guard pages by mmap, faults by sigsetjmp: see verify_memory.h.
#include "runtime/verify_memory.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace trueno::runtime {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr int kSignalCount = sizeof(kSignals) / sizeof(kSignals[0]);

std::mutex catchers_mutex;
int catchers = 0;
struct sigaction earlier[kSignalCount];

// The handler can only know the thread it runs on; each thread that catches leaves its way out here.
thread_local sigjmp_buf* way_out = nullptr;
thread_local const void* fault_address = nullptr;

int index_of(int signal) {
  for (int i = 0; i < kSignalCount; ++i)
    if (kSignals[i] == signal) return i;
  return 0;
}

void on_fault(int signal, siginfo_t* info, void*) {
  if (way_out != nullptr) {
    fault_address = info->si_addr;
    siglongjmp(*way_out, signal);
  }
  // Not ours: put back what was there and return, so that the instruction faults again and meets it.
  sigaction(signal, &earlier[index_of(signal)], nullptr);
}

}  // namespace

GuardedPages::GuardedPages(std::size_t bytes) {
  const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  size_ = (bytes + page - 1) / page * page;
  if (size_ == 0) size_ = page;
  void* base = mmap(nullptr, size_ + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return;
  base_ = static_cast<std::uint8_t*>(base);
  data_ = base_ + page;
  if (mprotect(data_, size_, PROT_READ | PROT_WRITE) != 0) {
    munmap(base_, size_ + 2 * page);
    base_ = nullptr;
  }
}

GuardedPages::~GuardedPages() {
  if (base_ == nullptr) return;
  const std::size_t page = static_cast<std::size_t>(data_ - base_);
  munmap(base_, size_ + 2 * page);
}

Place paint_around(const GuardedPages& pages, std::uint8_t* at, std::size_t bytes) {
  Place p;
  p.at = at;
  p.bytes = bytes;
  p.from = at - std::min<std::size_t>(Place::kMargin, static_cast<std::size_t>(at - pages.begin()));
  p.to = at + bytes + std::min<std::size_t>(Place::kMargin, static_cast<std::size_t>(pages.end() - at) - bytes);
  std::memset(p.from, Place::kPaint, static_cast<std::size_t>(p.at - p.from));
  std::memset(p.at + bytes, Place::kPaint, static_cast<std::size_t>(p.to - p.at) - bytes);
  return p;
}

const std::uint8_t* unpainted(const std::uint8_t* from, const std::uint8_t* to) {
  const auto* at = std::find_if(from, to, [](std::uint8_t b) { return b != Place::kPaint; });
  return at == to ? nullptr : at;
}

const std::uint8_t* stray_write(const Place& p) {
  const std::uint8_t* wrong = unpainted(p.from, p.at);
  return wrong != nullptr ? wrong : unpainted(p.at + p.bytes, p.to);
}

FaultCatcher::FaultCatcher() {
  const std::lock_guard lock(catchers_mutex);
  if (catchers++ != 0) return;
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < kSignalCount; ++i) sigaction(kSignals[i], &action, &earlier[i]);
}

FaultCatcher::~FaultCatcher() {
  const std::lock_guard lock(catchers_mutex);
  if (--catchers != 0) return;
  for (int i = 0; i < kSignalCount; ++i) sigaction(kSignals[i], &earlier[i], nullptr);
}

FaultCatcher::Fault FaultCatcher::run(const std::function<void()>& body) const {
  sigjmp_buf here;
  // The signal mask is not saved (SA_NODEFER leaves it alone): saving it would be a system call per run.
  const int signal = sigsetjmp(here, 0);
  if (signal != 0) {
    way_out = nullptr;
    return {signal, fault_address};
  }
  way_out = &here;
  body();
  way_out = nullptr;
  return {};
}

std::string FaultCatcher::Fault::name() const {
  switch (signal) {
    case 0: return "no fault";
    case SIGSEGV: return "access to memory it may not touch (SIGSEGV)";
    case SIGBUS: return "bus error (SIGBUS)";
    case SIGFPE: return "arithmetic trap (SIGFPE)";
    case SIGILL: return "illegal instruction (SIGILL)";
    default: return "signal " + std::to_string(signal);
  }
}

}  // namespace trueno::runtime
