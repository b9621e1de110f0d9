// Where the library meets its callers: nothing is thrown past here, and under TRUENO_VERBOSE the log hears of every
// kernel that was asked for.
#pragma once

#include <new>
#include <stdexcept>

#include "runtime/log.h"
#include "trueno/kernel.h"

namespace trueno::runtime {

/// What `work` returns, a Result; an error if it ran out of memory.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error::out_of_memory();
  } catch (const std::length_error&) {  // more than any memory has
    return Error::out_of_memory();
  }
}

/// Nanoseconds of a clock that only goes forward.
std::int64_t now() noexcept;
/// Tells what became of a kernel, asked for at `begin`.
void tell(const Result<Kernel>& made, std::int64_t begin) noexcept;

/// `work` makes a kernel for a caller.
template <class Work>
Result<Kernel> guarded_and_told(Work work) {
  if (!verbose()) return guarded(work);
  const std::int64_t begin = now();
  Result<Kernel> made = guarded(work);
  tell(made, begin);
  return made;
}

}  // namespace trueno::runtime
