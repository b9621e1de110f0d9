// What trueno-jitdump shows of the code for one target, as text: each a stage behind `optimized`.
#pragma once

#include <string>
#include <vector>

#include "inspect/study.h"

namespace trueno::tools {

/// "avx2 vl256"
std::string title(const jit::Target& target);

/// What stands beside an instruction: the value it computes, where in the source that was written, and what its memory
/// operand is. "v3 1:6  786432 (0x49400000)"
std::string beside(const inspect::Study& study, std::size_t step);
/// What stands over a part: its name and what it is for. "main loop:  # main, 64 elements a turn"
std::string heading(const inspect::Part& part);

/// asm: decoded from the bytes, with IR names and source positions beside.
std::string asm_text(const inspect::Study& study);
/// The same of one part.
std::string asm_text(const inspect::Study& study, const inspect::Part& part);
/// alloc: for each loop, what each register holds from where to where, and how many are in use.
std::string alloc_text(const inspect::Study& study);
/// bytes: instructions with their bytes, then the constants.
std::string bytes_text(const inspect::Study& study);

/// Cuts a text that would not fit, and says so by "...".
std::string shortened(const std::string& text, std::size_t width);

}  // namespace trueno::tools
