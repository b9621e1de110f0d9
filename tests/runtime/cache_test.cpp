// The cache: one compile per key whoever asks, nothing given up that somebody holds, and numbers that add up.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

#include "runtime/cache.h"
#include "tests/child.h"
#include "tests/runtime/compiled.h"

using namespace trueno;
using runtime::Cache;
using runtime::Request;

namespace {

std::string text_of(int i) { return "kernel k(x: f32[]) -> f32[] { x * " + std::to_string(i) + ".5 }"; }

Cache::Limit limit(std::size_t bytes) {
  return [bytes] { return bytes; };
}
constexpr std::size_t kPlenty = std::size_t{1} << 30;

Result<Kernel> ask(Cache& cache, const std::string& text, const CompileOptions& options = {}) {
  return cache.get({text, nullptr, options});
}

bool same_code(const Kernel& a, const Kernel& b) { return &a.impl() == &b.impl(); }

void in_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back([&, t] { body(t); });
  for (std::thread& t : threads) t.join();
}

/// The lookups of all kinds, and what must be true of them whenever nobody is looking anything up.
std::uint64_t lookups(const Cache& cache) {
  const CacheStatistics s = cache.statistics();
  CHECK(s.misses == s.compiles + s.shared + s.failures);
  return s.hits + s.misses;
}

}  // namespace

TEST_CASE("64 threads, one key: one compile") {
  Cache cache(limit(kPlenty));
  std::atomic<int> wrong{0};
  const Result<Kernel> first = ask(cache, text_of(1));
  REQUIRE(first);
  for (int round = 2; round < 12; ++round)
    in_threads(64, [&](int) {
      const auto k = ask(cache, text_of(round));
      float y = 0;
      const float x = 2;
      if (!k || !k->run({std::span(&x, 1)}, {std::span(&y, 1)}) || y != 2 * (static_cast<float>(round) + 0.5f)) ++wrong;
    });
  CHECK(wrong == 0);
  CHECK(cache.statistics().compiles == 11);
  CHECK(cache.statistics().misses == 11);
  CHECK(lookups(cache) == 641);
}

TEST_CASE("64 threads, 1000 keys: 1000 compiles") {
  Cache cache(limit(kPlenty));
  std::atomic<int> wrong{0};
  std::vector<Kernel> kernels;
  for (int i = 0; i < 10; ++i) kernels.push_back(*ask(cache, text_of(i)));
  in_threads(64, [&](int t) {
    for (int i = 0; i < 1000; ++i) {
      const int key = (i * 7 + t * 31) % 1000;
      const auto k = ask(cache, text_of(key));
      if (!k || (key < 10 && !same_code(*k, kernels[static_cast<std::size_t>(key)]))) ++wrong;
    }
  });
  CHECK(wrong == 0);
  const CacheStatistics s = cache.statistics();
  CHECK(s.compiles == 1000);
  CHECK(s.entries == 1000);
  CHECK(s.evictions == 0);
  CHECK(s.bytes > 1000 * 4096);
  CHECK(lookups(cache) == 64010);
}

TEST_CASE("a failure reaches every waiter, and the next one tries again") {
  // The build waits until everybody else has found it in progress.
  std::atomic<int> builds{0};
  std::atomic<bool> no_memory{true};
  Cache* hit_counter = nullptr;
  Cache cache(limit(kPlenty), [&](runtime::Prepared p, const CompileOptions& o) -> Result<Kernel> {
    ++builds;
    while (hit_counter->statistics().hits < 15) std::this_thread::yield();
    if (no_memory) throw std::bad_alloc();
    return Error(Status::unavailable, "no luck with " + p.optimized.name + std::string(o.file));
  });
  hit_counter = &cache;
  std::atomic<int> told{0};
  in_threads(16, [&](int) {
    const auto k = ask(cache, text_of(1));
    if (k.status() == Status::out_of_memory) ++told;
  });
  CHECK(told == 16);
  CHECK(builds == 1);
  no_memory = false;
  const auto again = ask(cache, text_of(1));
  CHECK(again.status() == Status::unavailable);
  CHECK(builds == 2);
  CHECK(cache.statistics().failures == 2);
  CHECK(cache.statistics().entries == 0);
  CHECK(cache.statistics().bytes == 0);
  lookups(cache);
}

TEST_CASE("a failure reaches those who spell it differently") {
  std::atomic<int> builds{0}, told{0};
  std::atomic<bool> go{false};
  Cache cache(limit(kPlenty), [&](runtime::Prepared, const CompileOptions&) -> Result<Kernel> {
    ++builds;
    while (!go) std::this_thread::yield();
    return Error(Status::unavailable, "no luck");
  });
  std::thread first([&] { told += ask(cache, text_of(1)).status() == Status::unavailable ? 1 : 0; });
  while (builds == 0) std::this_thread::yield();
  std::thread second([&] { told += ask(cache, text_of(1) + " # again").status() == Status::unavailable ? 1 : 0; });
  while (cache.statistics().misses < 2) std::this_thread::yield();
  go = true;
  first.join();
  second.join();
  CHECK(told == 2);
  CHECK(cache.statistics().failures == 2);
}

TEST_CASE("invalid text in many threads") {
  Cache cache(limit(kPlenty));
  std::atomic<int> told{0};
  in_threads(16, [&](int) {
    for (int i = 0; i < 20; ++i) {
      const auto k = ask(cache, "kernel k(x: f32[]) -> f32[] { nonsense(x) }");
      if (k.status() == Status::invalid_text && k.error().diagnostics.size() == 1) ++told;
    }
  });
  CHECK(told == 320);
  CHECK(cache.statistics().compiles == 0);
  CHECK(cache.statistics().bytes == 0);
  CHECK(lookups(cache) == 320);
}

TEST_CASE("spellings share code") {
  Cache cache(limit(kPlenty));
  const Kernel a = *ask(cache, "kernel k(x: f32[]) -> f32 { m = mean(x); m + 1 }");
  const Kernel b = *ask(cache, "kernel k( x: f32[] ) -> f32 {\n  average = mean(x)  # of all\n  average + 1.0\n}");
  CHECK(same_code(a, b));
  const std::vector<Name> names = {{"x", true, Type::f32}};
  const Kernel c = *cache.get({"mean(x) + 1", &names, CompileOptions()});
  CHECK_FALSE(same_code(a, c));  // another name: expression
  const Kernel d = *cache.get({"1+mean(x)", &names, CompileOptions()});
  const Kernel e = *cache.get({"1+mean(x)", &names, CompileOptions()});
  CHECK(same_code(d, e));
  const CacheStatistics s = cache.statistics();
  CHECK(s.shared >= 1);
  CHECK(s.hits == 1);
  lookups(cache);
}

TEST_CASE("what a lookup asks for is all of the key") {
  Cache cache(limit(kPlenty));
  const std::string text = "kernel k(x: f32[]) -> f32[] { x * 3 }";
  const Kernel plain = *ask(cache, text);
  const auto differs = [&](const CompileOptions& options) {
    const Kernel k = *ask(cache, text, options);
    CHECK(same_code(k, *ask(cache, text, options)));
    return !same_code(k, plain);
  };
  CompileOptions options;
  options.backend = Backend::interpreter;
  CHECK(differs(options));
  options = {};
  options.isa = Isa::sse2;
  CHECK((differs(options) || host_isa() == Isa::sse2));
  options = {};
  options.vector_bits = 128;
  CHECK((differs(options) || vector_lengths(host_isa()).back() == 128));
  options = {};
  options.verify = VerifyPolicy::always;
  CHECK(differs(options));
  // Other names of parameters, results and the kernel can be seen by its user; a file name cannot.
  options = {};
  options.file = "query";
  CHECK_FALSE(differs(options));
  CHECK_FALSE(same_code(plain, *ask(cache, "kernel k(z: f32[]) -> f32[] { z * 3 }")));
  CHECK_FALSE(same_code(plain, *ask(cache, "kernel j(x: f32[]) -> f32[] { x * 3 }")));
}

TEST_CASE("extra ops are part of the key") {
  Cache cache(limit(kPlenty));
  const std::string text = "kernel k(x: f32[]) -> f32[] { own(x) }";
  const auto with = [&](const std::string& body) {
    CompileOptions options;
    options.extra_ops = "op own(x: f32) -> f32 { " + body + " }";
    return *ask(cache, text, options);
  };
  const Kernel twice = with("x * 2"), thrice = with("x * 3");
  CHECK_FALSE(same_code(twice, thrice));
  CHECK(same_code(twice, with("x * 2")));
  CHECK(same_code(twice, with("x*2")));
  CHECK_FALSE(ask(cache, text));
}

TEST_CASE("names of an expression are part of the key") {
  Cache cache(limit(kPlenty));
  const std::vector<Name> wide = {{"x", true, Type::f64}}, narrow = {{"x", true, Type::f32}};
  const CompileOptions options;
  const Kernel a = *cache.get({"sum(x)", &wide, options}), b = *cache.get({"sum(x)", &narrow, options});
  CHECK(a.parameters()[0].type == Type::f64);
  CHECK(b.parameters()[0].type == Type::f32);
  CHECK(same_code(a, *cache.get({"sum(x)", &wide, options})));
}

TEST_CASE("the limit is kept, least recently used first") {
  Cache cache(limit(200'000));
  REQUIRE(ask(cache, text_of(0)));
  for (int i = 1; i < 300; ++i) {
    REQUIRE(ask(cache, text_of(i)));
    REQUIRE(ask(cache, text_of(0)));  // in use all the time
    REQUIRE(cache.statistics().bytes <= 200'000);
  }
  const CacheStatistics s = cache.statistics();
  CHECK(s.compiles == 300);
  CHECK(s.evictions == 300 - s.entries);
  CHECK(s.entries > 10);
  REQUIRE(ask(cache, text_of(299)));
  CHECK(cache.statistics().compiles == 300);
  REQUIRE(ask(cache, text_of(1)));
  CHECK(cache.statistics().compiles == 301);
  CHECK(lookups(cache) == 601);
}

TEST_CASE("nothing is given up while it is held") {
  Cache cache(limit(100'000));
  std::vector<Kernel> held;
  for (int i = 0; i < 100; ++i) held.push_back(*ask(cache, text_of(i)));
  CHECK(cache.statistics().evictions == 0);
  CHECK(cache.statistics().bytes > 100'000);
  for (int i = 0; i < 100; ++i) CHECK(same_code(*ask(cache, text_of(i)), held[static_cast<std::size_t>(i)]));
  CHECK(cache.statistics().compiles == 100);
  const Kernel last = held.back();
  held.clear();
  for (int i = 100; i < 120; ++i) REQUIRE(ask(cache, text_of(i)));
  CHECK(cache.statistics().bytes <= 100'000);
  CHECK(same_code(*ask(cache, text_of(99)), last));
}

TEST_CASE("spellings nobody would write do not pile up") {
  Cache cache(limit(kPlenty));
  const Kernel held = *ask(cache, text_of(0));
  const std::size_t before = cache.statistics().bytes;
  for (int i = 1; i < 500; ++i)
    REQUIRE(same_code(held, *ask(cache, text_of(0) + std::string(static_cast<std::size_t>(i), ' '))));
  CHECK(cache.statistics().entries == 1);
  CHECK(cache.statistics().bytes < before + 40 * 1000);
  cache.clear();
  CHECK(cache.statistics().bytes == 0);
}

TEST_CASE("a cache that is off, and one that is cleared") {
  std::size_t bytes = 0;
  Cache cache([&] { return bytes; });
  CHECK_FALSE(same_code(*ask(cache, text_of(1)), *ask(cache, text_of(1))));
  CHECK(ask(cache, "nonsense").status() == Status::invalid_text);
  CHECK(cache.statistics().compiles == 2);
  CHECK(cache.statistics().entries == 0);
  bytes = kPlenty;
  const Kernel k = *ask(cache, text_of(1));
  CHECK(same_code(k, *ask(cache, text_of(1))));
  cache.clear();
  CHECK(cache.statistics().entries == 0);
  CHECK_FALSE(same_code(k, *ask(cache, text_of(1))));
  float y = 0;
  const float x = 2;
  CHECK(k.run({std::span(&x, 1)}, {std::span(&y, 1)}));
  CHECK(y == 3);
  lookups(cache);
}

TEST_CASE("lookups, evictions and clearing at once") {
  Cache cache(limit(120'000));
  std::atomic<int> wrong{0};
  in_threads(8, [&](int t) {
    for (int i = 0; i < 300; ++i) {
      const int key = (i * (t + 3)) % 60;
      const auto k = ask(cache, text_of(key) + std::string(static_cast<std::size_t>(i % 3), ' '));
      float y = 0;
      const float x = 2;
      if (!k || !k->run({std::span(&x, 1)}, {std::span(&y, 1)}) || y != 2 * (static_cast<float>(key) + 0.5f)) ++wrong;
      if (i % 100 == 50 && t == 0) cache.clear();
    }
  });
  CHECK(wrong == 0);
  CHECK(lookups(cache) == 2400);
}

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
  const std::string said = test::in_child([&]() -> std::string {
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
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) (void)cached(text_of(100000 * (t + 1) + i % 2000));
    });
  (void)cached(text_of(1));
  for (int round = 0; round < 20; ++round) {
    const std::string said = test::in_child([&]() -> std::string {
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
