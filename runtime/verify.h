// The verifier: does a back end give, bit for bit, what the interpreter gives?
//
// There is no tolerance anywhere: results are compared with memcmp. What makes it worth having is where it
// looks. It runs every length from 0 to a few unrolled iterations, the lengths around block boundaries (where
// the merge tree changes shape), every misalignment, arrays in place, arrays that begin and end at a page which
// cannot be touched, special values more often than ordinary ones, and the hard cases the caller names. It is
// the engine of the test suite, of the tools' --verify, and can guard a kernel before it is used.
//
// One Verifier belongs to one kernel and remembers the interpreter's answers, so that checking a second target
// costs only the generated code.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "jit/target.h"
#include "trueno/kernel.h"

namespace trueno::runtime {

struct VerifyOptions {
  bool full = false;       ///< all block boundaries (1..9, 16, 17 blocks) and every pattern at every misalignment
  int unroll = 4;          ///< lengths go up to 4 * unroll * vector length, one by one
  std::uint64_t seed = 1;  ///< of the random inputs
  /// Hard cases: each is one value (its bits) per parameter, in signature order.
  std::vector<std::vector<std::uint64_t>> cases;
  bool only_cases = false;  ///< for primitives with a promise about their operands: no other values are used
  bool in_turn = false;  ///< each length at one placement, another for the next, instead of at all: where time is dear
  bool guard_pages = true;  ///< false where masked lanes are touched, as by some emulators; stray writes are still seen
};

/// The first difference.
struct Mismatch {
  std::string what;    ///< one line: which result, which index, both values; or what else went wrong
  std::string where;   ///< length, input pattern, placement of the arrays
  std::string inputs;  ///< the operands at that index, if the difference has an index
  std::int64_t n = 0;
  std::int64_t index = -1;
  std::uint64_t expected = 0, actual = 0;  ///< bits
};

struct Report {
  enum class Outcome : std::uint8_t {
    same,       ///< every bit agreed
    different,  ///< see mismatch
    declined,   ///< the back end does not take this kernel; `reason` is what it said
  };
  Outcome outcome = Outcome::same;
  std::string target;  ///< "avx512 vl256"
  std::string kernel;  ///< its text
  std::string reason;
  std::optional<Mismatch> mismatch;
  std::uint64_t runs = 0;      ///< calls that were compared
  std::uint64_t elements = 0;  ///< elements those calls ran over

  bool ok() const { return outcome != Outcome::different; }
  /// All of it as lines for a person: target, place, bits, operands, kernel.
  std::string describe() const;
};

/// Anything that can be called as a kernel is.
using Run = std::function<Result<void>(std::span<const Arg>, std::span<const Out>)>;

class Verifier {
 public:
  /// The judge is the interpreter, running `meaning` (expanded: no op calls left) as it stands.
  explicit Verifier(ir::Kernel meaning, VerifyOptions options = {});
  /// The judge is another kernel of the same signature. What it computes is unknown here, so that it is taken
  /// to reduce.
  explicit Verifier(const Kernel& judge, VerifyOptions options = {});
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  /// Compiles the kernel for a target from its printed text, which is read back once and without the definitions it was
  /// made with, and compares.
  Report check(const jit::Target& target);
  /// Compares anything else. `lanes_bytes`: misalignments go up to this, the vector length in bytes.
  Report check(const std::string& name, int lanes_bytes, const Run& run);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One kernel, one target.
/// Threads: safe, but faults of generated code are caught by process-wide signal handlers while it runs.
/// Errors: none; a refusal to compile is Outcome::declined with its reason.
Report verify(const ir::Kernel& meaning, const jit::Target& target, const VerifyOptions& options = {});

/// Two kernels of one signature, for example one compiled for the JIT and one for the interpreter.
Report verify(const Kernel& candidate, const Kernel& judge, const VerifyOptions& options = {});

}  // namespace trueno::runtime
