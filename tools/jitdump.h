// trueno-jitdump: what becomes of a kernel, stage by stage, down to the bytes of the machine code.
//
// It shows every target that code can be generated for, on any host: nothing is run, so what the host lacks does not
// matter, but for --time and --html, which measure what they can, and --verify, which compares bits. Stages: parsed (as
// the text is understood, contraction decided), expanded (ops replaced by their definitions), optimized (what back ends
// get), passes (the loops over the data, and why there are so many), and of the code for each target, decoded from its
// bytes: alloc (what registers hold when), asm, bytes, stats (counts and costs). docs/inspecting.md shows it all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"
#include "jit/target.h"
#include "tools/options.h"
#include "tools/own_ops.h"

namespace trueno::tools {

inline constexpr std::string_view kJitdumpName = "trueno-jitdump";

/// The whole tool. Threads: any number, on different streams. Errors: as exit codes, explained on `streams.err`;
/// a target that declines the kernel is a finding. `--sweep`, first, makes it trueno-sweep.
int jitdump_tool(int argc, const char* const* argv, const Streams& streams = {});

/// What is to be dumped: the kernels, and the ops they may use, the text's own included.
struct DumpSource {
  std::vector<ir::Kernel> kernels;
  Ops ops;
  const ir::Definition* own = nullptr;  ///< the op that was named, if it is a user's; `ops` keeps it alive
};

/// From an expression, whose free names become arrays of `type`, those in `scalars` scalars.
Result<DumpSource> source_of_expression(const std::string& text, Type type, const std::vector<std::string>& scalars,
                                        const Ops& ops);
/// From a file of kernels and ops.
Result<DumpSource> source_of_file(const std::string& path, const Ops& ops);
/// `op(x, y, ...)` for an op, a primitive or a reduction, over arrays of `type` or of the overload that begins with it.
Result<DumpSource> source_of_op(const std::string& name, Type type, const Ops& ops);

/// The op of exactly these types over arrays; integers compared with 0 where it takes a mask.
Result<ir::Kernel> kernel_of_op(const std::string& name, const std::vector<Type>& types, const Ops& ops);

/// The passes over the data, and what is computed once between them: kernels with comments.
std::string passes_text(const ir::Kernel& optimized);

/// Runs the kernel on targets of this host and compares with the interpreter, a line for each; true if bits differ.
Result<bool> verify_kernel(const ir::Kernel& parsed, const ir::Catalogue& ops, const std::vector<jit::Target>& targets,
                           const Streams& streams);

/// Compares the code for each target with the IR (inspect/translation.h), some lines for each; true if not all was
/// shown.
Result<bool> prove_kernels(const std::vector<ir::Kernel>& kernels, const ir::Catalogue& ops,
                           const std::vector<jit::Target>& targets, const Streams& streams);

/// Looks at the code for each target (inspect/lint.h), a line for each and one for each finding; true if there are any.
Result<bool> lint_kernels(const std::vector<ir::Kernel>& kernels, const ir::Catalogue& ops,
                          const std::vector<jit::Target>& targets, const Streams& streams);

/// The names an expression uses and neither defines nor calls, in order of appearance.
std::vector<std::string> free_names(const std::string& text);

/// "avx2,avx512" or "all", and a vector length, to targets; 0 bits: each ISA's longest; -1: every one.
/// Errors: invalid_argument: an unknown ISA, or none of that length.
Result<std::vector<jit::Target>> choose_targets(const std::string& isas, int vector_bits);

}  // namespace trueno::tools
