// The cache and its process: the one cache that all share, what is configured meanwhile, and forks.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/child.h"
#include "tests/runtime/cached.h"

using namespace trueno;
using namespace trueno::test;
using runtime::Cache;

TEST_CASE("the cache of the process") {
  const std::string text = "kernel process(x: f32[]) -> f32 { sum(x) * 0.125 }";
  const CacheStatistics before = cache_statistics();
  const Kernel a = *cached(text), b = *cached(text);
  CHECK(same_code(a, b));
  const std::vector<Name> names = {{"x", true, Type::f32}};
  CHECK(same_code(*cached_expression("sum(x) * 0.125", names), *cached_expression("sum(x) * 0.125", names)));
  const CacheStatistics after = cache_statistics();
  CHECK(after.hits == before.hits + 2);
  CHECK(after.compiles == before.compiles + 2);
  CHECK(after.limit > 0);
  clear_cache();
  CHECK(cache_statistics().entries == 0);
  CHECK(cached("nonsense").status() == Status::invalid_text);
}

TEST_CASE("a kernel is of what is configured when it is asked for") {
  const std::string said = in_child([]() -> std::string {
    Cache cache(limit(kPlenty));
    const auto set = [](const std::string& toml) { return configure(toml, "test").ok(); };
    const Kernel before = *ask(cache, text_of(1));
    if (!set("max_isa = 'sse2'\nverify = 'first'")) return "not configured";
    const Kernel low = *ask(cache, text_of(1));
    if (same_code(low, before)) return "stale";
    if (low.isa() != Isa::sse2) return "isa";
    if (low.backend() == Backend::jit && low.origin().find("verified: first") == std::string::npos) return "policy";
    if (!set("") || !same_code(before, *ask(cache, text_of(1)))) return "not found again";
    if (!set("jit = 'off'") || ask(cache, text_of(1))->backend() == Backend::jit) return "back end";
    // A vector length that is asked for is kept where another one is configured: these are two kernels.
    const int longest = vector_lengths(host_isa()).back();
    if (!set("[tuning]\nvector_bits = 128")) return "not tuned";
    CompileOptions options;
    options.vector_bits = longest;
    const Kernel asked = *ask(cache, text_of(1), options), tuned = *ask(cache, text_of(1));
    if (asked.backend() == Backend::jit && (asked.vector_bits() != longest || tuned.vector_bits() != 128))
      return "bits";

    Cache changing(limit(kPlenty), [&](runtime::Prepared p, const CompileOptions& o) {
      set("max_isa = 'sse2'");
      return runtime::build(std::move(p), o);
    });
    set("");
    if (!ask(changing, text_of(1)) || changing.statistics().entries != 0) return "kept what was made between";
    set("");
    if (!ask(changing, text_of(1)) || changing.statistics().compiles != 2) return "found what was made between";
    return "fine";
  });
  CHECK(said == "fine");
}

TEST_CASE("a child makes what was being made when it was forked") {
  std::atomic<bool> begun{false}, go{false};
  Cache cache(limit(kPlenty), [&](runtime::Prepared p, const CompileOptions& o) {
    begun = true;
    while (!go) std::this_thread::yield();
    return runtime::build(std::move(p), o);
  });
  std::thread maker([&] { (void)ask(cache, text_of(1)); });
  while (!begun) std::this_thread::yield();
  cache.before_fork();
  const std::string said = in_child([&]() -> std::string {
    alarm(20);  // a child that hangs is to be seen
    cache.after_fork_in_child();
    go = true;
    return ask(cache, text_of(1)) && ask(cache, text_of(1)) ? "fine" : "refused";
  });
  cache.after_fork_in_parent();
  CHECK(said == "fine");
  go = true;
  maker.join();
  CHECK(cache.statistics().compiles == 1);
}

TEST_CASE("a child forked while others compile") {
  if (kSanitized) {  // their locks are not free in the child; the case above is the same question without chance
    WARN("skipped: sanitizers do not stand a fork among threads");
    return;
  }
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) (void)cached(text_of(100000 * (t + 1) + i % 2000));
    });
  (void)cached(text_of(1));
  for (int round = 0; round < 20; ++round) {
    const std::string said = in_child([&]() -> std::string {
      alarm(20);  // a child that hangs is to be seen
      for (int i = 0; i < 30; ++i)
        if (!cached(text_of(i)) || !cached(text_of(100000 + i)) || !cached(text_of(200000 + i))) return "refused";
      return "fine";
    });
    CHECK(said == "fine");
  }
  stop = true;
  for (std::thread& t : threads) t.join();
  clear_cache();
}
