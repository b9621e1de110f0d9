// trueno-bench ab: are two builds equally fast, and if not, is it the code, where it lies, or what runs around it?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/bench_judge.h"
#include "tools/options.h"

namespace trueno::tools {

struct AbOptions {
  std::string a, b;  ///< builds, or with `commits` revisions
  bool commits = false;
  std::vector<std::string> cmake;    ///< with `commits`: more settings for both
  std::vector<std::string> kernels;  ///< names or texts; empty: all there are
  std::vector<std::size_t> sizes;
  std::size_t passes = 24;
  double cell_ms = 40;      ///< of a kernel at a size, in each pass
  double tolerance = 0.02;  ///< equal is only said within that
  double gate = 0;          ///< a slowdown beyond it is exit code 1; 0: none is
  std::size_t b_shift = 0;  ///< see PassPlan
  unsigned seed = 1;
  bool json = false;
};

struct AbReport {
  PassPlan plan;
  std::vector<std::string> differing_settings;
  std::string a_version, b_version;
  bool movable = true;
  std::vector<CodeCompared> code;
  std::vector<Cell> cells;
  double seconds = 0;
  double load = 0;  ///< processes that wanted to run, at the end
};

/// Measures; progress with an estimate goes to `err`. Errors: of the builds, of the kernels, and too few passes.
Result<AbReport> compare_builds(const AbOptions& options, std::FILE* err);

/// Cells that are slower by more than the gate, for certain.
std::size_t beyond(const AbReport& report, double gate);

/// "slower by 3.1 % (2.0 to 4.1), per element"; of all: "3 slower, 32 equal within 1.1 %".
std::string verdict_of(const Cell& cell);
std::string summary_of(const AbReport& report);
void print_table(std::FILE* out, const AbReport& report, double gate);
std::string json_of(const AbReport& report, double gate);
/// HTML that stands alone.
std::string page_of(const AbReport& report);

}  // namespace trueno::tools
