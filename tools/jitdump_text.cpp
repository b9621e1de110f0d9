// Stages as text, in the order of the pipeline; see jitdump_views.h.
#include <fmt/format.h>

#include <algorithm>

#include "ir/print.h"
#include "tools/jitdump.h"
#include "tools/jitdump_stats.h"
#include "tools/jitdump_views.h"

namespace trueno::tools {
namespace {

struct KernelStage {
  std::string_view name;
  std::string (*text)(const KernelView&);
};
constexpr KernelStage kKernelStages[] = {
    {"parsed", [](const KernelView& v) { return ir::print(v.parsed); }},
    {"expanded", [](const KernelView& v) { return ir::print(v.expanded); }},
    {"optimized", [](const KernelView& v) { return ir::print(v.optimized); }},
    {"passes", [](const KernelView& v) { return passes_text(v.optimized); }},
};

/// Stages behind them: of the code for one target.
struct TargetStage {
  std::string_view name;
  std::string (*text)(const TargetView&);
};
constexpr TargetStage kTargetStages[] = {
    {"alloc", [](const TargetView& v) { return alloc_text(*v.study); }},
    {"asm", [](const TargetView& v) { return asm_text(*v.study); }},
    {"bytes", [](const TargetView& v) { return bytes_text(*v.study); }},
    {"stats", stats_text},
};

bool wanted(const std::vector<std::string>& stages, std::string_view stage) {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

/// True if there is no code, or it does not decode.
bool is_finding(const TargetView& view) { return !view.study || view.study->invalid != 0; }

void complain(const TargetView& view, const Streams& streams) {
  if (!view.study)
    fmt::print(streams.err, "{}: {}\n", kJitdumpName, view.declined);
  else if (view.study->invalid != 0)
    fmt::print(streams.err, "{}: {}: {} places are no instructions; this is a defect of the generator\n", kJitdumpName,
               title(view.target), view.study->invalid);
}

}  // namespace

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const KernelStage& stage : kKernelStages) names.emplace_back(stage.name);
  for (const TargetStage& stage : kTargetStages) names.emplace_back(stage.name);
  return names;
}

bool is_of_code(const std::string& stage) {
  return std::any_of(std::begin(kTargetStages), std::end(kTargetStages),
                     [&](const TargetStage& s) { return s.name == stage; });
}

bool complain(const KernelView& kernel, const Streams& streams) {
  bool found = false;
  for (const TargetView& view : kernel.targets) complain(view, streams), found |= is_finding(view);
  return found;
}

void print_kernel(const KernelView& kernel, const std::vector<std::string>& stages, std::size_t beside_columns,
                  const Streams& streams) {
  for (const KernelStage& stage : kKernelStages)
    if (wanted(stages, stage.name)) fmt::print(streams.out, "# {}\n{}\n", stage.name, stage.text(kernel));
  const std::vector<TargetView>& targets = kernel.targets;
  const bool beside = beside_columns != 0 && targets.size() == 2 && targets[0].study && targets[1].study;
  for (const TargetView& view : targets)
    for (const TargetStage& stage : kTargetStages) {
      if (!view.study || !wanted(stages, stage.name) || (beside && stage.name == "asm")) continue;
      fmt::print(streams.out, "# {}: {}, {} instructions, {} spills\n{}\n", stage.name, title(view.target),
                 view.study->steps.size(), view.study->code.spills, stage.text(view));
    }
  if (beside && wanted(stages, "asm"))
    fmt::print(streams.out, "# asm: {} beside {}\n{}\n", title(targets[0].target), title(targets[1].target),
               beside_text(*targets[0].study, *targets[1].study, beside_columns));
}

}  // namespace trueno::tools
