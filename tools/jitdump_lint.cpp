// --lint: the code for each target, looked at instruction by instruction. Nothing is run, so any target will do.
#include <fmt/format.h>

#include "inspect/lint.h"
#include "ir/passes/passes.h"
#include "runtime/impl.h"
#include "tools/jitdump.h"

namespace trueno::tools {

namespace {

bool lint_kernel(const ir::Kernel& optimized, jit::Target target, const Streams& streams) {
  target.tuning = runtime::tuning_for(optimized, target.isa);
  const auto code = jit::compile(optimized, target);
  if (!code) {
    fmt::print(streams.out, "{}: {} vl{}: declined, there is no code: {}\n", optimized.name, name_of(target.isa),
               target.vector_bits, code.error().message());
    return false;
  }
  const LintReport report = inspect::lint(*code, optimized);
  fmt::print(report.fine() ? streams.out : streams.err, "{}", describe(report));
  return !report.fine();
}

}  // namespace

Result<bool> lint_kernels(const std::vector<ir::Kernel>& kernels, const ir::Catalogue& ops,
                          const std::vector<jit::Target>& targets, const Streams& streams) {
  bool found = false;
  for (const ir::Kernel& kernel : kernels) {
    const auto optimized = ir::optimize(kernel, ops);
    if (!optimized) return optimized.error();
    for (const jit::Target& target : targets) found |= lint_kernel(*optimized, target, streams);
  }
  return found;
}

}  // namespace trueno::tools
