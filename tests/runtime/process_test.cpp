// The process around a kernel: what refuses it memory or descriptors, forks, threads that compile meanwhile, signals.
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "tests/child.h"
#include "tests/runtime/compiled.h"

using namespace trueno;
using test::bits;
using test::kSanitized;

namespace {

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

std::string sum_plus(int constant) {
  return "kernel k(x: f32[]) -> f32 { sum(x * 0.1) + " + std::to_string(constant) + " }";
}

bool limit(decltype(RLIMIT_AS) which, rlim_t value) {
  rlimit old{};
  if (getrlimit(which, &old) != 0) return false;
  const rlimit now{value, old.rlim_max};
  return setrlimit(which, &now) == 0;
}

/// In a child: compiles, under what `restrict` does (an error text, or empty), with the origin or the error as answer;
/// then, after `relax`, once more. The bits must be right both times.
std::string compiled_under(const std::function<std::string()>& restrict, const std::function<void()>& relax) {
  return test::in_child([&]() -> std::string {
    const std::vector<float> x = test::numbers(9001);
    const float right = *test::compiled(sum_plus(1)).value<float>({x});  // first use is over
    if (const std::string wrong = restrict(); !wrong.empty()) return "SKIPPED: " + wrong;
    std::string said;
    for (const bool again : {false, true}) {
      if (again && relax) relax();
      const auto k = compile(sum_plus(1));
      if (!k) return said + k.error().text();
      const auto value = k->value<float>({x});
      if (!value || bits(*value) != bits(right)) return said + "other bits";
      said += (again ? " THEN " : "") + k->origin();
    }
    return said;
  });
}

bool jit_here(const std::string& said) {
  if (said.find("SKIPPED") == said.npos && test::compiled(sum_plus(0)).backend() == Backend::jit) return true;
  WARN("skipped: " << said);
  return false;
}

}  // namespace

TEST_CASE("no descriptors left: the fallback says so, and the next kernel has code again") {
  if (kSanitized) {
    WARN("skipped: a sanitizer's own checks need descriptors");
    return;
  }
  const std::string said = compiled_under([] { return limit(RLIMIT_NOFILE, 0) ? "" : "no limit can be set"; },
                                          [] { limit(RLIMIT_NOFILE, 256); });
  if (!jit_here(said)) return;
  INFO(said);
  CHECK(said.find("fallback") == 0);
  CHECK(has(said, "memfd_create: Too many open files; RLIMIT_NOFILE allows 0 descriptors"));
  CHECK(has(said, "THEN jit"));
}

TEST_CASE("files may not grow: no signal, but the fallback") {
  const std::string said = compiled_under([] { return limit(RLIMIT_FSIZE, 10) ? "" : "no limit can be set"; },
                                          [] { limit(RLIMIT_FSIZE, 1 << 20); });
  if (!jit_here(said)) return;
  INFO(said);
  CHECK(said.find("fallback") == 0);
  CHECK(has(said, "write: File too large; RLIMIT_FSIZE allows 10 bytes of a file"));
  CHECK(has(said, "THEN jit"));
}

TEST_CASE("no address space left for code: RLIMIT_AS is named, and later there is code again") {
  if (kSanitized) {
    WARN("skipped: a sanitizer needs more address space than can be left");
    return;
  }
  const std::string said = compiled_under([] { return limit(RLIMIT_AS, 1 << 20) ? "" : "no limit can be set"; },
                                          [] { limit(RLIMIT_AS, RLIM_INFINITY); });
  if (!jit_here(said)) return;
  INFO(said);
  CHECK(said.find("fallback") == 0);
  CHECK(has(said, "mmap(PROT_EXEC): Cannot allocate memory; RLIMIT_AS allows 1048576 bytes, "));
  CHECK(has(said, "THEN jit"));
}

// [fresh]: in a process where sum() was called before, it has its kernel.
TEST_CASE("out of memory is an error, whatever is asked for, and passes", "[fresh]") {
  if (kSanitized) {
    WARN("skipped: a sanitizer ends the process where memory runs out");
    return;
  }
  const std::string said = test::in_child([]() -> std::string {
    const std::vector<float> x = test::numbers(1000);
    const float right = *test::compiled(sum_plus(1)).value<float>({x});
    std::vector<void*> taken(1 << 16, nullptr);
    const std::string other = sum_plus(2);
    if (!limit(RLIMIT_AS, 1 << 20)) return "SKIPPED";
    std::size_t count = 0;
    for (std::size_t size = 1 << 16; size >= 16; size /= 2)
      while (count < taken.size() && (taken[count] = std::malloc(size)) != nullptr) ++count;
    const auto text = compile(other);
    KernelBuilder builder("built");
    builder.result("", builder.array("x", Type::f32) + 1);
    const auto built = builder.compile();
    bool thrown = false;
    try {
      (void)sum(std::span<const float>(x));
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    while (count != 0) std::free(taken[--count]);
    limit(RLIMIT_AS, RLIM_INFINITY);
    if (text.status() != Status::out_of_memory) return "text: " + std::string(name_of(text.status()));
    if (built.status() != Status::out_of_memory) return "builder: " + std::string(name_of(built.status()));
    if (!has(text.error().text(), "error: out of memory")) return "text of the error: " + text.error().text();
    if (!thrown) return "sum did not throw";
    const auto again = compile(sum_plus(1));
    return again && bits(*again->value<float>({x})) == bits(right) ? "fine" : "not the same afterwards";
  });
  if (said == "SKIPPED")
    WARN("skipped: no limit can be set");
  else
    CHECK(said == "fine");
}

TEST_CASE("what is first used while another thread forks", "[.child]") {
  if (kSanitized) {
    WARN("skipped: sanitizers do not stand a fork among threads");
    return;
  }
  const std::vector<float> x = test::numbers(100);
  const char* const wait = std::getenv("TRUENO_TEST_WAIT");  // loops of the main thread until it forks
  const long loops = wait ? std::atol(wait) : 0;
  std::atomic<int> ready{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      ++ready;
      while (ready != 3) {
      }
      for (int i = 0; !stop; ++i) (void)compile(sum_plus(1000 * t + i)).ok(), (void)sum(std::span<const float>(x));
    });
  while (ready != 2) {
  }
  ++ready;
  for (long i = 0; i < loops; ++i) __asm__ volatile("");
  for (int i = 0; i < 3; ++i) {
    const std::string said = test::in_child([&]() -> std::string {
      alarm(20);
      const auto k = compile("kernel k(x: f32[]) -> f32 { mean(sigmoid(x)) }");
      if (!k || !k->value<float>({x})) return "the child cannot compile";
      return sum(std::span<const float>(x)) == *test::compiled("kernel k(x: f32[]) -> f32 { sum(x) }").value<float>({x})
                 ? ""
                 : "other bits";
    });
    CHECK(said == "");
  }
  stop = true;
  for (std::thread& t : threads) t.join();
}

TEST_CASE("a child that is born while threads compile, at first use and later, compiles too") {
  if (kSanitized) {
    WARN("skipped: sanitizers do not stand a fork among threads");
    return;
  }
  for (long wait = 0; wait < 300000; wait += 1000 + wait / 6) {
    const std::string said =
        test::run_again("what is first used while another thread forks", {{"TRUENO_TEST_WAIT", std::to_string(wait)}});
    INFO(said);
    REQUIRE(has(said, "All tests passed"));
  }
}

namespace {

/// What the handler of the signal needs, made before it comes.
struct Interrupting {
  const Kernel* kernel = nullptr;
  std::vector<float> x = test::numbers(1000, 7);
  std::vector<float> y = std::vector<float>(1000);
  float right = 0;
  volatile sig_atomic_t calls = 0, wrong = 0;
};
Interrupting* interrupting = nullptr;

/// Leaves vector registers and the floating-point environment other than it found them.
void interrupt(int) {
  Interrupting& i = *interrupting;
  float result = 0;
  const Arg in(std::span<const float>(i.x));
  const Out out(result);
  const bool fine = i.kernel->run(std::span(&in, 1), std::span(&out, 1)).ok();
  if (!fine || bits(result) != bits(i.right)) i.wrong = i.wrong + 1;
  i.calls = i.calls + 1;
  __builtin_ia32_ldmxcsr(0x1f80 | 0x8040 | 0x6000);  // flush to zero, subnormals are zero, rounding towards zero
}

}  // namespace

TEST_CASE("a signal during a kernel may call another") {
  Interrupting state;
  const Kernel inner = test::compiled("kernel inner(x: f32[]) -> f32 { sum(exp(x) * x) + max(x) }");
  state.kernel = &inner;
  state.right = *inner.value<float>({state.x});
  interrupting = &state;
  const std::vector<float> x = test::numbers(200000);
  std::vector<float> y(x.size());

  struct sigaction action {
  }, old{};
  action.sa_handler = interrupt;
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGPROF, &action, &old) == 0);
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512})
    for (const int vl : vector_lengths(isa))
      for (const char* text : {"kernel k(x: f32[]) -> f32[] { e = exp(x - max(x))\n e / sum(e) }",
                               "kernel k(x: f32[]) -> f32[] { sigmoid(x) + f32(rem(i32(x * 100), 7)) }"}) {
        CompileOptions options;
        options.isa = isa;
        options.vector_bits = vl;
        const auto k = compile(text, options);
        REQUIRE(k);
        INFO(k->origin());
        std::vector<float> right(x.size());
        REQUIRE(k->run({x}, {right}));
        state.calls = 0;
        // Of processor time, so that it comes during the call and not while another process runs.
        const itimerval often{{0, 300}, {0, 300}}, never{};
        REQUIRE(setitimer(ITIMER_PROF, &often, nullptr) == 0);
        bool same = true;
        for (int round = 0; round < 2000 && (state.calls < 3 || round < 5); ++round)
          same = same && k->run({x}, {y}).ok() && test::same_bits(y, right);
        setitimer(ITIMER_PROF, &never, nullptr);
        CHECK(same);
        CHECK(state.wrong == 0);
        CHECK(state.calls > 0);
      }
  sigaction(SIGPROF, &old, nullptr);
  interrupting = nullptr;
}
