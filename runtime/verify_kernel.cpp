// The verifier for users: a kernel as it is called, against the interpreter running the same IR.
#include <new>

#include "runtime/verify.h"
#include "runtime/watch.h"
#include "trueno/verify.h"

namespace trueno {
inline namespace v0 {

Result<VerifyReport> verify(const Kernel& kernel, VerifyDepth depth) try {
  auto judge = std::make_shared<Kernel::Impl>(kernel.impl().without_code());
  // Code that is watched would answer with the fallback's bits and be withdrawn: it is asked alone.
  const auto& watch = kernel.impl().watch;
  const Kernel candidate = watch && !kernel.withdrawn() ? Kernel(watch->code) : kernel;
  runtime::VerifyOptions options;
  options.full = depth == VerifyDepth::full;
  options.in_turn = !options.full;
  const runtime::Report report = runtime::verify(candidate, Kernel(std::move(judge)), options);
  if (report.outcome == runtime::Report::Outcome::declined) return Error(Status::internal, report.reason);
  return VerifyReport{report.ok(), report.runs, report.elements, report.describe()};
} catch (const std::bad_alloc&) {
  return Error(Status::internal, "no memory to verify the kernel");
}

}  // namespace v0
}  // namespace trueno
