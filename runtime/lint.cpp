// See lint.h.
#include "runtime/lint.h"

#include "runtime/log.h"

namespace trueno::runtime {

std::atomic<Lint> the_lint{nullptr};

namespace {

constexpr std::string_view kNone =
    "lint = \"first\" is configured, but this program has no lint: it would link trueno::inspect and call "
    "trueno::use_lint()";

}  // namespace

Result<void> look_at(const jit::Code& code, const ir::Kernel& kernel, const Settings& configured) {
  const Lint lint = the_lint.load(std::memory_order_acquire);
  if (lint == nullptr) {
    static std::atomic<bool> told{false};
    if (configured.strict) return Error(Status::invalid_argument, std::string(kNone));
    if (!told.exchange(true)) log(LogLevel::warning, std::string("configuration: ").append(kNone));
    return {};
  }
  const std::string wrong = lint(code, kernel);
  if (wrong.empty()) return {};
  log(LogLevel::warning,
      "kernel '" + kernel.name + "': generated code does not pass the lint and is not used: " + wrong);
  return Error(Status::unavailable, "generated code does not pass the lint: " + wrong);
}

}  // namespace trueno::runtime
