// Differential fuzzing of whole kernels: random well-typed programs, every target against the interpreter.
//
//   kernel_fuzz [N] [--programs N] [--seed S] [--threads N] [--time-limit SECONDS] [--target ISA:VL|fallback:ISA]...
//               [--failures N] [--no-shrink] [--without in-place|empty|mask-constants|OPERATION]...
//
// Program i of a run has the seed S + i and a random stream of its own: `--programs 1 --seed <seed>` repeats a
// failure alone. A failure is made smaller and printed as a text with its inputs. Exit: 0 all the same, 1 a
// difference (or a run that proved nothing), 2 a wrong command line.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "ir/passes/passes.h"
#include "ir/print.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "runtime/host.h"
#include "tests/fuzz/kernel_fuzz_check.h"
#include "tests/fuzz/kernel_fuzz_generate.h"
#include "tests/fuzz/kernel_fuzz_report.h"
#include "tests/fuzz/kernel_fuzz_shrink.h"

namespace {

using namespace trueno;
using namespace trueno::fuzz;
using Clock = std::chrono::steady_clock;

constexpr int kCallsPerProgram = 4;  // compiling costs more than short calls
constexpr double kHangSeconds = 120;

struct Options {
  std::uint64_t programs = 10'000, seed = 1;
  unsigned threads = 2;
  double time_limit = 0;  ///< seconds; 0: none
  std::size_t failures = 3;
  bool shrink = true;
  Without without;
  std::vector<Subject> subjects;
};

/// What the threads share.
struct Session {
  explicit Session(const Options& o) : options(o), statistics(o.subjects.size()) {}
  const Options& options;
  Clock::time_point start = Clock::now();
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;  // of what follows, and of the output
  Statistics statistics;
  std::map<std::string, std::size_t> failures;  // by what is left in the smallest kernel
  std::size_t failed = 0;

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start).count(); }
};

/// What a thread is at, for the watchdog: code that never returns is a failure with a seed as well.
struct Progress {
  std::atomic<std::uint64_t> seed{0};
  std::atomic<double> since{-1};  ///< in seconds of the session; negative: idle
};

class Worker {
 public:
  Worker(Session& session, Progress& progress)
      : session_(session), progress_(progress), statistics_(session.options.subjects.size()) {}

  void run() {
    const Options& o = session_.options;
    for (;;) {
      const std::uint64_t i = session_.next++;
      if (i >= o.programs || (o.time_limit > 0 && session_.seconds() > o.time_limit)) break;
      progress_.seed = o.seed + i;
      progress_.since = session_.seconds();
      if (!program(o.seed + i)) break;
    }
    progress_.since = -1;
    const std::lock_guard lock(session_.mutex);
    session_.statistics.add(statistics_);
  }

 private:
  /// False: enough failures.
  bool program(std::uint64_t seed) {
    Random random(seed);
    case_.kernel = random_kernel(random, session_.options.without);
    const Result<ir::Kernel> expanded = ir::expand(case_.kernel, ops::built_in());
    statistics_.programs += 1;
    if (!expanded) return statistics_.too_large += 1, true;
    statistics_.add_size(case_.kernel.nodes.size());
    const std::vector<Subject>& subjects = session_.options.subjects;
    std::vector<std::optional<Kernel>> kernels(subjects.size());
    std::optional<Difference> wrong;
    const std::optional<runtime::Prepared> prepared = checker_.prepare(ir::print(case_.kernel), wrong);
    if (!prepared) {
      draw_call(random, expanded->nodes.size());
      return failed(seed, 0, *wrong);
    }
    for (std::size_t s = 0; s < subjects.size(); ++s) {
      std::string why;
      kernels[s] = checker_.compile(*prepared, subjects[s], why, wrong);
      if (!kernels[s] && !wrong) statistics_.of[s].decline(why);
      statistics_.of[s].compared += kernels[s].has_value();
      if (!wrong) continue;
      draw_call(random, expanded->nodes.size());
      return failed(seed, s, *wrong);
    }
    for (int c = 0; c < kCallsPerProgram; ++c) {
      draw_call(random, expanded->nodes.size());
      std::string problem;
      if (!checker_.judge(*expanded, case_.call, problem))
        return failed(seed, 0, Difference{Difference::Kind::refused, "the judge: " + problem});
      for (std::size_t s = 0; s < subjects.size(); ++s)
        if (kernels[s])
          if (const auto wrong = checker_.compare(*kernels[s], *expanded, case_.call)) return failed(seed, s, *wrong);
    }
    return true;
  }

  void draw_call(Random& random, std::size_t nodes) {
    random_call(random, case_.kernel, nodes, session_.options.without, case_.call);
  }

  bool failed(std::uint64_t seed, std::size_t s, const Difference& first) {
    const Subject& subject = session_.options.subjects[s];
    Shrunk shrunk{case_, first, 0};
    if (session_.options.shrink) shrunk = shrink(checker_, case_, subject, first);
    const std::lock_guard lock(session_.mutex);
    ++session_.failed;
    if (++session_.failures[likeness(shrunk)] == 1)  // the first of its kind
      std::printf("%s", describe(seed, subject, first, case_, shrunk).c_str());
    std::fflush(stdout);
    return session_.failures.size() < session_.options.failures && session_.failed < 20 * session_.options.failures;
  }

  Session& session_;
  Progress& progress_;
  Statistics statistics_;
  Checker checker_;
  Case case_;
};

/// Ends the process, seed told, if a program runs for minutes: nothing else can stop generated code.
void watch(const Session& session, const std::vector<Progress>& all, const std::atomic<bool>& done) {
  while (!done) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (const Progress& p : all) {
      const double since = p.since;
      if (since < 0 || session.seconds() - since < kHangSeconds) continue;
      std::printf("FAILURE: program %llu does not end; repeat it with --programs 1 --seed %llu\n",
                  static_cast<unsigned long long>(p.seed), static_cast<unsigned long long>(p.seed));
      std::fflush(stdout);
      std::_Exit(1);
    }
  }
}

/// The levels of the fallback this host can run, or those called `which`.
void add_fallbacks(Options& options, std::string_view which) {
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512})
    if (runtime::host().isa && isa <= *runtime::host().isa && (which.empty() || which == name_of(isa))) {
      Subject& subject = options.subjects.emplace_back();
      subject.fallback = isa;
    }
}

bool parse_target(const char* text, Options& options) {
  if (const std::string_view all = text; all.starts_with("fallback")) {
    const std::size_t before = options.subjects.size();
    add_fallbacks(options, all.substr(all.find(':') == all.npos ? all.size() : all.find(':') + 1));
    return options.subjects.size() != before;
  }
  const char* colon = std::strchr(text, ':');
  const auto isa =
      jit::isa_named(std::string_view(text, colon ? static_cast<std::size_t>(colon - text) : std::strlen(text)));
  bool any = false;
  for (const jit::Target& t : runtime::runnable_targets())
    if (isa && t.isa == *isa && (!colon || std::atoi(colon + 1) == t.vector_bits))
      options.subjects.push_back({t, {}}), any = true;
  if (!any) std::fprintf(stderr, "kernel_fuzz: this host has no target '%s'\n", text);
  return any;
}

bool parse_without(std::string_view what, Without& without) {
  if (what == "in-place") return without.in_place = true;
  if (what == "empty") return without.empty = true;
  if (what == "mask-constants") return without.mask_constants = true;
  without.operations.emplace_back(what);
  const bool known = std::ranges::any_of(ir::kPrimitives, [&](const ir::Primitive& p) { return p.text == what; }) ||
                     !ops::built_in().overloads(what).empty();
  if (!known) std::fprintf(stderr, "kernel_fuzz: there is nothing called '%s'\n", std::string(what).c_str());
  return known;
}

bool parse_value(std::string_view name, const char* value, Options& o) {
  const std::uint64_t number = std::strtoull(value, nullptr, 0);
  if (name == "--programs") return o.programs = number, true;
  if (name == "--seed") return o.seed = number, true;
  if (name == "--threads") return o.threads = static_cast<unsigned>(number == 0 ? 1 : number), true;
  if (name == "--failures") return o.failures = number == 0 ? 1 : number, true;
  if (name == "--time-limit") return o.time_limit = std::atof(value), true;
  if (name == "--target") return parse_target(value, o);
  if (name == "--without") return parse_without(value, o.without);
  return std::fprintf(stderr, "kernel_fuzz: unknown option '%s'\n", std::string(name).c_str()), false;
}

bool parse(int argc, char** argv, Options& o) {
  o.subjects.push_back({});
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0]))) {
      o.programs = std::strtoull(argv[i], nullptr, 0);
    } else if (name == "--no-shrink") {
      o.shrink = false;
    } else if (i + 1 == argc) {
      return std::fprintf(stderr, "kernel_fuzz: '%s' is unknown or lacks its value\n", argv[i]), false;
    } else if (!parse_value(name, argv[++i], o)) {
      return false;
    }
  }
  if (o.subjects.size() == 1) {
    for (const jit::Target& t : runtime::runnable_targets()) o.subjects.push_back({t, {}});
    if (runtime::host().isa) add_fallbacks(o, name_of(*runtime::host().isa));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 2;
  Session session(options);
  std::vector<Progress> progress(options.threads);
  std::atomic<bool> done = false;
  std::thread watchdog([&] { watch(session, progress, done); });
  std::vector<std::thread> threads;
  for (Progress& p : progress) threads.emplace_back([&session, &p] { Worker(session, p).run(); });
  for (std::thread& t : threads) t.join();
  done = true;
  watchdog.join();
  std::printf("%s", session.statistics.table(options.subjects, session.seconds(), options.threads).c_str());
  for (const auto& [like, count] : session.failures) std::printf("FAILURES: %zu like %s\n", count, like.c_str());
  if (session.failed != 0) return 1;
  const std::string empty = session.statistics.proves_nothing(options.subjects);
  return empty.empty() ? 0 : (std::printf("FAILURE: %s\n", empty.c_str()), 1);
}
