// --verify: each target of this host against the interpreter, bit for bit, by the verifier of the runtime.
#include <fmt/format.h>

#include <algorithm>

#include "ir/passes/passes.h"
#include "jit/arena.h"
#include "runtime/host.h"
#include "runtime/verify.h"
#include "tools/jitdump.h"

namespace trueno::tools {

Result<bool> verify_kernel(const ir::Kernel& parsed, const ir::Catalogue& ops, const std::vector<jit::Target>& targets,
                           const Streams& streams) {
  auto meaning = ir::expand(parsed, ops);
  if (!meaning) return meaning.error();
  if (auto memory = jit::executable_memory(); !memory) return memory.error();
  const std::vector<jit::Target> runnable = runtime::runnable_targets();
  runtime::Verifier verifier(std::move(*meaning));
  bool found = false;
  for (const jit::Target& target : targets) {
    const std::string title = fmt::format("{}: {} vl{}", parsed.name, name_of(target.isa), target.vector_bits);
    if (std::find(runnable.begin(), runnable.end(), target) == runnable.end()) {
      fmt::print(streams.out, "{}: not run, this host cannot\n", title);
      continue;
    }
    const runtime::Report report = verifier.check(target);
    using Outcome = runtime::Report::Outcome;
    if (report.outcome == Outcome::same)
      fmt::print(streams.out, "{}: same bits as the interpreter in {} runs over {} elements\n", title, report.runs,
                 report.elements);
    else if (report.outcome == Outcome::declined)
      fmt::print(streams.out, "{}: declined, the interpreter runs it: {}\n", title, report.reason);
    else
      fmt::print(streams.err, "{}: {}\n{}\n", kJitdumpName, title, report.describe());
    found |= !report.ok();
  }
  return found;
}

}  // namespace trueno::tools
