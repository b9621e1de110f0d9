// The passes, one after the other, and what becomes of them. See bench_ab.h.
#include "tools/bench_ab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/bench_commits.h"
#include "tools/timing.h"

namespace trueno::tools {
namespace {

Result<void> add_builds(const AbOptions& options, PassPlan& plan) {
  std::string names[] = {options.a, options.b};
  for (std::string& name : names) {  // both before one is built: a branch may move meanwhile
    if (!options.commits) continue;
    auto commit = commit_named(name);
    if (!commit) return commit.error();
    name = *std::move(commit);
  }
  for (const bool is_b : {false, true}) {
    auto build = options.commits ? build_commit(names[is_b], options.cmake) : read_build(names[is_b]);
    if (!build) return build.error();
    (is_b ? plan.b : plan.a) = *std::move(build);
  }
  return {};
}

Result<PassPlan> plan_of(const AbOptions& options) {
  PassPlan plan;
  if (auto added = add_builds(options, plan); !added) return added.error();
  plan.kernels = options.kernels.empty() ? bench_kernels() : std::vector<BenchKernel>();
  for (const std::string& asked : options.kernels) {
    auto kernel = bench_kernel(asked);
    if (!kernel) return kernel.error();
    plan.kernels.push_back(*std::move(kernel));
  }
  plan.sizes = options.sizes;
  plan.b_shift = options.b_shift;
  plan.cell_ns = options.cell_ms * 1e6;
  const std::size_t cells = plan.kernels.size() * plan.sizes.size(), least = fewest_passes(cells);
  if (options.passes < least)
    return Error(Status::invalid_argument,
                 fmt::format("--passes {}: {} kernels at {} sizes need at least {}, or chance "
                             "would be taken for a difference",
                             options.passes, plan.kernels.size(), plan.sizes.size(), least));
  return plan;
}

/// A line that is written over on a terminal, and written once elsewhere: after the first pass, for the estimate.
void tell_progress(std::FILE* err, std::size_t done, std::size_t passes, double seconds) {
  const double left = seconds / static_cast<double>(done) * static_cast<double>(passes - done);
  const bool terminal = fileno(err) >= 0 && isatty(fileno(err)) != 0;
  if (!terminal && done != 1) return;
  fmt::print(err, "{}pass {} of {}, about {:.0f} s left   {}", terminal ? "\r" : "", done, passes, left,
             terminal && done != passes ? "" : "\n");
  std::fflush(err);
}

}  // namespace

Result<AbReport> compare_builds(const AbOptions& options, std::FILE* err) {
  auto plan = plan_of(options);
  if (!plan) return plan.error();
  std::vector<Pass> passes;
  const double begin = now_ns();
  AbReport report;
  for (std::size_t i = 0; i < options.passes; ++i) {
    auto pass = run_pass(*plan, options.seed * 1000003u + static_cast<unsigned>(i) * 7919u + 1);
    if (!pass) return pass.error();
    passes.push_back(*std::move(pass));
    report.seconds = (now_ns() - begin) / 1e9;
    tell_progress(err, i + 1, options.passes, report.seconds);
  }
  report.differing_settings = differing_settings(plan->a, plan->b);
  report.a_version = passes[0].a_version, report.b_version = passes[0].b_version;
  report.movable = passes[0].movable;
  report.code = passes[0].code;
  report.cells = judge(*plan, passes, options.tolerance);
  getloadavg(&report.load, 1);
  report.plan = *std::move(plan);
  return report;
}

std::size_t beyond(const AbReport& report, double gate) {
  std::size_t count = 0;
  for (const Cell& c : report.cells) count += gate > 0 && c.averaged.low > 1 + gate;
  return count;
}

}  // namespace trueno::tools
