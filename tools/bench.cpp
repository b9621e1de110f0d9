// See bench.h.
#include "tools/bench.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <fstream>

#include "tools/bench_ab.h"
#include "tools/bench_size.h"

namespace trueno::tools {
namespace {

constexpr std::string_view kTool = "trueno-bench";

struct CommandLine {
  AbOptions ab;
  SizeOptions size;
  std::string mode, page, sizes = "100,1000,10000,100000,1000000", within, gate;
};

void declare(CLI::App& app, CommandLine& line) {
  app.add_option("mode", line.mode, "ab: are builds A and B equally fast; size: how large is A")
      ->required()
      ->check(CLI::IsMember({"ab", "size"}));
  app.add_option("A", line.ab.a, "A build directory, a libtrueno.so, or with --commits a revision")->required();
  app.add_option("B", line.ab.b, "Of ab: what is compared with A; ratios are B/A, more than 1 is slower");
  app.add_flag("--commits", line.ab.commits, "A and B are revisions: build both, with equal settings, in build/ab/");
  add_repeatable(app, "--cmake", line.ab.cmake, "NAME=VALUE: with --commits, one more setting of both builds");
  add_repeatable(app, "--kernel", line.ab.kernels,
                 "NAME: only this kernel: sum, sum_f64, dot, axpy_relu, exp, mean_tanh, softmax, or one as text");
  app.add_option("--sizes", line.sizes, "LIST: elements, with commas between")->capture_default_str();
  app.add_option("--passes", line.ab.passes, "COUNT: processes, each with other addresses: what intervals are made of")
      ->check(CLI::Range(2, 10000))
      ->capture_default_str();
  app.add_option("--cell-ms", line.ab.cell_ms, "MS: for a kernel at a size in each pass")
      ->check(CLI::Range(1.0, 1e5))
      ->capture_default_str();
  app.add_option("--within", line.within, "PERCENT: equal is said within that only; the gate, or 2%");
  app.add_option("--gate", line.gate, "PERCENT: exit with 1 if something is slower by more than that, for certain");
  app.add_option(
         "--shift-b", line.ab.b_shift,
         "COUNT: as it lies, arrays of B begin so many elements later: a layout that differs, to be found as such")
      ->check(CLI::Range(0, 512));
  app.add_option("--seed", line.ab.seed, "NUMBER: of what is drawn at random")->capture_default_str();
  app.add_option("--page", line.page, "FILE: write what was found as a page with intervals, too");
  app.add_option("--program", line.size.program,
                 "FILE: of size: a program with the library that tells its allocations");
  app.add_option("--baseline", line.size.baseline,
                 "FILE: of size: exit with 1 if anything has grown since it was written");
  app.add_flag("--update", line.size.update, "Of size: write the baseline anew");
  app.add_flag("--json", line.ab.json, "Print JSON");
  app.footer(
      "Exit codes: 0 done, and nothing beyond the gate; 1 a slowdown beyond the gate, or something has grown; 2 bad "
      "usage or a build that "
      "cannot be measured; 3 a library that cannot be loaded");
}

/// "2%", "2" or "0.5 %" to 0.02, 0.02, 0.005.
Result<double> parse_percent(std::string_view option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  while (*end == ' ') ++end;
  if (*end == '%') ++end;
  if (end == text.c_str() || *end != '\0' || !(value > 0 && value <= 100))
    return Error(Status::invalid_argument, fmt::format("{}: '{}' is no percentage above 0", option, text));
  return value / 100;
}

Result<std::vector<std::size_t>> parse_sizes(const std::string& text) {
  std::vector<std::size_t> sizes;
  for (const std::string& part : split(text, ',')) {
    char* end = nullptr;
    const double value = std::strtod(part.c_str(), &end);  // so that 1e6 is a number
    if (part.empty() || *end != '\0' || !(value >= 1 && value <= 1e9) || value != std::floor(value))
      return Error(Status::invalid_argument, fmt::format("--sizes: '{}' is no number of elements, 1 to 1e9", part));
    sizes.push_back(static_cast<std::size_t>(value));
  }
  return sizes;
}

Result<void> interpret(CommandLine& line) {
  auto sizes = parse_sizes(line.sizes);
  if (!sizes) return sizes.error();
  line.ab.sizes = *std::move(sizes);
  for (const auto& [option, text, to] :
       {std::tuple("--gate", &line.gate, &line.ab.gate), std::tuple("--within", &line.within, &line.ab.tolerance)}) {
    if (text->empty()) continue;
    const auto part = parse_percent(option, *text);
    if (!part) return part.error();
    *to = *part;
  }
  if (line.within.empty() && line.ab.gate > 0) line.ab.tolerance = line.ab.gate;
  if (!line.ab.cmake.empty() && !line.ab.commits) return Error(Status::invalid_argument, "--cmake goes with --commits");
  const bool about_size = line.size.update || !line.size.baseline.empty() || !line.size.program.empty();
  if (line.mode == "size" && (!line.ab.b.empty() || line.ab.commits))
    return Error(Status::invalid_argument, "size takes one build");
  if (line.mode == "ab" && line.ab.b.empty())
    return Error(Status::invalid_argument, "ab takes two builds: B is missing");
  if (line.mode == "ab" && about_size)
    return Error(Status::invalid_argument, "--program, --baseline and --update go with size");
  if (line.size.update && line.size.baseline.empty())
    return Error(Status::invalid_argument, "--update needs --baseline FILE, which it writes");
  line.size.build = line.ab.a;
  line.size.json = line.ab.json;
  return {};
}

int ab_command(const AbOptions& options, const std::string& page, const Streams& streams) {
  const auto report = compare_builds(options, streams.err);
  if (!report) return fail(streams, kTool, report.error());
  if (options.json)
    fmt::print(streams.out, "{}\n", json_of(*report, options.gate));
  else
    print_table(streams.out, *report, options.gate);
  if (!page.empty()) {
    std::ofstream out(page);
    out << page_of(*report);
    out.close();
    if (!out) return fail(streams, kTool, Error(Status::io, page + ": cannot be written"));
  }
  return finish(streams, kTool, beyond(*report, options.gate) > 0 ? kFinding : kFine);
}

}  // namespace

int bench_command(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app(
      "Compares builds of libtrueno: are two equally fast, and if not, is it the code, its place, or the call?\n"
      "They run in one process, pair by pair; code and arrays are placed anew again and again. What is said holds for\n"
      "all kernels and sizes of a run together, with 99 % confidence.\n"
      "Example: trueno-bench ab build/before build/after --gate 2%\n"
      "Example: trueno-bench size build/release --baseline configs/size-baseline.json\n"
      "Example: trueno-bench ab --commits HEAD~1 HEAD --kernel sum --sizes 100,1e6",
      std::string(kTool));
  CommandLine line;
  declare(app, line);
  if (const auto code = parse_command_line(app, argc, argv, streams)) return *code;
  if (const auto done = interpret(line); !done) return fail(streams, kTool, done.error());
  return line.mode == "size" ? size_command(line.size, streams) : ab_command(line.ab, line.page, streams);
}

}  // namespace trueno::tools
