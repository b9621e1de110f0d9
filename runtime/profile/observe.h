// Who is told of generated code: profilers and debuggers, as configured (perf, gdb). The one place that compiling
// knows of all this by; where nothing is configured it costs a comparison.
#pragma once

#include <memory>

#include "jit/arena.h"
#include "jit/compile.h"
#include "runtime/settings.h"

namespace trueno::runtime {

class Observers {
 public:
  static bool wanted(const Settings& settings) { return settings.perf != PerfFormat::off || settings.gdb; }
  explicit Observers(const Settings& settings) : settings_(settings) {}
  /// Lines are wanted: compile with this, else without.
  jit::Trace* trace() { return settings_.perf == PerfFormat::jitdump ? &trace_ : nullptr; }
  /// Puts the code into memory, as those who watch want it there, and tells them. What goes wrong with telling is
  /// logged, once. Dropping the memory tells them, too. Errors: those of jit::Executable::publish.
  Result<std::shared_ptr<const jit::Executable>> publish(const ir::Kernel& kernel, const jit::Code& code) const;

 private:
  const Settings& settings_;
  jit::Trace trace_;
};

}  // namespace trueno::runtime
