// One pass of trueno-bench ab: every kernel at every size, two builds in turn, in a process of its own.
//
// What lies where is drawn anew for each pass: in which order and at which addresses the builds are loaded, and how
// deep the stack is. Within a pass each kernel is compiled by both builds several times: as it lies (where the builds
// put it, arrays at cache lines) and moved (code and arrays at places drawn at random). Then come rounds, in each of
// which every placement has one pair: a batch of A and one of B, in random order, one right after the other.
#pragma once

#include <string>
#include <vector>

#include "tools/bench_kernels.h"
#include "tools/bench_library.h"

namespace trueno::tools {

inline constexpr int kMovedPlacements = 2;

/// Logarithms of the time of B over that of A, a value per pair.
struct Pairs {
  std::vector<double> as_it_lies;
  std::vector<double> moved[kMovedPlacements];
};

/// A kernel at a size, in one pass.
struct CellPass {
  Pairs pairs;
  double a_ns = 0, b_ns = 0;  ///< the median time of a call, as it lies
  bool same_bits = true;      ///< of results
};

/// What is found out of a kernel before anything is timed.
struct CodeCompared {
  enum class Bytes : std::uint8_t { unknown, equal, different };
  Bytes bytes = Bytes::unknown;  ///< unknown: a build is too old to show its code, or generates none
  std::size_t a_size = 0, b_size = 0;
  std::string a_origin, b_origin;
};

struct PassPlan {
  Build a, b;
  std::vector<BenchKernel> kernels;
  std::vector<std::size_t> sizes;
  double cell_ns = 40e6;    ///< for the pairs of a cell in one pass
  std::size_t b_shift = 0;  ///< as it lies, arrays of B begin so many elements later: a planted shift of layout
};

struct Pass {
  std::string a_version, b_version;
  bool movable = true;             ///< both builds can move code
  std::vector<CodeCompared> code;  ///< by kernel
  std::vector<CellPass> cells;     ///< by kernel, then size
};

/// Runs a pass in a child. `seed`: of all that is drawn. Errors: of loading and compiling, named with the build; and if
/// the child ended otherwise, by which signal.
Result<Pass> run_pass(const PassPlan& plan, unsigned seed);

}  // namespace trueno::tools
