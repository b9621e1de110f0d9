// A value that whoever needs it first makes, for the life of the process, without a lock.
//
// A function's static variable would do, were it not for fork: a child that is born while another thread of its parent
// makes the variable waits for that thread for ever, as it has no such thread. Here nobody waits: two that come at once
// both make the value, and one of the two is kept. If making it throws, the next one to come tries again.
#pragma once

#include <atomic>
#include <memory>

namespace trueno::ir {

template <class T>
class Once {
 public:
  constexpr Once() = default;
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  /// Whoever comes even later, at the end of the program, has one made again.
  ~Once() { delete made_.exchange(nullptr); }

  /// `make()` gives a T. Threads: safe.
  template <class Make>
  const T& get(Make make) {
    if (const T* made = made_.load(std::memory_order_acquire)) return *made;
    std::unique_ptr<const T> fresh(new T(make()));
    const T* before = nullptr;
    if (!made_.compare_exchange_strong(before, fresh.get(), std::memory_order_acq_rel)) return *before;
    return *fresh.release();
  }

 private:
  std::atomic<const T*> made_{nullptr};
};

}  // namespace trueno::ir
