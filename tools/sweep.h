// The sweep: an op of one f32, run by the public API on every f32 there is (or every n-th), against its reference.
//
// A bound that was proved on all 2^32 inputs needs no argument. The reference is evaluated in double; a result so
// near the middle between two f32 that double cannot decide is decided in long double, and what even that cannot
// decide is counted as undecided, never as right or wrong. A strided sweep adds the special values and their
// neighbours, so that a short run still sees the edges.
//
// The second use needs no reference: run the op on every target of the host and compare the bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "trueno/kernel.h"

namespace trueno::tools {

struct SweepOptions {
  std::string op;
  Backend backend = Backend::automatic;
  std::optional<Isa> isa;    ///< the best of the host if not given
  int vector_bits = 0;       ///< likewise if 0
  std::uint64_t stride = 1;  ///< every stride-th input, by bits
  int threads = 0;           ///< 0: as many as the host has
  std::uint64_t limit = 0;   ///< stop after that many inputs; 0: none. For tests
};

/// A property that must hold exactly, how often it did not, and where first.
struct Finding {
  std::uint64_t count = 0;
  std::uint32_t input = 0, got = 0;  ///< bits, of the lowest input
};

struct SweepReport {
  std::string op, origin;
  double bound = 0;
  std::uint64_t stride = 1, inputs = 0;
  double max_ulp = 0;  ///< infinite where NaN or an infinity is wrong
  std::uint32_t worst_input = 0, worst_got = 0;
  double worst_exact = 0;
  std::uint64_t misrounded = 0;  ///< not the f32 nearest to the exact result
  std::uint64_t undecided = 0;   ///< too near a tie even for long double; not counted as misrounded
  Finding nan;                   ///< NaN where there is a number, the other way round, or not the canonical NaN
  Finding infinity;              ///< an infinity that is exact, missed; or an infinity far from overflow
  Finding zero_sign;             ///< a zero of the wrong sign
  double seconds = 0;
  std::uint64_t definition = 0;  ///< hash of the definition that was swept

  bool ok() const { return max_ulp <= bound && nan.count + infinity.count + zero_sign.count == 0; }
};

/// Runs a sweep.
/// Errors: invalid_argument for an op that is unknown, not f32 -> f32 of one operand, or has no reference;
/// unavailable if the target cannot run here.
Result<SweepReport> sweep(const SweepOptions& options);

/// One target of a comparison.
struct TargetBits {
  std::string target;  ///< "avx512 vl256", "interpreter"
  std::string origin;  ///< or why it was left out
  bool ran = false;
  std::uint64_t different = 0;                     ///< inputs whose bits are not those of the first target
  std::uint32_t input = 0, expected = 0, got = 0;  ///< of the lowest such input
};

struct CompareReport {
  std::string op;
  std::uint64_t stride = 1, inputs = 0;
  std::vector<TargetBits> targets;  ///< the first that ran is what the others are compared with
  double seconds = 0;
  std::uint64_t different() const;
  int ran() const;
};

/// Runs the op on every target of the host (options.isa and vector_bits restrict them) and compares the bits.
/// Errors: as sweep; unavailable if no target could be compiled.
Result<CompareReport> compare_targets(const SweepOptions& options);

/// Identifies a definition: a hash of its canonical text, so that a change of formula, not of wording, shows.
std::uint64_t hash_of(const ir::Definition& definition);

}  // namespace trueno::tools
