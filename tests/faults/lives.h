// What a program does with the library, from first to last, in a form that can be repeated while things fail.
#pragma once

#include <cstdint>
#include <vector>

#include "trueno/trueno.h"

namespace trueno::test {

/// How a life went.
struct Outcome {
  std::uint64_t bits = 0;       ///< of all results, as a sum of them by FNV-1a
  Status status = Status::ok;   ///< of the first error
  const char* wrong = nullptr;  ///< what must never be, whatever fails
  Backend backend = Backend::automatic;
};

/// compile -> run -> destroy. Allocates nothing of its own, so that whatever fails is the library's.
struct Life {
  const char* name;
  Outcome (*live)();
  Status expected = Status::ok;  ///< where nothing fails
};

const std::vector<Life>& lives();

}  // namespace trueno::test
