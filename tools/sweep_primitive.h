// The sweep of primitives: one operand of 32 bits, all 2^32 values of it, every target against the interpreter.
//
// The reference is the meaning of the primitive itself (the interpreter, on the unoptimized kernel), so there is no
// tolerance: results are compared as bytes. The interpreter is the slow one; it runs once per chunk of inputs and all
// targets are held against that.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/primitive_kernels.h"
#include "trueno/kernel.h"

namespace trueno::tools {

struct PrimitiveSweepOptions {
  std::optional<Isa> isa;    ///< all that this host runs if not given
  int vector_bits = 0;       ///< likewise if 0
  std::uint64_t stride = 1;  ///< every stride-th input, by bits; above 1 also the special values
  int threads = 0;           ///< 0: as many as the host has
  std::uint64_t limit = 0;   ///< stop after that many inputs; 0: none. For tests
};

/// What one target did.
struct PrimitiveTarget {
  std::string target;                   ///< "avx512 vl256"
  std::string declined;                 ///< why the back end has no code for it; empty if it ran
  std::uint64_t different = 0;          ///< inputs whose result is not the interpreter's
  std::uint32_t input = 0;              ///< of the lowest such input: its bits,
  std::uint64_t expected = 0, got = 0;  ///< and those of both results
  bool ran() const { return declined.empty(); }
};

struct PrimitiveReport {
  PrimitiveUse use;
  std::uint64_t stride = 1, inputs = 0;
  std::vector<PrimitiveTarget> targets;
  double seconds = 0;
  std::uint64_t different() const;
  int ran() const;
};

/// What can be swept: primitives of one number of 32 bits with a number as result; tables aside, whose index has few
/// bits that matter. Errors: invalid_argument for a name, type or target type that leaves nothing; an empty name
/// stands for all.
Result<std::vector<PrimitiveUse>> sweepable_uses(const std::string& name, std::optional<Type> type = {},
                                                 std::optional<Type> to = {});

/// Sweeps one of those.
/// Errors: unavailable if this host runs none of the targets asked for; internal if a kernel does not compile or run
/// for another reason than that the back end declines it.
Result<PrimitiveReport> sweep_primitive(const PrimitiveUse& use, const PrimitiveSweepOptions& options = {});

nlohmann::ordered_json to_json(const PrimitiveReport& report);

}  // namespace trueno::tools
