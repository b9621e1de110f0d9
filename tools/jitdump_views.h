// What trueno-jitdump shows of a kernel as text: its stages, from what was parsed to what the code costs.
#pragma once

#include <string>
#include <vector>

#include "inspect/study.h"
#include "tools/jitdump_study.h"
#include "tools/options.h"

namespace trueno::tools {

/// All stages, in the order of the pipeline.
std::vector<std::string> stage_names();
/// Whether a stage is of the code for a target: one behind `optimized` and `passes`.
bool is_of_code(const std::string& stage);

/// Prints the stages. `beside_columns`: asm of two targets stands side by side in so many columns; 0: one after the
/// other.
void print_kernel(const KernelView& kernel, const std::vector<std::string>& stages, std::size_t beside_columns,
                  const Streams& streams);
/// Says of each target that declines the kernel, or whose code does not decode, that and why; true if there is one.
bool complain(const KernelView& kernel, const Streams& streams);

/// "avx2 vl256"
std::string title(const jit::Target& target);

/// What stands beside an instruction: the value it computes, where in the source that was written, and what its memory
/// operand and registers hold that a loop keeps for it. "v3 1:6  786432 (0x49400000)"
std::string beside(const inspect::Study& study, std::size_t step);
/// What stands over a part: its name, what it is for, and in which pass if there are several.
std::string heading(const inspect::Study& study, const inspect::Part& part);

/// asm: decoded from the bytes, with IR names and source positions beside.
std::string asm_text(const inspect::Study& study);
/// The same of one part.
std::string asm_text(const inspect::Study& study, const inspect::Part& part);
/// alloc: for each loop, what each register holds from where to where, and how many are in use.
std::string alloc_text(const inspect::Study& study);
/// bytes: instructions with their bytes, then the constants.
std::string bytes_text(const inspect::Study& study);

/// asm of two targets in `columns` columns: the loops and the straight code around them, aligned by IR node.
std::string beside_text(const inspect::Study& a, const inspect::Study& b, std::size_t columns);

/// Cuts a text that would not fit, and says so by "...".
std::string shortened(const std::string& text, std::size_t width);

}  // namespace trueno::tools
