// trueno-jitdump: what becomes of a kernel, stage by stage, down to the bytes of the machine code.
//
// It shows every target that code can be generated for, on any host: nothing is run, so what the host lacks
// does not matter. Stages: parsed (as the text is understood, contraction decided), expanded (ops replaced by
// their definitions), optimized (what back ends get), asm (decoded from the bytes).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"
#include "jit/target.h"
#include "tools/options.h"

namespace trueno::tools {

inline constexpr std::string_view kJitdumpName = "trueno-jitdump";

/// The whole tool. Threads: any number, on different streams. Errors: as exit codes, explained on `streams.err`;
/// a target that declines the kernel is a finding. `--sweep`, first, makes it trueno-sweep.
int jitdump_tool(int argc, const char* const* argv, const Streams& streams = {});

/// What is to be dumped: the kernels, and the ops they may use, the text's own included.
struct DumpSource {
  std::vector<ir::Kernel> kernels;
  std::shared_ptr<const ir::Catalogue> ops;
};

/// From an expression, whose free names become arrays of `type`, those in `scalars` scalars.
Result<DumpSource> source_of_expression(const std::string& text, Type type, const std::vector<std::string>& scalars);
/// From a file of kernels and ops.
Result<DumpSource> source_of_file(const std::string& path);
/// `op(x, y, ...)` for an op, a primitive or a reduction, over arrays of `type` or of the overload that begins with it.
Result<DumpSource> source_of_op(const std::string& name, Type type);

/// The names an expression uses and neither defines nor calls, in order of appearance.
std::vector<std::string> free_names(const std::string& text);

/// "avx2,avx512" or "all", and a vector length, to targets; 0 bits: each ISA's longest; -1: every one.
/// Errors: invalid_argument: an unknown ISA, or none of that length.
Result<std::vector<jit::Target>> choose_targets(const std::string& isas, int vector_bits);

}  // namespace trueno::tools
