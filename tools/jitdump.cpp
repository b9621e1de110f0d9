// The steps of trueno-jitdump; see jitdump.h.
#include "tools/jitdump.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "inspect/study.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "jit/host.h"
#include "runtime/host.h"
#include "runtime/impl.h"
#include "tools/jitdump_stats.h"
#include "tools/jitdump_views.h"
#include "tools/measure.h"
#include "tools/op_words.h"
#include "tools/sweep_command.h"

namespace trueno::tools {
namespace {

constexpr std::string_view kKernelStages[] = {"parsed", "expanded", "optimized", "passes"};
/// Stages behind them: of the code for one target.
struct TargetStage {
  std::string_view name;
  std::string (*text)(const inspect::Study&);
};
constexpr TargetStage kTargetStages[] = {
    {"alloc", alloc_text}, {"asm", asm_text}, {"bytes", bytes_text}, {"stats", stats_text}};
constexpr int kEveryLength = -1;

struct DumpOptions {
  std::string source, op, ops, type = "f32", isa, vl, stages = "optimized,asm";
  std::vector<std::string> scalars;
  bool list_ops = false, verify = false;
};

void declare(CLI::App& app, DumpOptions& o) {
  app.name(std::string(kJitdumpName));
  app.description(
      "Shows what becomes of a kernel: its IR stage by stage, and the machine code, decoded from the bytes.\n"
      "Free names of an expression are arrays of --type, or scalars if --scalar names them.\n"
      "Example: trueno-jitdump 'mean(sigmoid(a*x + b))' --scalar a --scalar b --isa avx2,avx512\n"
      "An expression that begins with a minus goes last, after --.");
  auto* source = app.add_option("source", o.source, "EXPR, or FILE with kernels");
  auto* op = app.add_option("--op", o.op, "NAME: dump the kernel NAME(x, ...) of an op, primitive or reduction");
  source->excludes(op);
  app.add_option("--type", o.type, "Of arrays that are free names: f32 (default), f64, i32, i64");
  add_repeatable(app, "--scalar", o.scalars, "NAME: this free name is a scalar; its type is found from its uses");
  app.add_option("--ops", o.ops, "FILE.tir: ops of your own, beside the built-in ones");
  auto* list =
      app.add_flag("--list-ops", o.list_ops, "List the ops: name, types, tiers with their bounds, and what they do");
  auto* verify =
      app.add_flag("--verify", o.verify,
                   "Run every target of this host and compare with the interpreter, bit for bit; --op of --ops is "
                   "measured against its reference too, if its block names one");
  list->excludes(source)->excludes(op)->excludes(verify);
  app.add_option("--isa", o.isa, "LIST of ISAs, separated by commas, or all; default: the best of this host");
  app.add_option("--vl", o.vl, "Vector length in bits: 128, 256, 512; auto: the longest; all: each");
  app.add_option("--stage", o.stages,
                 "LIST of parsed, expanded, optimized, passes, alloc, asm, bytes, stats; default: optimized,asm");
  app.footer(
      "trueno-jitdump --sweep OP [OPTIONS]: measures the op's error over all inputs; the same as trueno-sweep OP.\n"
      "Exit codes: 0 fine, 1 a target declined the kernel, bits differ (--verify) or a bound is broken, 2 bad usage or "
      "input.");
}

Result<std::vector<std::string>> parse_stages(const std::string& list) {
  std::vector<std::string> known(std::begin(kKernelStages), std::end(kKernelStages));
  for (const TargetStage& stage : kTargetStages) known.emplace_back(stage.name);
  std::vector<std::string> stages = split(list, ',');
  for (const std::string& stage : stages)
    if (std::find(known.begin(), known.end(), stage) == known.end())
      return Error(Status::invalid_argument,
                   fmt::format("--stage: '{}' is not one of {}", stage, fmt::join(known, ", ")));
  return stages;
}

Result<DumpSource> load(const DumpOptions& o, const Ops& ops) {
  auto type = parse_number_type("--type", o.type);
  if (!type) return type.error();
  const bool file = o.op.empty() && means_file(o.source);
  if (!o.scalars.empty() && (file || !o.op.empty()))
    return Error(Status::invalid_argument, "--scalar: only an expression has free names");
  if (o.op.empty() && o.source.empty())
    return Error(Status::invalid_argument, "nothing to dump: give EXPR, FILE or --op NAME (--help explains)");
  if (!o.op.empty()) return source_of_op(o.op, *type, ops);
  return file ? source_of_file(o.source, ops) : source_of_expression(o.source, *type, o.scalars, ops);
}

std::string default_isas() {
  const auto host = runtime::host().isa;
  for (const jit::Target& target : jit::emittable_targets())
    if (host && target.isa == *host) return std::string(name_of(*host));
  return "all";
}

/// The stages of one target; true if there is no code, or it does not decode.
bool dump_target(const ir::Kernel& optimized, const jit::Target& target, const std::vector<std::string>& stages,
                 const Streams& streams) {
  const auto study = inspect::study(optimized, target);
  if (!study) {
    fmt::print(streams.err, "{}: {} declines kernel {}: {}", kJitdumpName, title(target), optimized.name,
               study.error().text());
    return true;
  }
  for (const TargetStage& stage : kTargetStages)
    if (std::find(stages.begin(), stages.end(), stage.name) != stages.end())
      fmt::print(streams.out, "# {}: {}, {} instructions, {} spills\n{}\n", stage.name, title(target),
                 study->steps.size(), study->code.spills, stage.text(*study));
  if (study->invalid != 0)
    fmt::print(streams.err, "{}: {}: {} places are no instructions; this is a defect of the generator\n", kJitdumpName,
               title(target), study->invalid);
  return study->invalid != 0;
}

/// All stages of one kernel; the result says whether something was found.
Result<bool> dump_kernel(const ir::Kernel& parsed, const ir::Catalogue& ops, const std::vector<std::string>& stages,
                         const std::vector<jit::Target>& targets, const Streams& streams) {
  const auto wanted = [&](std::string_view stage) {
    return std::find(stages.begin(), stages.end(), stage) != stages.end();
  };
  if (wanted("parsed")) fmt::print(streams.out, "# parsed\n{}\n", ir::print(parsed));
  auto expanded = ir::expand(parsed, ops);
  if (!expanded) return expanded.error();
  if (wanted("expanded")) fmt::print(streams.out, "# expanded\n{}\n", ir::print(*expanded));
  auto optimized = ir::optimize(parsed, ops);
  if (!optimized) return optimized.error();
  if (wanted("optimized")) fmt::print(streams.out, "# optimized\n{}\n", ir::print(*optimized));
  if (wanted("passes")) fmt::print(streams.out, "# passes\n{}\n", passes_text(*optimized));
  bool found = false;
  if (std::any_of(std::begin(kTargetStages), std::end(kTargetStages), [&](const auto& s) { return wanted(s.name); }))
    for (jit::Target target : targets) {
      target.tuning = runtime::tuning_for(*optimized, target.isa);
      found |= dump_target(*optimized, target, stages, streams);
    }
  return found;
}

/// A list for people: "exp  f32 -> f32  fast: 1 ULP", and below it what the op does.
Result<bool> print_ops(const ir::Catalogue& ops, const Streams& streams) {
  auto entries = list_ops(ops);
  if (!entries) return entries.error();
  for (const OpEntry& entry : *entries) {
    std::string types;
    for (const std::string& signature : entry.signatures) types += (types.empty() ? "" : "; ") + signature;
    fmt::print(streams.out, "{}  {}  {}\n    {}\n", entry.op, types, entry.bound,
               entry.doc.empty() ? "(no doc line)" : entry.doc);
  }
  return false;
}

/// What is shown is code for one target, what is verified is all there is, unless something else was asked for.
Result<std::vector<jit::Target>> targets_of(const DumpOptions& o) {
  const std::string vl = !o.vl.empty() ? o.vl : o.verify ? "all" : "auto";
  auto bits = vl == "all" ? Result<int>(kEveryLength) : parse_vector_bits(vl);
  if (!bits) return bits.error();
  if (o.verify && o.isa.empty() && o.vl.empty()) return runtime::runnable_targets();
  return choose_targets(!o.isa.empty() ? o.isa : o.verify ? "all" : default_isas(), *bits);
}

Result<bool> dump(const DumpOptions& o, const Streams& streams) {
  const auto own = ops_of_file(o.ops);
  if (!own) return own.error();
  const Ops& ops = own->all;
  if (o.list_ops) return print_ops(*ops, streams);
  auto stages = parse_stages(o.stages);
  if (!stages) return stages.error();
  auto targets = targets_of(o);
  if (!targets) return targets.error();
  auto source = load(o, ops);
  if (!source) return source.error();
  bool found = false;
  for (const ir::Kernel& kernel : source->kernels) {
    auto one = o.verify ? verify_kernel(kernel, *source->ops, *targets, streams)
                        : dump_kernel(kernel, *source->ops, *stages, *targets, streams);
    if (!one) return one.error();
    found |= *one;
  }
  if (!o.verify || source->own == nullptr) return found;
  const auto over = print_error(*source->own, source->ops, streams);
  if (!over) return over.error();
  return found || *over;
}

/// The arguments without --sweep: what trueno-sweep is to get. Nothing where it does not stand first.
std::optional<std::vector<const char*>> behind_sweep(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]) != "--sweep") return std::nullopt;
  std::vector<const char*> rest(argv, argv + argc);
  rest.erase(rest.begin() + 1);
  return rest;
}

}  // namespace

Result<std::vector<jit::Target>> choose_targets(const std::string& isas, int vector_bits) {
  const std::vector<jit::Target> emittable = jit::emittable_targets();
  std::vector<Isa> wanted;
  if (isas == "all")
    for (const jit::Target& t : emittable) {
      if (std::find(wanted.begin(), wanted.end(), t.isa) == wanted.end()) wanted.push_back(t.isa);
    }
  else
    for (const std::string& name : split(isas, ',')) {
      auto isa = parse_isa(name);
      if (!isa) return isa.error();
      wanted.push_back(*isa);
    }
  std::vector<jit::Target> targets;
  for (const Isa isa : wanted) {
    std::vector<jit::Target> mine;
    for (const int bits : {128, 256, 512})
      if (jit::has_vector_length(isa, bits) && (vector_bits <= 0 || bits == vector_bits)) mine.push_back({isa, bits});
    if (mine.empty() && isas != "all")
      return Error(Status::invalid_argument,
                   fmt::format("--vl: {} has no vectors of {} bits", name_of(isa), vector_bits));
    if (vector_bits == 0 && mine.size() > 1) mine.erase(mine.begin(), mine.end() - 1);
    targets.insert(targets.end(), mine.begin(), mine.end());
  }
  return targets;
}

int jitdump_tool(int argc, const char* const* argv, const Streams& streams) {
  if (const auto rest = behind_sweep(argc, argv))
    return sweep_command(static_cast<int>(rest->size()), rest->data(), streams);
  CLI::App app;
  DumpOptions options;
  declare(app, options);
  if (const auto code = parse_command_line(app, argc, argv, streams)) return *code;
  auto found = dump(options, streams);
  if (!found) return fail(streams, kJitdumpName, found.error());
  return finish(streams, kJitdumpName, *found ? kFinding : kFine);
}

}  // namespace trueno::tools
