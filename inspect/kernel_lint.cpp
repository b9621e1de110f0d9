// The lint for users: of a kernel as it was published, and as a part of compiling.
#include <fmt/format.h>

#include "inspect/lint.h"
#include "runtime/boundary.h"
#include "runtime/impl.h"
#include "runtime/lint.h"
#include "runtime/watch.h"

namespace trueno {

namespace inspect {
namespace {

std::string first_finding(const jit::Code& code, const ir::Kernel& kernel) {
  const LintReport report = lint(code, kernel);
  if (report.fine()) return {};
  const LintFinding& f = report.findings.front();
  return fmt::format("{}, {} at {:#x}{}: {}{}{}{}", report.target, name_of(f.rule), f.offset,
                     f.place.empty() ? "" : " (" + f.place + ")", f.instruction, f.instruction.empty() ? "" : ": ",
                     f.what, report.findings.size() > 1 ? fmt::format("; {} more", report.findings.size() - 1) : "");
}

}  // namespace
}  // namespace inspect

inline namespace v0 {

Result<LintReport> lint(const Kernel& kernel) {
  return runtime::guarded([&]() -> Result<LintReport> {
    const Kernel::Impl* impl = &kernel.impl();
    if (impl->watch) impl = impl->watch->code.get();
    if (!impl->memory) {
      LintReport none;
      none.kernel = impl->optimized.name;
      none.target = "no generated code";
      return none;
    }
    // A published kernel has no labels any more. They are where they were when the same code is made again.
    auto code = jit::compile(impl->optimized, impl->code.target);
    if (!code) return code.error();
    jit::Code published = impl->code;
    published.labels = std::move(code->labels);
    published.bytes.assign(impl->memory->data(), impl->memory->data() + code->bytes.size());
    return inspect::lint(published, impl->optimized);
  });
}

void use_lint() noexcept { runtime::the_lint.store(&inspect::first_finding, std::memory_order_release); }

}  // namespace v0
}  // namespace trueno
