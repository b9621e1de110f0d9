// The list that GDB reads; see gdb.h. Its names and layout are GDB's ("JIT Compilation Interface" in its manual).
//
// Other generators of code in the process may bring the same two names. In a program that links them with us
// statically there must be one of each: ours are weak and give way. In a shared library ours are its own, seen by GDB
// and bound to by nobody else (protected): GDB looks at each library's. The lock is ours, too: there is none in common.
#include "runtime/profile/gdb.h"

#include <pthread.h>

#include <atomic>
#include <mutex>

extern "C" {

struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  std::uint64_t symfile_size;
};

struct jit_descriptor {
  std::uint32_t version;
  std::uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};

[[gnu::weak, gnu::used, gnu::visibility("protected")]] jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};
/// GDB has a breakpoint here.
[[gnu::weak, gnu::used, gnu::noinline, gnu::visibility("protected")]] void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}

}  // extern "C"

namespace trueno::runtime {
namespace {

constexpr std::uint32_t kNoAction = 0, kRegister = 1, kUnregister = 2;

/// Held around a fork, too: the child has the list in one piece, and can go on with it.
std::mutex& list_lock() {
  static constinit std::mutex lock;
  static std::atomic<bool> known{false};
  if (!known.exchange(true))
    pthread_atfork([] { list_lock().lock(); }, [] { list_lock().unlock(); }, [] { list_lock().unlock(); });
  return lock;
}

void tell(jit_code_entry& entry, std::uint32_t action) {
  __jit_debug_descriptor.relevant_entry = &entry;
  __jit_debug_descriptor.action_flag = action;
  __jit_debug_register_code();
  __jit_debug_descriptor.action_flag = kNoAction;
}

}  // namespace

struct GdbEntry::Listed {
  jit_code_entry entry;
  std::string object_file;
};

GdbEntry::GdbEntry(std::string object_file) : listed_(new Listed{{}, std::move(object_file)}) {
  jit_code_entry& mine = listed_->entry;
  mine.symfile_addr = listed_->object_file.data();
  mine.symfile_size = listed_->object_file.size();
  const std::lock_guard lock(list_lock());
  jit_code_entry*& first = __jit_debug_descriptor.first_entry;
  mine.next_entry = first;
  if (first) first->prev_entry = &mine;
  first = &mine;
  tell(mine, kRegister);
}

GdbEntry::~GdbEntry() {
  jit_code_entry& mine = listed_->entry;
  const std::lock_guard lock(list_lock());
  (mine.prev_entry ? mine.prev_entry->next_entry : __jit_debug_descriptor.first_entry) = mine.next_entry;
  if (mine.next_entry) mine.next_entry->prev_entry = mine.prev_entry;
  tell(mine, kUnregister);
}

}  // namespace trueno::runtime
