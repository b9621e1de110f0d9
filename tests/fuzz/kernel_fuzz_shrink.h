// Makes a failing case smaller: greedy, by edits each of which lowers a cost, until none of them fails any more.
#pragma once

#include "tests/fuzz/kernel_fuzz_check.h"

namespace trueno::fuzz {

struct Shrunk {
  Case smallest;
  Difference difference;   ///< of the smallest
  std::size_t checks = 0;  ///< how many cases were tried
};

/// Any difference of the same kind counts as the same failure.
Shrunk shrink(Checker& checker, const Case& failing, const Subject& subject, const Difference& first);

}  // namespace trueno::fuzz
