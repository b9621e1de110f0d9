// The sweep: an op of one float, run by the public API on every f32 there is (or every n-th), or on samples of the f64,
// against its reference.
//
// A bound that was proved on all 2^32 inputs needs no argument. The 2^64 of f64 cannot be run through: there samples
// stand for them, drawn so that the places where things go wrong come up often (sweep_inputs.h). A strided sweep of f32
// adds the special values and their neighbours, so that a short run still sees the edges. How a result is judged:
// sweep_judge.h.
//
// The second use needs no reference: run the op on every target of the host and compare the bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "tools/own_ops.h"
#include "tools/sweep_judge.h"
#include "trueno/kernel.h"

namespace trueno::tools {

struct SweepOptions {
  std::string op;
  OwnOps ops;             ///< where it is looked for; none given: the library's
  Type type = Type::f32;  ///< or f64
  Backend backend = Backend::automatic;
  std::optional<Isa> isa;                   ///< the best of the host if not given
  std::vector<Isa> compared;                ///< for compare_targets: these; all if empty
  int vector_bits = 0;                      ///< likewise if 0
  std::uint64_t stride = 1;                 ///< f32: every stride-th input, by bits
  int threads = 0;                          ///< 0: as many as the host has
  std::uint64_t limit = 0;                  ///< f32: stop after that many inputs; 0: none. For tests
  std::uint64_t samples = kDefaultSamples;  ///< f64: so many, and the hard cases

  static constexpr std::uint64_t kDefaultSamples = 20'000'000;
};

struct SweepReport : Tally {
  std::string op, origin;
  Type type = Type::f32;
  std::string reference;        ///< what its results were held against
  std::optional<double> bound;  ///< if its block has one
  std::uint64_t stride = 1;
  double seconds = 0;
  std::uint64_t definition = 0;  ///< hash of the definition that was swept

  bool ok() const { return !bound || (max_ulp <= *bound && nan.count + infinity.count + zero_sign.count == 0); }
};

/// Runs a sweep.
/// Errors: invalid_argument for an op that is unknown, not of one operand and a result of the type, or without a
/// reference; unavailable if the target cannot run here.
Result<SweepReport> sweep(const SweepOptions& options);

/// One target of a comparison.
struct TargetBits {
  std::string target;  ///< "avx512 vl256", "interpreter"
  std::string origin;  ///< or why it was left out
  bool ran = false;
  std::uint64_t different = 0;                     ///< inputs whose bits are not those of the first target
  std::uint64_t input = 0, expected = 0, got = 0;  ///< of the lowest such input
};

struct CompareReport {
  std::string op;
  Type type = Type::f32;
  std::uint64_t stride = 1, inputs = 0;
  std::vector<TargetBits> targets;  ///< the first that ran is what the others are compared with
  double seconds = 0;
  std::uint64_t different() const;
  int ran() const;
};

/// Runs the op on every target of the host (options.compared and vector_bits restrict them) and compares the bits.
/// Errors: as sweep; unavailable if no target could be compiled.
Result<CompareReport> compare_targets(const SweepOptions& options);

/// Identifies a definition: a hash of its canonical text and those of the ops it calls, so that a change of formula,
/// not of wording, shows.
std::uint64_t hash_of(const ir::Definition& definition);

}  // namespace trueno::tools
