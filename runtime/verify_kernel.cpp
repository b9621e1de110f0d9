// The verifier for users: a kernel as it is called, against the interpreter running the same IR.
#include "runtime/boundary.h"
#include "runtime/impl.h"
#include "runtime/verify.h"
#include "trueno/verify.h"

namespace trueno {
inline namespace v0 {

Result<VerifyReport> verify(const Kernel& kernel, VerifyDepth depth) {
  return runtime::guarded([&]() -> Result<VerifyReport> {
    auto judge = std::make_shared<Kernel::Impl>(kernel.impl().without_code());
    runtime::VerifyOptions options;
    options.full = depth == VerifyDepth::full;
    options.in_turn = !options.full;
    const runtime::Report report = runtime::verify(kernel, Kernel(std::move(judge)), options);
    if (report.outcome == runtime::Report::Outcome::declined) return Error(Status::out_of_memory, report.reason);
    return VerifyReport{report.ok(), report.runs, report.elements, report.describe()};
  });
}

}  // namespace v0
}  // namespace trueno
