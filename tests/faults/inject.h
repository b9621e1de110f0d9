// Calls that fail when they are told to: this program's own malloc and its like, mmap, memfd_create, write and so on
// take the place of the system's for everything linked into it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace trueno::test {

/// What can be made to fail. Under a sanitizer, which has a malloc of its own, `memory` is operator new.
enum class Call : unsigned { memory, mmap, memfd_create, write, fcntl, mprotect, munmap };
inline constexpr std::size_t kCalls = 7;
constexpr std::string_view name_of(Call c) {
  constexpr std::array<std::string_view, kCalls> kNames = {"memory", "mmap",     "memfd_create", "write",
                                                           "fcntl",  "mprotect", "munmap"};
  return kNames[static_cast<std::size_t>(c)];
}

/// While it lives, the k-th call of a kind fails (k from 1; 0: none), and all that follow if `and_on`; with `reason`
/// for its errno, if that is not to be the usual one of something that has run out. Threads: one, the only one.
class Fault {
 public:
  Fault(Call call, long k, bool and_on = false, int reason = 0);
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;
  /// Calls of that kind since.
  long calls() const;
  /// Whether one of them failed.
  bool struck() const;
};

/// Pieces of memory that are in use in this process.
long live_pieces();
/// Calls of malloc and its like (or of operator new) ever made.
long allocations();

}  // namespace trueno::test
