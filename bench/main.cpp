// The benchmark program: raw rows by Google Benchmark, then the table of ratios (summary.h).
//
// Arguments are Google Benchmark's; `--summary-only` leaves out its rows, `--no-summary` the table.
// Nothing here can fail a build for being slow; a wrong result of our own can.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "bench/summary.h"
#include "bench/tasks.h"
#include "runtime/environment.h"
#include "trueno/trueno.h"

namespace {

using trueno::bench::Contender;
using trueno::bench::Task;

constexpr double kMinTime = 0.03;
const std::vector<std::size_t> kSizes = {100, 1000, 10000, 100000, 1000000};

void register_rows(const std::vector<Task>& tasks) {
  for (const Task& task : tasks)
    for (const std::size_t n : task.sizes)
      for (const Contender& c : task.contenders) {
        const std::string name = task.name + "/" + c.name + "/" + std::to_string(n);
        const double bytes = task.bytes_per_element * static_cast<double>(n);
        benchmark::RegisterBenchmark(name.c_str(), [&c, n, bytes](benchmark::State& state) {
          c.prepare(n);
          for (auto _ : state) c.call();
          state.SetBytesProcessed(static_cast<std::int64_t>(bytes * static_cast<double>(state.iterations())));
        })->MinTime(kMinTime);
      }
}

/// From text to a kernel that can be called; what it costs to drop one is not in it. `fresh`: a kernel never seen
/// before each time, so that no cache can answer; else the same text again and again.
void register_latency(const std::string& what, const std::string& text, bool fresh) {
  const std::string name = "compile/" + what + (fresh ? "/fresh" : "/again");
  benchmark::RegisterBenchmark(name.c_str(),
                               [text, fresh](benchmark::State& state) {
                                 constexpr std::size_t kBatch = 64;
                                 std::size_t count = 0;
                                 std::vector<std::string> texts;
                                 std::vector<trueno::Kernel> kernels;
                                 kernels.reserve(kBatch);
                                 for (auto _ : state) {
                                   if (kernels.size() == texts.size()) {
                                     state.PauseTiming();
                                     kernels.clear();
                                     texts.assign(kBatch, text);
                                     for (std::string& mine : texts)
                                       if (fresh) mine.insert(mine.find('('), "_" + std::to_string(count++));
                                     state.ResumeTiming();
                                   }
                                   auto kernel = trueno::compile(texts[kernels.size()]);
                                   if (!kernel) return state.SkipWithError(kernel.error().text().c_str());
                                   kernels.push_back(*std::move(kernel));
                                 }
                               })
      ->MinTime(0.2)
      ->Unit(benchmark::kMicrosecond);
}

/// What a call costs when there is next to nothing to do.
void register_overhead() {
  benchmark::RegisterBenchmark("call/by handle/n = 1", [](benchmark::State& state) {
    const auto kernel = trueno::compile("kernel sum(x: f32[]) -> f32 { sum(x) }");
    if (!kernel) return state.SkipWithError(kernel.error().text().c_str());
    const std::vector<float> x(1, 1.0f);
    float s = 0;
    const trueno::Arg in(x);
    const trueno::Out out(s);
    for (auto _ : state) {
      benchmark::DoNotOptimize(kernel->run(std::span(&in, 1), std::span(&out, 1)).ok());
      benchmark::DoNotOptimize(s);
    }
  });
  benchmark::RegisterBenchmark("call/trueno::sum/n = 1", [](benchmark::State& state) {
    const std::vector<float> x(1, 1.0f);
    for (auto _ : state) benchmark::DoNotOptimize(trueno::sum(x));
  });
  // What every call pays to find that the caller's floating-point environment is the default one.
  benchmark::RegisterBenchmark("call/environment probe", [](benchmark::State& state) {
    for (auto _ : state) const trueno::runtime::DefaultEnvironment environment;
  });
}

/// Takes an argument of ours out of the list.
bool take(int& argc, char** argv, const char* name) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], name) == 0) {
      std::rotate(argv + i, argv + i + 1, argv + argc);
      --argc;
      return true;
    }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const bool summary_only = take(argc, argv, "--summary-only");
  const bool no_summary = take(argc, argv, "--no-summary");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;

  trueno::bench::Buffers buffers(kSizes.back());
  const trueno::bench::Tasks all = trueno::bench::make_tasks(buffers, kSizes);
  for (const std::string& c : all.complaints) std::fprintf(stderr, "%s\n", c.c_str());
  if (!summary_only) {
    register_rows(all.tasks);
    for (const Task& t : all.tasks)
      if (t.name == "sum" || t.name == "mean sigmoid") {
        register_latency(t.name, t.text, true);
        register_latency(t.name, t.text, false);
      }
    register_overhead();
    benchmark::RunSpecifiedBenchmarks();
  }
  if (!no_summary) std::fputs(trueno::bench::summarize(all.tasks).c_str(), stdout);
  benchmark::Shutdown();
  return all.ours_failed ? 1 : 0;
}
