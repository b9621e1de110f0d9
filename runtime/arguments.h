// What is said of arguments that do not fit a kernel, and what must agree between them: shared by calls over arrays
// (kernel.cpp) and over the rows of matrices (rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "trueno/kernel.h"

namespace trueno::runtime {

/// A refusal in the kernel's name.
Error bad(const Kernel::Impl& k, const std::string& what);
/// "f32[]"
std::string shape(Type type, bool array);
Error wrong_count(const Kernel::Impl& k, const char* what, const std::vector<Slot>& slots, std::size_t got);

/// Masks are handed over as bytes, whatever their width.
inline bool same_type(const Slot& slot, Type type) {
  return type == slot.type || (is_mask(type) && is_mask(slot.type));
}

/// A count that all operands which have it must have alike: the first one sets it.
class Agreed {
 public:
  /// `unit`: "elements"; `rule`: what the refusal ends with.
  Agreed(const char* unit, const char* rule) : unit_(unit), rule_(rule) {}
  bool take(const Slot& slot, std::size_t count) {
    if (!first_) first_ = &slot, count_ = count;
    return count == count_;
  }
  std::string complaint(const Slot& slot, std::size_t count) const;
  std::size_t count() const { return count_; }  ///< 0 if nobody had it

 private:
  const char *unit_, *rule_;
  const Slot* first_ = nullptr;
  std::size_t count_ = 0;
};

/// Scalar results are left in slots; this one goes to `to`. `bytes`: stored_bytes of its type, 1 for a mask.
/// No more is read than generated code has written: the processor would wait for the rest to come from the cache.
inline void hand_out(std::size_t bytes, const std::uint64_t& slot, void* to) {
  if (bytes == 4)
    __builtin_memcpy(to, &slot, 4);  // sizes known to the compiler: no call
  else if (bytes == 8)
    __builtin_memcpy(to, &slot, 8);
  else
    *static_cast<std::uint8_t*>(to) = *reinterpret_cast<const std::uint8_t*>(&slot) & 1;
}

}  // namespace trueno::runtime
