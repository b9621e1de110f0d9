// See inject.h. glibc's own functions are reached by the names under which it offers them to replacements like these,
// system calls by their number: dlsym would need memory itself.
#include "tests/faults/inject.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRUENO_OWN_MALLOC 0
#else
#define TRUENO_OWN_MALLOC 1
#endif

namespace {

struct State {
  bool armed = false, and_on = false, struck = false;
  trueno::test::Call call{};
  long k = 0, calls = 0;
  int reason = 0;
};
constinit State state;
constinit std::atomic<long> live{0}, made{0};

/// Whether this call is to fail.
bool strikes(trueno::test::Call call) {
  if (!state.armed || state.call != call) return false;
  ++state.calls;
  const bool now = state.k != 0 && (state.and_on ? state.calls >= state.k : state.calls == state.k);
  state.struck = state.struck || now;
  return now;
}

using trueno::test::Call;

bool fails(Call call, int reason) {
  if (!strikes(call)) return false;
  errno = state.reason != 0 ? state.reason : reason;
  return true;
}

void* counted(void* p) {
  if (p) live.fetch_add(1, std::memory_order_relaxed), made.fetch_add(1, std::memory_order_relaxed);
  return p;
}

void uncounted(void* p) {
  if (p) live.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

namespace trueno::test {

Fault::Fault(Call call, long k, bool and_on, int reason) { state = {true, and_on, false, call, k, 0, reason}; }
Fault::~Fault() { state.armed = false; }
long Fault::calls() const { return state.calls; }
bool Fault::struck() const { return state.struck; }
long live_pieces() { return live.load(); }
long allocations() { return made.load(); }

}  // namespace trueno::test

extern "C" {

#if TRUENO_OWN_MALLOC
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;
void __libc_free(void*) noexcept;

void* malloc(std::size_t n) noexcept { return fails(Call::memory, ENOMEM) ? nullptr : counted(__libc_malloc(n)); }
void* calloc(std::size_t n, std::size_t size) noexcept {
  return fails(Call::memory, ENOMEM) ? nullptr : counted(__libc_calloc(n, size));
}
void* realloc(void* p, std::size_t n) noexcept {
  if (fails(Call::memory, ENOMEM)) return nullptr;
  void* const moved = __libc_realloc(p, n);
  if (p && (moved || n == 0)) uncounted(p);
  return counted(moved);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) noexcept {
  return fails(Call::memory, ENOMEM) ? nullptr : counted(__libc_memalign(alignment, n));
}
void* memalign(std::size_t alignment, std::size_t n) noexcept { return aligned_alloc(alignment, n); }
int posix_memalign(void** out, std::size_t alignment, std::size_t n) noexcept {
  void* const p = aligned_alloc(alignment, n);
  if (!p) return ENOMEM;
  *out = p;
  return 0;
}
void free(void* p) noexcept {
  uncounted(p);
  __libc_free(p);
}
#endif

void* mmap(void* at, std::size_t n, int rights, int flags, int fd, off_t offset) noexcept {
  if (fails(Call::mmap, ENOMEM)) return MAP_FAILED;
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, n, rights, flags, fd, offset));
}
int munmap(void* at, std::size_t n) noexcept {
  return fails(Call::munmap, ENOMEM) ? -1 : static_cast<int>(syscall(SYS_munmap, at, n));
}
int mprotect(void* at, std::size_t n, int rights) noexcept {
  return fails(Call::mprotect, ENOMEM) ? -1 : static_cast<int>(syscall(SYS_mprotect, at, n, rights));
}
int memfd_create(const char* name, unsigned flags) noexcept {
  return fails(Call::memfd_create, EMFILE) ? -1 : static_cast<int>(syscall(SYS_memfd_create, name, flags));
}
ssize_t write(int fd, const void* bytes, std::size_t n) {
  return fails(Call::write, ENOSPC) ? -1 : syscall(SYS_write, fd, bytes, n);
}
int fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  const long argument = va_arg(more, long);
  va_end(more);
  return fails(Call::fcntl, EBUSY) ? -1 : static_cast<int>(syscall(SYS_fcntl, fd, command, argument));
}

}  // extern "C"

#if !TRUENO_OWN_MALLOC
// The sanitizer's malloc below, so that what it looks for is still found.
void* operator new(std::size_t n) {
  if (void* p = fails(Call::memory, ENOMEM) ? nullptr : counted(std::malloc(n == 0 ? 1 : n))) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  return fails(Call::memory, ENOMEM) ? nullptr : counted(std::malloc(n == 0 ? 1 : n));
}
void* operator new(std::size_t n, std::align_val_t alignment) {
  const auto a = static_cast<std::size_t>(alignment);
  if (void* p = fails(Call::memory, ENOMEM) ? nullptr : counted(std::aligned_alloc(a, (n + a - 1) / a * a))) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t n) { return operator new(n); }
void* operator new[](std::size_t n, const std::nothrow_t& no) noexcept { return operator new(n, no); }
void operator delete(void* p) noexcept {
  uncounted(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
void operator delete(void* p, std::align_val_t) noexcept { operator delete(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { operator delete(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { operator delete(p); }
void operator delete[](void* p) noexcept { operator delete(p); }
void operator delete[](void* p, std::size_t) noexcept { operator delete(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { operator delete(p); }
#endif
