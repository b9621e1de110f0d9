// All that one run of trueno-jitdump finds out about a kernel, gathered before anything is shown: text, JSON and pages
// are drawn from this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/mca.h"
#include "inspect/study.h"
#include "ir/kernel.h"
#include "tools/jitdump_time.h"

namespace trueno::tools {

struct TargetView {
  jit::Target target;
  std::optional<inspect::Study> study;
  std::string declined;  ///< why there is no code
  std::optional<inspect::Estimate> cost;
  std::string no_cost;  ///< why there is no estimate, if one was asked for
  std::optional<ElementTime> time;
  std::string no_time;  ///< why nothing was measured, if it was asked for
};

struct KernelView {
  ir::Kernel parsed, expanded, optimized;
  std::vector<TargetView> targets;
};

struct ViewOptions {
  bool code = false;  ///< else the IR is all that is looked at
  bool cost = false, time = false;
  std::string mca, cpu;  ///< see inspect::McaOptions
};

/// Errors: of expanding and optimizing. What targets decline and what is missing is part of the view.
Result<KernelView> view_kernel(const ir::Kernel& parsed, const ir::Catalogue& ops,
                               const std::vector<jit::Target>& targets, const ViewOptions& options);

/// Whether this host runs code for the target, caps applied.
bool runs_here(const jit::Target& target);

}  // namespace trueno::tools
