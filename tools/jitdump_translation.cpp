// --prove: the code for each target against the IR, for all values of the elements (inspect/translation.h). Nothing is
// run, so that any target will do on any host.
#include <fmt/format.h>

#include "inspect/translation.h"
#include "ir/passes/passes.h"
#include "runtime/impl.h"
#include "tools/jitdump.h"

namespace trueno::tools {
namespace {

/// One target; true if something was found. A target that declines has no code to be wrong.
Result<bool> prove_target(const ir::Kernel& optimized, jit::Target target, inspect::Lemmas& lemmas,
                          const Streams& streams) {
  const std::string title = fmt::format("{}: {} vl{}", optimized.name, name_of(target.isa), target.vector_bits);
  target.tuning = runtime::tuning_for(optimized, target.isa);
  jit::Trace trace;
  const auto code = jit::compile(optimized, target, &trace);
  if (!code) {
    fmt::print(streams.out, "{}: declined: {}", title, code.error().text());
    return false;
  }
  const auto report = inspect::check_translation(optimized, *code, trace, lemmas);
  if (!report) return report.error();
  fmt::print(report->ok() ? streams.out : streams.err, "{}: {}", title, report->text());
  return !report->ok();
}

}  // namespace

Result<bool> prove_kernels(const std::vector<ir::Kernel>& kernels, const ir::Catalogue& ops,
                           const std::vector<jit::Target>& targets, const Streams& streams) {
  inspect::Lemmas lemmas;
  bool found = false;
  for (const ir::Kernel& kernel : kernels) {
    const auto optimized = ir::optimize(kernel, ops);
    if (!optimized) return optimized.error();
    for (const jit::Target& target : targets) {
      const auto one = prove_target(*optimized, target, lemmas, streams);
      if (!one) return one.error();
      found |= *one;
    }
  }
  return found;
}

}  // namespace trueno::tools
