// The steps of trueno-demo; see demo.h.
#include "tools/demo.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "inspect/study.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "runtime/host.h"
#include "tools/jitdump_views.h"
#include "tools/timing.h"

namespace trueno::tools {
namespace {

struct DemoOptions {
  std::string directory;
  std::size_t rows = 1'000'000;
  double seconds = 0.8;
};

void declare(CLI::App& app, DemoOptions& o) {
  app.name(std::string(kDemoName));
  app.description("Sums, means and one fused expression over two columns: bits, time, machine code.");
  app.add_option("directory", o.directory, "Keep the columns here; default: a temporary directory that is removed");
  app.add_option("--rows", o.rows, "Rows of the columns; default 1000000")->check(CLI::Range(1, 100'000'000));
  app.add_option("--seconds", o.seconds, "Time to measure each query for; default 0.8")->check(CLI::Range(0.0, 100.0));
  app.footer(
      "Exit codes: 0 fine, 1 bits disagree, 2 bad usage, or the columns cannot be written, 3 the JIT was required and "
      "is "
      "unavailable.");
}

void print_intro(bool temporary, const Streams& streams) {
  fmt::print(streams.out,
             "trueno turns a line of text into machine code for the vectors of this processor, and promises the\n"
             "same bits from every target, from the interpreter, and on every machine.\n\n"
             "1. Two columns, made from a fixed seed, written as .npy files{} and mapped back:\n",
             temporary ? " (temporary: removed again)" : "");
}

void print_legend(const Streams& streams) {
  const auto& host = runtime::host();
  fmt::print(streams.out,
             "\n2. Questions about them, answered by everything this host has (best: {}{}{}). The bits of all trueno\n"
             "rows must agree; the plain loop adds in another order, so its floats may end otherwise.\n",
             host.isa ? name_of(*host.isa) : "no vectors", host.note.empty() ? "" : "; ", host.note);
}

Result<bool> show(const DemoOptions& o, const Streams& streams) {
  const double begin = now_ns();
  print_intro(o.directory.empty(), streams);
  auto columns = make_columns(o.directory, o.rows, streams);
  if (!columns) return columns.error();
  print_legend(streams);
  auto usable = usable_targets(streams);
  if (!usable) return usable.error();
  const std::vector<jit::Target>& targets = *usable;
  bool agree = true;
  for (const Query& query : make_queries(*columns)) {
    auto one = show_query(query, targets, o.seconds * 1e9, streams);
    if (!one) return one.error();
    agree &= *one;
  }
  if (targets.empty())
    fmt::print(streams.out, "\n3. The machine code: skipped, there is none.\n");
  else if (auto done = show_machine_code(targets.back(), streams); !done)
    return done.error();
  const char* verdict = !agree            ? "BITS DISAGREE, see above."
                        : targets.empty() ? "Only the interpreter ran."
                                          : "All bits agree.";
  fmt::print(streams.out, "\n{} ({:.1f} s)\n", verdict, (now_ns() - begin) / 1e9);
  return agree;
}

}  // namespace

Result<void> show_machine_code(const jit::Target& target, const Streams& streams) {
  auto parsed = ir::parse_expression("sum(x)", {{"x", true, Type::f32}}, ops::built_in());
  if (!parsed) return parsed.error();
  auto optimized = ir::optimize(*parsed, ops::built_in());
  if (!optimized) return optimized.error();
  auto study = inspect::study(*optimized, target);
  if (!study) return study.error();
  const inspect::Part* loop = inspect::find_part(study->parts, inspect::Purpose::main);
  fmt::print(streams.out, "\n3. The {}loop of sum(x) for {}, decoded from its bytes ({} in all):\n\n{}",
             loop == nullptr ? "code around the " : "main ", title(target), study->code.bytes.size(),
             loop == nullptr ? asm_text(*study) : asm_text(*study, *loop));
  return {};
}

int demo_tool(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app;
  DemoOptions options;
  declare(app, options);
  if (const auto code = parse_command_line(app, argc, argv, streams)) return *code;
  auto agree = show(options, streams);
  if (!agree) return fail(streams, kDemoName, agree.error());
  return finish(streams, kDemoName, *agree ? kFine : kFinding);
}

}  // namespace trueno::tools
