// The verifier for users: a kernel as it is called, against the interpreter running the same IR.
#include <new>

#include "runtime/impl.h"
#include "runtime/verify.h"
#include "trueno/verify.h"

namespace trueno {
inline namespace v0 {

Result<VerifyReport> verify(const Kernel& kernel, VerifyDepth depth) try {
  auto judge = std::make_shared<Kernel::Impl>(kernel.impl().without_code());
  runtime::VerifyOptions options;
  options.full = depth == VerifyDepth::full;
  options.in_turn = !options.full;
  const runtime::Report report = runtime::verify(kernel, Kernel(std::move(judge)), options);
  if (report.outcome == runtime::Report::Outcome::declined) return Error(Status::internal, report.reason);
  return VerifyReport{report.ok(), report.runs, report.elements, report.describe()};
} catch (const std::bad_alloc&) {
  return Error(Status::internal, "no memory to verify the kernel");
}

}  // namespace v0
}  // namespace trueno
