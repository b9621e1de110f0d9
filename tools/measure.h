// The error of a user's op against its reference (ops/op_reference.h): what --verify says beside the bits.
//
// It runs over the special values of the operands in all combinations, random operands of every kind the verifier
// knows, and of ops of one f32 over a stride through all 2^32; what needs all of them is the sweep's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/op_reference.h"
#include "tools/options.h"
#include "tools/own_ops.h"

namespace trueno::tools {

/// A result that is not the reference's.
struct Deviation {
  double ulp = 0;
  std::vector<std::uint64_t> operands;  ///< bits; empty for reductions
  std::uint64_t got = 0;                ///< bits
  long double exact = 0;
};

struct Measured {
  std::uint64_t results = 0;
  Deviation worst;         ///< of those that differ by some number
  std::uint64_t wild = 0;  ///< results that are NaN or infinite where the reference is not, or the other way round
  Deviation first_wild;    ///< the first of them
  std::uint64_t zero_signs = 0;  ///< zeros of the wrong sign
  std::optional<ir::Definition::Bound> bound;
  bool ok() const { return !bound || (worst.ulp <= bound->ulp && wild + zero_signs == 0); }
};

/// Errors: of compiling the op or its reference.
Result<Measured> measure(const ir::Definition& op, const ops::OpReference& reference, const Ops& ops);

/// Measures an op that has a reference and prints what was found, or that it has none; true: over its bound.
Result<bool> print_error(const ir::Definition& op, const Ops& ops, const Streams& streams);

}  // namespace trueno::tools
