// The verifier's programme: which inputs meet which lengths and placements.
//
// Apart from the loop that runs it, because this is the part people read to see what is covered, and the part
// that grows when a bug got past it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "runtime/verify.h"
#include "runtime/verify_inputs.h"

namespace trueno::runtime {

/// What the verifier needs to know of a kernel.
struct Signature {
  std::vector<Slot> params, results;
  std::string text;
  bool reduces = true;   // some result depends on all elements (or on their number)
  bool reduces4 = true;  // 4-byte accumulators: blocks of 8192
  bool reduces8 = true;  // 8-byte accumulators: blocks of 4096

  bool has_arrays() const;
  bool has_scalars() const;
  int smallest_element() const;  // lane width in bytes of the narrowest array
};

Signature signature_of(const ir::Kernel& kernel);

/// How the arrays of one call lie in memory.
struct Placement {
  enum class Kind : std::uint8_t { inside, at_end, at_start } kind = Kind::inside;
  int shift = 0;      // inside: elements from an aligned address
  int in_place = -1;  // r >= 0: array result k is the (k + r)-th array parameter of its type, where there is one

  std::string describe() const;
};

/// One set of input values and what is run with it.
struct Round {
  Pattern pattern = Pattern::ordinary;
  std::uint64_t seed = 0;
  std::vector<std::int64_t> sizes;
  std::vector<Placement> placements;
};

/// `lane_bytes`: the vector length in bytes.
std::vector<Round> rounds_for(const Signature& signature, const VerifyOptions& options, int lane_bytes);

}  // namespace trueno::runtime
