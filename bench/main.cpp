// The benchmark program: options, rows, reports.
//
// Google Benchmark is the front end: each row (task, type, size) is registered with it, so its own options list, filter
// and repeat rows and write its JSON (--benchmark_list_tests, --benchmark_filter, --benchmark_repetitions,
// --benchmark_out). What it does not do is why measure.h exists: it times one thing after another, each with its own
// number of iterations, and what we want to know is a ratio of neighbours. So a row is one iteration of it with a time
// that we hand over, and repetitions add rounds to the row.
// Nothing here can fail a build for being slow; a wrong result of our own can.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "bench/foreign.h"
#include "bench/machine.h"
#include "bench/peers.h"
#include "bench/suite.h"

namespace {

using namespace trueno::bench;
using trueno::Type;

struct Options {
  std::string filter;
  std::vector<std::size_t> sizes;
  std::string out = "report", commit, foreign, export_to;
  bool quick = false;
  std::vector<std::string> front_end;  ///< Google Benchmark's
};

/// Rows measured, and what is left to do.
struct Progress {
  std::size_t rows = 0, done = 0;
  double all = 0, spent = 0;
  double begin = now_ns();
  /// What a row costs beside others: long arrays take more than their budget.
  static double weight(std::size_t n) { return 1 + static_cast<double>(n) / 2e6; }
  std::string left() const {
    const double seconds = (now_ns() - begin) / 1e9 * (all - spent) / std::max(spent, 1.0);
    return seconds < 90 ? fmt::format("{:.0f} s left", seconds) : fmt::format("{:.0f} min left", seconds / 60);
  }
};

class Silent : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

std::vector<Wanted> wanted_rows(const Options& options) {
  const std::regex filter(options.filter);
  std::vector<Wanted> rows;
  for (const Task& task : tasks())
    for (const Type type : task.types)
      for (const std::size_t n : task.sizes.empty() ? options.sizes : task.sizes)
        if (std::regex_search(fmt::format("{}/{}/{}", task.name, name_of(type), n), filter))
          rows.push_back({&task, type, n});
  return rows;
}

void register_row(const Wanted& wanted, Suite& suite, Progress& progress) {
  const std::string name = fmt::format("{}/{}/{}", wanted.task->name, name_of(wanted.type), wanted.n);
  const auto run = [wanted, &suite, &progress](benchmark::State& state) {
    const Row* row = suite.run(*wanted.task, wanted.type, wanted.n);
    for (auto _ : state) state.SetIterationTime(row != nullptr ? row->ours().ns.least * 1e-9 : 0);
    ++progress.done;
    progress.spent += Progress::weight(wanted.n);
    if (row == nullptr) return state.SkipWithError("trueno cannot do it, or not right");
    state.SetBytesProcessed(static_cast<std::int64_t>(row->bytes));
    if (const Figure* best = row->best()) state.counters["ratio_to_best"] = best->ratio.median;
    if (row->limit) state.counters["ratio_to_limit"] = row->limit->ratio.median;
    fmt::print("[{:3}/{}, {:>10}] {}\n", progress.done, progress.rows, progress.left(), to_line(*row));
    std::fflush(stdout);
  };
  benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Iterations(1);
}

std::vector<Bandwidth> bandwidths(Suite& suite, const std::vector<std::size_t>& sizes) {
  std::vector<Bandwidth> out;
  for (const std::size_t n : sizes)
    for (const Pattern p : {Pattern::read, Pattern::read_two, Pattern::copy, Pattern::in_place}) {
      const Contender c = suite.limits().best(p, n * 4, suite.data().work(tasks()[0], Type::f32, n))[0];
      const double bytes = traffic(p, static_cast<double>(n) * 4);
      const double arrays = p == Pattern::in_place ? bytes / 2 : bytes;
      out.push_back({kPatternNames[static_cast<int>(p)], arrays, bytes / least_ns(c, 2e7)});
    }
  return out;
}

int fail(const std::string& what) {
  fmt::print(stderr, "bench: {}\n", what);
  return 2;
}

/// A file of the report; false with a message if it cannot be written.
bool write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (out.flush()) return true;
  fail("cannot write " + path.string());
  return false;
}

int write_reports(const Report& report, const std::string& folder) {
  const std::filesystem::path at(folder);
  const auto page = to_html(report);
  if (!page) return fail(std::string(page.error().message()));
  const bool fine = write(at / "report.json", to_json(report)) && write(at / "report.md", to_markdown(report)) &&
                    write(at / "report.html", *page);
  if (fine) fmt::print("report: {}\n", (at / "report.html").string());
  return fine ? 0 : 2;
}

/// Those that numpy_peers.py measured; none, with a message, if that did not work: what was measured here stands.
std::vector<PeerInfo> foreign_peers(Suite& suite, const std::vector<Wanted>& wanted, const std::string& folder) {
  if (folder.empty()) return {};
  auto more = merge_figures(suite, wanted, folder);
  if (more) return *std::move(more);
  fail(std::string(more.error().message()));
  return {};
}

std::optional<int> parse(int argc, char** argv, Options& options) {
  // Ours first, as its front end would answer --help and end.
  CLI::App app("trueno and its peers, interleaved in one process. Rows are named TASK/TYPE/SIZE.", "bench");
  app.footer("Options of Google Benchmark (--benchmark_repetitions=3, --benchmark_list_tests, ...) work as well.");
  app.add_option("filter", options.filter, "Regular expression: only rows whose name has it, such as '^exp/f32'");
  app.add_flag("--quick", options.quick, "Three sizes and less time for each row: orientation in a minute");
  app.add_option("--sizes", options.sizes, "Numbers of elements, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 100000000));
  app.add_option("--out", options.out, "Folder for report.html, report.json and report.md")
      ->capture_default_str()
      ->take_last();
  app.add_option("--commit", options.commit, "What to call this state of the sources in the report")->take_last();
  app.add_option("--export", options.export_to, "Folder: only write there what numpy_peers.py needs");
  app.add_option("--merge", options.foreign, "Folder with the figures of numpy_peers.py");
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;  // CLI11's own codes begin at 100
  }
  options.front_end = app.remaining();
  if (options.sizes.empty()) {
    if (options.quick)
      options.sizes = {1000, 100000, 1000000};
    else
      options.sizes = {100, 1000, 10000, 100000, 1000000, 10000000};
  }
  try {
    std::regex check(options.filter);
  } catch (const std::regex_error& e) {
    return fail("'" + options.filter + "' is no regular expression: " + e.what());
  }
  return std::nullopt;
}

/// False, with a message, if there are options that it does not know either.
bool start_front_end(Options& options, char* program) {
  std::vector<char*> arguments = {program};
  for (std::string& text : options.front_end) arguments.push_back(text.data());
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  return !benchmark::ReportUnrecognizedArguments(count, arguments.data());
}

/// How often each row will be run.
std::size_t repetitions(const Options& options) {
  constexpr std::string_view kOption = "--benchmark_repetitions=";
  for (const std::string& text : options.front_end)
    if (text.starts_with(kOption))
      return static_cast<std::size_t>(std::max(1, std::atoi(text.c_str() + kOption.size())));
  return 1;
}

Report make_report(Suite& suite, const Peers& peers, const std::vector<Wanted>& wanted, const Options& options) {
  Report report;
  for (const Peer& p : peers.here) report.peers.push_back({p.name, p.version, p.how});
  report.missing.assign(peers.missing.begin(), peers.missing.end());
  if (const auto more = foreign_peers(suite, wanted, options.foreign); !more.empty())
    report.peers.insert(report.peers.end(), more.begin(), more.end());
  else
    report.missing.push_back("NumPy and numexpr (python3-numpy, python3-numexpr)");
  report.rows = suite.rows();
  report.refusals = suite.refusals();
  report.machine = describe_machine(options.commit);
  report.bandwidths = bandwidths(suite, options.sizes);
  report.machine.peak_f32 = suite.limits().peak(Type::f32);
  report.machine.peak_f64 = suite.limits().peak(Type::f64);
  return report;
}

int run(const Options& options) {
  const std::vector<Wanted> wanted = wanted_rows(options);
  if (wanted.empty()) return fail("no row has '" + options.filter + "' in its name");
  // Now, not after minutes of measuring.
  const std::string& folder = options.export_to.empty() ? options.out : options.export_to;
  std::error_code trouble;
  std::filesystem::create_directories(folder, trouble);
  if (trouble) return fail("cannot make the folder " + folder + ": " + trouble.message());
  const Peers peers = all_peers();
  Budget budget;
  if (options.quick) budget.total_ns = 6e7;
  Suite suite(peers.here, *std::max_element(options.sizes.begin(), options.sizes.end()), budget);
  if (!options.export_to.empty()) {
    const auto done = export_work(suite, wanted, options.export_to, options.quick);
    return done ? 0 : fail(std::string(done.error().message()));
  }

  Progress progress;
  const std::size_t times = repetitions(options);
  progress.rows = wanted.size() * times;
  for (const Wanted& w : wanted) {
    progress.all += Progress::weight(w.n) * static_cast<double>(times);
    register_row(w, suite, progress);
  }
  Silent reporter;
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) return fail("no row was measured");
  const Report report = make_report(suite, peers, wanted, options);
  const int code = report.rows.empty() ? 0 : write_reports(report, options.out);
  return suite.ours_failed() ? 1 : code;
}

}  // namespace

int main(int argc, char** argv) {
  settle_environment(argv);
  Options options;
  if (const auto code = parse(argc, argv, options)) return *code;
  if (!start_front_end(options, argv[0])) return 2;
  try {
    const int code = run(options);
    benchmark::Shutdown();
    return code;
  } catch (const std::bad_alloc&) {
    return fail("there is no memory for arrays of that size");
  }
}
