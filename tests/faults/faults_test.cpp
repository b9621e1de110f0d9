// The k-th call fails, for every k: memory, mmap, memfd_create, write, fcntl. Whatever fails, the end is an error or
// the right bits; nothing is lost, and afterwards everything works.
//
// Each case runs in children of a process that has never called the library, so that first use fails, too.
#include <dirent.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "tests/child.h"
#include "tests/faults/inject.h"
#include "tests/faults/lives.h"
#include "tests/tools/scratch.h"
#include "trueno/config.h"
#include "trueno/log.h"

using namespace trueno;
using namespace trueno::test;
using namespace std::literals;

namespace {

std::size_t descriptors() {
  std::size_t count = 0;
  DIR* const all = opendir("/proc/self/fd");
  while (all && readdir(all)) ++count;
  if (all) closedir(all);
  return count;
}

std::size_t code_mappings() {
  return mappings([](auto&, const std::string& line) { return line.find("memfd:trueno") != line.npos; }).size();
}

/// What a process holds.
struct Holdings {
  long pieces = live_pieces();
  std::size_t code = code_mappings(), open = descriptors();
  bool operator==(const Holdings&) const = default;
  std::string text() const {
    return std::to_string(pieces) + " pieces of memory, " + std::to_string(code) + " mappings of code, " +
           std::to_string(open) + " descriptors";
  }
};

/// Empty if an outcome is one that may be where something fails.
std::string judge(const Life& life, const Outcome& outcome, const Outcome& right, bool struck) {
  if (outcome.wrong) return outcome.wrong;
  if (outcome.status == life.expected) return outcome.bits == right.bits ? "" : "other bits";
  if (struck && outcome.status == Status::out_of_memory) return "";
  return "status " + std::string(name_of(outcome.status)) + (struck ? "" : " though nothing failed");
}

Outcome live_under(const Life& life, Call call, long k, bool and_on, bool& struck) {
  const Fault fault(call, k, and_on);
  Outcome outcome = life.live();
  struck = fault.struck();
  return outcome;
}

/// In a process that has never called the library: its first life fails at the k-th call. Then it lives twice more.
/// Returns what is wrong; "done" if k was beyond the last call. `holds`: what such a process holds if nothing fails.
std::string first_life(const Life& life, Call call, long k, bool and_on, std::string& holds) {
  const long begin = live_pieces();
  bool struck = false, never = false;
  const Outcome first = live_under(life, call, k, and_on, struck);
  const Outcome right = live_under(life, call, 0, false, never);
  if (right.status != life.expected) return "the second life ends in " + std::string(name_of(right.status));
  if (const std::string wrong = judge(life, first, right, struck); !wrong.empty()) return wrong;
  Holdings before;
  (void)live_under(life, call, 0, false, never);
  if (const Holdings after; !(after == before))
    return "a life without faults goes from " + before.text() + " to " + after.text();
  before.pieces -= begin;
  const std::string now = before.text();
  if (holds.empty()) holds = now;
  if (now != holds) return "holds " + now + " instead of " + holds;
  return struck ? "" : "done";
}

/// All k in a process that knows the life already. Returns what is wrong.
std::string later_lives(const Life& life, Call call, bool and_on) {
  bool struck = true;
  const Outcome right = live_under(life, call, 0, false, struck);
  if (right.status != life.expected) return "the first life ends in " + std::string(name_of(right.status));
  struck = true;
  for (long k = 1; struck && k <= 20000; ++k) {
    const Holdings before;
    {
      const Outcome outcome = live_under(life, call, k, and_on, struck);
      if (const std::string wrong = judge(life, outcome, right, struck); !wrong.empty())
        return "call " + std::to_string(k) + ": " + wrong;
    }
    if (const Holdings after; !(after == before))
      return "call " + std::to_string(k) + ": from " + before.text() + " to " + after.text();
  }
  return struck ? "there is no end of calls" : "";
}

}  // namespace

TEST_CASE("memory fails in a process that has never called the library") {
  for (const Life& life : lives())
    for (const bool and_on : {false, true}) {
      std::string holds = in_child([&] {
        std::string held;
        const std::string said = first_life(life, Call::memory, 0, false, held);
        return said == "done" ? held : "wrong: " + said;
      });
      INFO(life.name << (and_on ? ", and all after it" : ""));
      REQUIRE(holds.find("wrong") == holds.npos);
      std::string said;
      // Of the thousands of calls that first use makes, ever fewer; of a few lives, all of the first 200.
      const bool closely =
          !and_on && (life.name == "sum"sv || life.name == "softmax"sv || life.name == "trueno::sum"sv);
      for (long k = 1; said.empty(); k += k < (closely ? 200 : 20) ? 1 : k / (and_on ? 3 : 6)) {
        INFO("call " << k);
        said = in_child([&] { return first_life(life, Call::memory, k, and_on, holds); });
        if (said != "done") REQUIRE(said == "");
      }
    }
}

TEST_CASE("memory fails in a process that knows the kernel") {
  for (const Life& life : lives())
    for (const bool and_on : {false, true}) {
      INFO(life.name << (and_on ? ", and all after it" : ""));
      CHECK(in_child([&] { return later_lives(life, Call::memory, and_on); }) == "");
    }
}

TEST_CASE("system calls fail: the same bits by another way, and code again afterwards") {
  for (const Call call : {Call::mmap, Call::memfd_create, Call::write, Call::fcntl, Call::mprotect, Call::munmap})
    for (const Life& life : lives()) {
      if (call == Call::munmap) continue;  // what cannot be unmapped is lost: see below
      INFO(name_of(call) << ": " << life.name);
      CHECK(in_child([&] { return later_lives(life, call, false); }) == "");
      CHECK(in_child([&] { return later_lives(life, call, true); }) == "");
    }
}

TEST_CASE("what is refused by the system and what is not: the back ends") {
  const std::string said = in_child([]() -> std::string {
    const Life& sum = lives().front();
    bool struck = false;
    const Outcome before = live_under(sum, Call::mmap, 0, false, struck);
    if (before.backend != Backend::jit) return "SKIPPED";
    for (const Call call : {Call::mmap, Call::memfd_create, Call::write, Call::fcntl}) {
      const Outcome refused = live_under(sum, call, 1, false, struck);
      if (!struck) return std::string(name_of(call)) + " is not called";
      if (refused.backend != Backend::fallback)
        return std::string(name_of(call)) + ": " + std::string(name_of(refused.backend));
      const Outcome after = live_under(sum, call, 0, false, struck);
      if (after.backend != Backend::jit) return std::string(name_of(call)) + ": no code afterwards";
    }
    return "";
  });
  if (said == "SKIPPED")
    WARN("skipped: this host generates no code");
  else
    CHECK(said == "");
}

TEST_CASE("what is kept is kept with its code: trueno::sum and the cache try again") {
  const std::string said = in_child([]() -> std::string {
    static const float x[1000] = {};
    constexpr const char* kText = "kernel k(x: f32[]) -> f32 { sum(x) + 1 }";
    if (compile(kText)->backend() != Backend::jit) return "SKIPPED";
    const auto both = [] { return sum(std::span(x)) == 0 && cached(kText)->backend() == Backend::jit; };
    {
      const Fault refused(Call::memfd_create, 1, true);
      if (both() || refused.calls() != 2) return "not refused";
    }
    const Fault none(Call::memfd_create, 0);
    if (!both()) return "the cache keeps a kernel without code";
    if (none.calls() != 2) return std::to_string(none.calls()) + " attempts at code";
    (void)both();
    return none.calls() == 2 ? "" : "what has code is made again";
  });
  if (said == "SKIPPED")
    WARN("skipped: this host generates no code");
  else
    CHECK(said == "");
}

TEST_CASE("a policy is asked once, and its answer remembered") {
  const std::string said = in_child([]() -> std::string {
    constexpr const char* kText = "kernel k(x: f32[]) -> f32 { sum(x) }";
    const auto code = compile(kText);
    if (!code || code->backend() != Backend::jit) return "SKIPPED";
    std::string origin;
    {
      const Fault policy(Call::mmap, 1, false, EACCES);
      origin = compile(kText)->origin();
      if (!policy.struck()) return "mmap is not called";
    }
    if (origin.find("fallback ") != 0 || origin.find("mmap(PROT_EXEC): Permission denied") == origin.npos)
      return origin;
    const Fault none(Call::memfd_create, 0);
    const auto later = compile(kText);
    if (later->origin() != origin) return "another origin: " + later->origin();
    CompileOptions required;
    required.backend = Backend::jit;
    const auto refused = compile(kText, required);
    if (refused.status() != Status::unavailable) return "status " + std::string(name_of(refused.status()));
    if (origin.find(refused.error().message()) == origin.npos) return "another reason: " + refused.error().text();
    return none.calls() == 0 ? "" : "it was asked again";
  });
  if (said == "SKIPPED")
    WARN("skipped: this host generates no code");
  else
    CHECK(said == "");
}

TEST_CASE("a mapping that cannot be given back is lost, and no more than that") {
  for (const Life& life : lives()) {
    INFO(life.name);
    CHECK(in_child([&]() -> std::string {
            bool struck = false;
            const Outcome right = live_under(life, Call::munmap, 0, false, struck);
            return judge(life, live_under(life, Call::munmap, 1, true, struck), right, false);
          }) == "");
  }
}

TEST_CASE("memory and system calls fail while perf and GDB are told of kernels") {
  const tests::Scratch files;
  const Life& sum = lives().front();
  for (const char* format : {"jitdump", "map"})
    for (const Call call : {Call::memory, Call::mmap, Call::write, Call::mprotect}) {
      INFO(format << ", " << name_of(call));
      CHECK(in_child([&]() -> std::string {
              const LogSink quiet{[](void*, LogLevel, std::string_view) {}, nullptr};
              set_log_sink(&quiet);
              const std::string toml = std::string("gdb = true\nperf = '") + format + "'\nperf_directory = '";
              if (!configure(toml + (files / "") + "'")) return "not configured";
              std::string wrong = later_lives(sum, call, false);
              if (wrong.empty()) wrong = later_lives(sum, call, true);
              unlink(("/tmp/perf-" + std::to_string(getpid()) + ".map").c_str());
              return wrong;
            }) == "");
    }
}

TEST_CASE("a call within a block takes no memory") {
  const std::string said = in_child([]() -> std::string {
    static float x[1000], y[1000], s;
    const auto total = compile("kernel k(x: f32[]) -> f32 { sum(x) }");
    const auto soft = compile("kernel k(x: f32[]) -> f32[] { exp(x) / sum(exp(x)) }");
    if (!total || !soft) return "not compiled";
    if (total->backend() != Backend::jit) return "SKIPPED";
    const Arg in(std::span<const float>(x, 1000));
    const Out out(s), array(std::span<float>(y, 1000));
    const RowsArg rows_in(Matrix<const float>(x, 10, 100));
    const RowsOut rows_out(Matrix<float>(y, 10, 100));
    (void)sum(std::span<const float>(x));
    const long before = allocations();
    for (int i = 0; i < 100; ++i) {
      if (!total->run(std::span(&in, 1), std::span(&out, 1))) return "refused";
      if (!soft->run(std::span(&in, 1), std::span(&array, 1))) return "refused";
      if (!soft->run_rows(std::span(&rows_in, 1), std::span(&rows_out, 1))) return "refused";
      (void)sum(std::span<const float>(x));
    }
    return std::to_string(allocations() - before);
  });
  if (said == "SKIPPED")
    WARN("skipped: this host generates no code");
  else
    CHECK(said == "0");
}
