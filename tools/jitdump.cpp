// The steps of trueno-jitdump; see jitdump.h.
#include "tools/jitdump.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "jit/host.h"
#include "runtime/host.h"
#include "tools/jitdump_json.h"
#include "tools/jitdump_lists.h"
#include "tools/jitdump_page.h"
#include "tools/jitdump_views.h"
#include "tools/measure.h"
#include "tools/sweep_command.h"

namespace trueno::tools {
namespace {

constexpr int kEveryLength = -1;

struct DumpOptions {
  std::string source, op, ops, type = "f32", isa, vl, stages = "optimized,asm", kernel, html, mca, cpu;
  std::vector<std::string> scalars;
  bool verify = false, lint = false, prove = false, json = false, time = false, beside = false;
  Lists lists;
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
      app.add_flag("--list-ops", o.lists.ops, "List the ops: name, types, tiers with their bounds, and what they do");
  auto* verify =
      app.add_flag("--verify", o.verify,
                   "Run every target of this host and compare with the interpreter, bit for bit; --op of --ops is "
                   "measured against its reference too, if its block names one");
  auto* lint =
      app.add_flag("--lint", o.lint, "Look at the code for every target: what it may not do, or cannot be proven");
  auto* prove = app.add_flag("--prove", o.prove,
                             "Compare the code for every target with the IR for all values of the elements, without "
                             "running it (docs/translation.md)");
  lint->excludes(verify)->excludes(prove);
  prove->excludes(verify);
  auto* isas = app.add_flag("--list-isas", o.lists.isas, "List the targets, and which of them this host runs");
  auto* host =
      app.add_flag("--host", o.lists.host, "CPU, caches, features, what the system enables, what is capped by whom");
  for (CLI::Option* lists : {list, isas, host})
    lists->excludes(source)->excludes(op)->excludes(verify)->excludes(lint)->excludes(prove);
  app.add_option("--isa", o.isa, "LIST of ISAs, separated by commas, or all; default: the best of this host");
  app.add_option("--vl", o.vl, "Vector length in bits: 128, 256, 512; auto: the longest; all: each");
  auto* stage = app.add_option("--stage", o.stages,
                               fmt::format("LIST of {}; default: optimized,asm", fmt::join(stage_names(), ", ")));
  app.add_option("--kernel", o.kernel, "NAME: only this one of FILE's kernels");
  auto* beside = app.add_flag("--side-by-side", o.beside,
                              "asm of two targets side by side, aligned by IR node; on a wide terminal of itself");
  auto* time = app.add_flag("--time", o.time, "Measure cycles per element on targets of this host; shown in stats");
  app.add_option("--mca", o.mca, "PROGRAM that estimates costs for stats; default: the newest llvm-mca there is");
  app.add_option("--mca-cpu", o.cpu, "Core to estimate for, as llvm-mca names it; default: this machine's");
  auto* json = app.add_flag("--json", o.json, "One JSON document with all that was asked for");
  app.add_option("--html", o.html, "FILE: one self-contained page with all there is to see of one kernel")
      ->excludes(stage)
      ->excludes(json)
      ->excludes(time)
      ->excludes(beside)
      ->excludes(verify)
      ->excludes(lint)
      ->excludes(prove)
      ->excludes(list);
  json->excludes(verify)->excludes(lint)->excludes(prove)->excludes(beside);
  app.footer(
      "trueno-jitdump --sweep OP [OPTIONS]: measures the op's error over all inputs; the same as trueno-sweep OP.\n"
      "Exit codes: 0 fine, 1 a target declined the kernel, bits differ (--verify), a bound is broken, --lint found "
      "something or --prove could not show it all, 2 bad usage or input.");
}

Result<std::vector<std::string>> parse_stages(const DumpOptions& o) {
  const std::vector<std::string> known = stage_names();
  std::vector<std::string> stages = split(o.stages, ',');
  for (const std::string& stage : stages)
    if (std::find(known.begin(), known.end(), stage) == known.end())
      return Error(Status::invalid_argument,
                   fmt::format("--stage: '{}' is not one of {}", stage, fmt::join(known, ", ")));
  if (o.time && std::find(stages.begin(), stages.end(), "stats") == stages.end()) stages.emplace_back("stats");
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

bool every_target(const DumpOptions& o) { return o.verify || o.lint || o.prove; }

/// What is shown is code for one target, what is verified is all there is, unless something else was asked for.
Result<std::vector<jit::Target>> targets_of(const DumpOptions& o) {
  const std::string vl = !o.vl.empty() ? o.vl : every_target(o) ? "all" : "auto";
  auto bits = vl == "all" ? Result<int>(kEveryLength) : parse_vector_bits(vl);
  if (!bits) return bits.error();
  if (o.verify && o.isa.empty() && o.vl.empty()) return runtime::runnable_targets();
  return choose_targets(!o.isa.empty() ? o.isa : every_target(o) ? "all" : default_isas(), *bits);
}

/// The kernels that are meant: all, or the one of that name.
Result<std::vector<ir::Kernel>> choose_kernels(const DumpOptions& o, const std::vector<ir::Kernel>& all) {
  std::string names;
  std::vector<ir::Kernel> chosen;
  for (const ir::Kernel& kernel : all) {
    names += (names.empty() ? "" : ", ") + kernel.name;
    if (o.kernel.empty() || kernel.name == o.kernel) chosen.push_back(kernel);
  }
  if (chosen.empty())
    return Error(Status::invalid_argument,
                 fmt::format("--kernel: there is no kernel '{}'; there are {}", o.kernel, names));
  if (!o.html.empty() && chosen.size() > 1)
    return Error(Status::invalid_argument,
                 fmt::format("--html: a page shows one kernel, and there are {}; choose one by --kernel NAME", names));
  return chosen;
}

/// Columns for two targets side by side; 0: one after the other.
Result<std::size_t> columns_beside(const DumpOptions& o, std::size_t targets, const Streams& streams) {
  constexpr std::size_t kUsual = 170, kWide = 150;
  if (o.beside && targets != 2)
    return Error(Status::invalid_argument,
                 fmt::format("--side-by-side: takes two targets, not {}; say --isa A,B", targets));
  struct winsize window {};
  const int file = ::fileno(streams.out);
  const bool terminal = file >= 0 && ::ioctl(file, TIOCGWINSZ, &window) == 0 && window.ws_col != 0;
  if (o.beside) return terminal ? std::max<std::size_t>(window.ws_col, kWide) : kUsual;
  return std::size_t{targets == 2 && terminal && window.ws_col >= kWide ? window.ws_col : 0u};
}

/// Everything that is shown of kernels rather than run.
Result<bool> show(const DumpOptions& o, const std::vector<ir::Kernel>& kernels, const ir::Catalogue& ops,
                  const std::vector<jit::Target>& targets, const Streams& streams) {
  auto stages = parse_stages(o);
  if (!stages) return stages.error();
  const auto columns = columns_beside(o, targets.size(), streams);
  if (!columns) return columns.error();
  const bool page = !o.html.empty(), stats = std::find(stages->begin(), stages->end(), "stats") != stages->end();
  const bool code = page || std::any_of(stages->begin(), stages->end(), is_of_code);
  Json all{{"tool", kJitdumpName}, {"schema", 1}, {"kernels", Json::array()}};
  bool found = false;
  for (const ir::Kernel& kernel : kernels) {
    const auto view = view_kernel(kernel, ops, targets, {code, page || stats, page || o.time, o.mca, o.cpu});
    if (!view) return view.error();
    found |= complain(*view, streams);
    if (page) {
      if (auto written = write_page(o.html, *view, ops, {o.op.empty() ? o.source : o.op}); !written)
        return written.error();
    } else if (o.json) {
      all["kernels"].push_back(kernel_json(*view, *stages));
    } else {
      print_kernel(*view, *stages, *columns, streams);
    }
  }
  if (o.json) fmt::print(streams.out, "{}", dumped(all));
  return found;
}

Result<bool> verify(const DumpSource& source, const std::vector<ir::Kernel>& kernels,
                    const std::vector<jit::Target>& targets, const Streams& streams) {
  bool found = false;
  for (const ir::Kernel& kernel : kernels) {
    auto one = verify_kernel(kernel, *source.ops, targets, streams);
    if (!one) return one.error();
    found |= *one;
  }
  if (source.own == nullptr) return found;
  const auto over = print_error(*source.own, source.ops, streams);
  if (!over) return over.error();
  return found || *over;
}

Result<bool> dump(const DumpOptions& o, const Streams& streams) {
  const auto own = ops_of_file(o.ops);
  if (!own) return own.error();
  if (o.lists.any()) return print_lists(o.lists, o.json, *own->all, streams);
  auto targets = targets_of(o);
  if (!targets) return targets.error();
  auto source = load(o, own->all);
  if (!source) return source.error();
  auto kernels = choose_kernels(o, source->kernels);
  if (!kernels) return kernels.error();
  if (o.verify) return verify(*source, *kernels, *targets, streams);
  if (o.lint) return lint_kernels(*kernels, *source->ops, *targets, streams);
  if (o.prove) return prove_kernels(*kernels, *source->ops, *targets, streams);
  return show(o, *kernels, *source->ops, *targets, streams);
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
