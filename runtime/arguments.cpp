// See arguments.h.
#include "runtime/arguments.h"

#include "runtime/impl.h"

namespace trueno::runtime {

Error bad(const Kernel::Impl& k, const std::string& what) {
  return {Status::invalid_argument, "kernel '" + k.optimized.name + "': " + what};
}

std::string shape(Type type, bool array) { return std::string(name_of(type)) + (array ? "[]" : ""); }

Error wrong_count(const Kernel::Impl& k, const char* what, const std::vector<Slot>& slots, std::size_t got) {
  std::string names;
  for (const Slot& s : slots) names += (names.empty() ? "" : ", ") + s.name + ": " + shape(s.type, s.array);
  return bad(k, "takes " + std::to_string(slots.size()) + " " + what + " (" + names + "), got " + std::to_string(got));
}

std::string Agreed::complaint(const Slot& slot, std::size_t count) const {
  return "'" + slot.name + "' has " + std::to_string(count) + " " + unit_ + ", '" + first_->name + "' has " +
         std::to_string(count_) + "; " + rule_;
}

}  // namespace trueno::runtime
