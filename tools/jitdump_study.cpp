// See jitdump_study.h.
#include "tools/jitdump_study.h"

#include <algorithm>

#include "ir/passes/passes.h"
#include "runtime/host.h"
#include "runtime/impl.h"

namespace trueno::tools {
namespace {

void reckon(TargetView& view, const ViewOptions& options) {
  auto cost = inspect::estimate(*view.study, {options.mca, options.cpu, runs_here(view.target)});
  if (cost)
    view.cost = std::move(*cost);
  else
    view.no_cost = cost.error().diagnostics.front().message;
}

/// In turn on all targets, so that a slow moment of the machine falls on all of them.
void time_targets(KernelView& view, const ir::Catalogue& ops) {
  constexpr double kBudgetOfEach = 60e6;
  std::vector<Kernel> kernels;
  std::vector<TargetView*> timed;
  for (TargetView& target : view.targets) {
    if (!target.study) continue;
    auto kernel = runs_here(target.target) ? runnable(view.parsed, ops, target.target)
                                           : Result<Kernel>(Error(Status::unavailable, "this host cannot run it"));
    if (kernel)
      kernels.push_back(*kernel), timed.push_back(&target);
    else
      target.no_time = kernel.error().diagnostics.front().message;
  }
  if (kernels.empty()) return;
  const auto times = time_kernels(kernels, {resident_elements(traffic_of(view.optimized))},
                                  kBudgetOfEach * static_cast<double>(kernels.size()));
  for (std::size_t i = 0; i < timed.size(); ++i)
    if (times)
      timed[i]->time = (*times)[i].front();
    else
      timed[i]->no_time = times.error().diagnostics.front().message;
}

}  // namespace

bool runs_here(const jit::Target& target) {
  const std::vector<jit::Target> runnable = runtime::runnable_targets();
  return std::any_of(runnable.begin(), runnable.end(),
                     [&](const jit::Target& t) { return t.isa == target.isa && t.vector_bits == target.vector_bits; });
}

Result<KernelView> view_kernel(const ir::Kernel& parsed, const ir::Catalogue& ops,
                               const std::vector<jit::Target>& targets, const ViewOptions& options) {
  KernelView view;
  view.parsed = parsed;
  auto expanded = ir::expand(parsed, ops);
  if (!expanded) return expanded.error();
  view.expanded = std::move(*expanded);
  auto optimized = ir::optimize(parsed, ops);
  if (!optimized) return optimized.error();
  view.optimized = std::move(*optimized);
  if (!options.code) return view;
  for (jit::Target target : targets) {
    target.tuning = runtime::tuning_for(view.optimized, target.isa);
    TargetView& one = view.targets.emplace_back();
    one.target = target;
    auto study = inspect::study(view.optimized, target);
    if (study)
      one.study = std::move(*study);
    else
      one.declined = study.error().diagnostics.front().message;
    if (one.study && options.cost) reckon(one, options);
  }
  if (options.time) time_targets(view, ops);
  return view;
}

}  // namespace trueno::tools
