// The configuration of a process: files and variables around it, configure() within it, and what compiling makes of
// both. What depends on the surroundings runs in processes of their own, with all of those set.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include "runtime/host.h"
#include "runtime/settings.h"
#include "tests/child.h"
#include "tests/runtime/compiled.h"
#include "tests/runtime/config_text.h"
#include "tests/tools/scratch.h"
#include "trueno/config.h"

using namespace trueno;
using Catch::Contains;

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSum = "kernel k(x: f32[]) -> f32 { sum(x) }";

/// A directory per layer of files, and a process in the midst of them. /etc is out of reach: only the order of files is
/// checked of it (config_test.cpp).
struct Surroundings {
  tests::Scratch files;
  std::string file(const std::string& layer) {
    std::filesystem::create_directories(files / (layer + "/trueno"));
    return files / (layer + "/trueno/config.toml");
  }
  Variables variables(const Variables& more = {}) {
    Variables all{{"XDG_CONFIG_DIRS", (files / "system") + ":" + (files / "system2")},
                  {"XDG_CONFIG_HOME", files / "user"},
                  {"HOME", files / "home"}};
    for (const char* name : {"CONFIG", "STRICT", "JIT", "MAX_ISA", "VL", "VERIFY", "CACHE_BYTES", "DUMP_DIR", "PERF",
                             "PERF_DIR", "GDB", "VERBOSE"})
      all.push_back({"TRUENO_" + std::string(name), ""});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string said(const Variables& more = {}) { return test::run_again("print the configuration", variables(more)); }
};

/// What was configured here is taken back at the end.
struct Configured {
  explicit Configured(const std::string& toml) { problems = configure(toml, kName); }
  ~Configured() { (void)configure("", kName).ok(); }
  static constexpr const char* kName = "test";
  Result<void> problems;
};

std::string origin_of(const std::string& key) {
  for (const ConfigurationValue& v : configuration())
    if (v.key == key) return v.value + " # " + v.origin;
  return "";
}

}  // namespace

// Run by those below in processes of their own. The log goes where the rest goes.
TEST_CASE("print the configuration", "[.child]") {
  dup2(STDOUT_FILENO, STDERR_FILENO);
  if (const char* toml = std::getenv("TRUENO_TEST_CONFIGURE")) (void)configure(toml).ok();
  const std::vector<float> x{1, 2, 3};
  const auto k = compile(kSum);
  std::cout << "compiled: " << (k ? k->origin() : std::string(name_of(k.status())) + " " + k.error().text()) << "\n";
  std::cout << "sum: " << sum(x) << "\n";
  for (const ConfigurationValue& v : configuration())
    std::cout << v.key << " = " << v.value << " # " << v.origin << "\n";
  std::cout << "isa=" << name_of(host_isa()) << " targets=";
  for (const jit::Target& t : runtime::runnable_targets()) std::cout << name_of(t.isa) << "/" << t.vector_bits << ",";
  std::cout << " lengths=";
  for (const int bits : vector_lengths(host_isa())) std::cout << bits << ",";
  std::cout << " note=" << runtime::host().note << std::endl;
}

TEST_CASE("of every two layers the stronger wins") {
  const char* kLayers[] = {"system2", "system", "user", "asked", "environment", "configure()"};
  const auto toml = [](int i) { return "\ncache_bytes = " + std::to_string(100 + i); };
  for (int weaker = -1; weaker < 6; ++weaker)
    for (int stronger = weaker + 1; stronger < 6; ++stronger) {
      Surroundings s;
      Variables more;
      for (const int i : {weaker, stronger}) {
        if (i >= 0 && i < 4) tests::write_bytes(s.file(kLayers[i]), toml(i));
        if (i == 3) more.push_back({"TRUENO_CONFIG", s.file("asked")});
        if (i == 4) more.push_back({"TRUENO_CACHE_BYTES", "104"});
        if (i == 5) more.push_back({"TRUENO_TEST_CONFIGURE", toml(i)});
      }
      const std::string origin = stronger == 4   ? "environment TRUENO_CACHE_BYTES"
                                 : stronger == 5 ? "configure():2"
                                                 : s.file(kLayers[stronger]) + ":2";
      const std::string said = s.said(more);
      INFO(said);
      CHECK_THAT(said, Contains("cache_bytes = " + std::to_string(100 + stronger) + " # " + origin + "\n"));
      CHECK_THAT(said, !Contains("warning"));
    }
}

TEST_CASE("without XDG_CONFIG_HOME the user's file lies in ~/.config") {
  Surroundings s;
  tests::write_bytes(s.file("home/.config"), "cache_bytes = 9");
  CHECK_THAT(s.said({{"XDG_CONFIG_HOME", ""}}), Contains("cache_bytes = 9 # " + s.file("home/.config") + ":1"));
}

TEST_CASE("what is wrong is told once, and is an error if strict") {
  Surroundings s;
  tests::write_bytes(s.file("user"), "jitt = 1\ncache_bytes = 9\n");
  std::filesystem::create_directories(s.file("system"));
  const auto count = [](const std::string& text, const std::string& part) {
    int n = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  const std::string said = s.said({{"TRUENO_JIT", "perhaps"}});
  INFO(said);
  CHECK(count(said, "trueno: warning: configuration: ") == 3);
  CHECK(count(said, "user/trueno/config.toml:1:1: unknown key 'jitt'") == 1);
  CHECK(count(said, "system/trueno/config.toml: cannot be read: is a directory") == 1);
  CHECK(count(said, "TRUENO_JIT='perhaps': must be") == 1);
  CHECK_THAT(said, Contains("cache_bytes = 9 # ") && !Contains("compiled: invalid"));

  const std::string strict = s.said({{"TRUENO_JIT", "perhaps"}, {"TRUENO_STRICT", "1"}});
  INFO(strict);
  CHECK_THAT(strict, Contains("compiled: invalid_argument ") && Contains("sum: 6\n"));
  CHECK(count(strict, ": error: ") == 2);
  CHECK(count(strict, "error: ") == 3);
}

TEST_CASE("a file that was asked for must be there") {
  Surroundings s;
  const std::string none = s.files / "none.toml";
  const std::string said = s.said({{"TRUENO_CONFIG", none}});
  INFO(said);
  CHECK_THAT(said,
             Contains("compiled: io error: TRUENO_CONFIG=" + none + ": there is no such file") && Contains("sum: 6\n"));
  CHECK_THAT(s.said({{"TRUENO_CONFIG", s.files / ""}}), Contains("compiled: io ") && Contains("is a directory"));
  CHECK_THAT(s.said({{"TRUENO_CONFIG", "/dev/null"}}), !Contains("compiled: io") && !Contains("warning"));
}

TEST_CASE("caps of files lower what those of the environment lower") {
  Surroundings s;
  const auto capped = [&](const std::string& toml, const Variables& more = {}) {
    tests::write_bytes(s.file("user"), toml);
    return s.said(more);
  };
  const std::string plain = capped("");
  if (plain.find("sse4.2/") == plain.npos) {
    WARN("skipped: this host has nothing to lower");
    return;
  }
  const std::string sse = capped("max_isa = \"sse2\"");
  INFO(sse);
  CHECK_THAT(sse, Contains("isa=sse2 targets=sse2/128, lengths=128, note=isa capped to sse2 by max_isa (") &&
                      Contains("user/trueno/config.toml:1)\n"));
  CHECK_THAT(sse, Contains("compiled: jit sse2") || Contains("compiled: fallback sse2"));
  CHECK_THAT(capped("", {{"TRUENO_MAX_ISA", "v1"}}),
             Contains("isa=sse2 targets=sse2/128, lengths=128, note=isa capped to sse2 by max_isa (environment "
                      "TRUENO_MAX_ISA)"));
  const auto after = [](const std::string& text, const char* mark) { return text.substr(text.find(mark)); };
  const std::string highest = capped("max_isa = \"avx512\"\nmax_vector_bits = 512");
  CHECK(after(highest, "isa=") == after(plain, "isa="));
  if (plain.find("avx2/256") == plain.npos) return;
  CHECK_THAT(capped("max_isa = \"v3\"", {{"TRUENO_VL", "128"}}),
             Contains("isa=avx2 targets=sse2/128,sse4.2/128,avx2/128, lengths=128, "));
}

TEST_CASE("configure(): takes effect, is replaced by its name, is taken back") {
  const Configured first("cache_bytes = 5\nverify = \"first\"");
  CHECK(first.problems.ok());
  CHECK(origin_of("cache_bytes") == "5 # test:1");
  CHECK(runtime::settings()->verify == VerifyPolicy::first);
  {
    CHECK(configure("cache_bytes = 6", "other").ok());
    CHECK(origin_of("cache_bytes") == "6 # other:1");
    CHECK(configure("jit = \"auto\"", "test").ok());
    CHECK(runtime::settings()->cache_bytes == 6);
    CHECK(runtime::settings()->verify == VerifyPolicy::off);
    CHECK(configure("", "other").ok());
  }
  CHECK(runtime::settings()->cache_bytes == runtime::Settings().cache_bytes);
}

TEST_CASE("configure(): what is wrong is returned; text that is no TOML changes nothing") {
  const std::size_t before = configuration_diagnostics().size();
  const Configured some("cache_bytes = 5\njitt = 1\nverbose = 2");
  REQUIRE_FALSE(some.problems.ok());
  CHECK(some.problems.error().diagnostics.size() == 2);
  CHECK_THAT(some.problems.error().text(), Contains("test:2:1: error: unknown key 'jitt'") && Contains("\n  ^\n"));
  CHECK(configuration_diagnostics().size() == before + 2);
  for (const char* broken : {"cache_bytes = 6\nverify =", "schema_version = 2\ncache_bytes = 6"}) {
    const auto refused = configure(broken, "test");
    CHECK(refused.status() == Status::invalid_argument);
    CHECK(runtime::settings()->cache_bytes == 5);
    CHECK(configuration_diagnostics().size() == before + 2);
  }
  CHECK_FALSE(configure("strict = true", "strict one").ok() == (compile(kSum).status() == Status::invalid_argument));
  CompileOptions interpreted;
  interpreted.backend = Backend::interpreter;
  CHECK(compile(kSum, interpreted).ok());
  CHECK(configure("", "strict one").ok());
  CHECK(compile(kSum).ok());
}

TEST_CASE("settings that come back are the same object") {
  const runtime::Settings* before = &*runtime::settings();
  for (int i = 0; i < 3; ++i) {
    const Configured changed("cache_bytes = 123");
    CHECK(&*runtime::settings() != before);
  }
  CHECK(&*runtime::settings() == before);
}

TEST_CASE("kernels compiled from then on obey") {
  if (runtime::runnable_targets().empty() || test::compiled(kSum).backend() != Backend::jit) {
    WARN("skipped: no generated code here");
    return;
  }
  {
    const Configured off("\njit = \"off\"");
    CHECK_THAT(test::compiled("kernel off(x: f32[]) -> f32 { sum(x) }").origin(),
               Catch::StartsWith("fallback ") && Contains("jit = off (test:2)"));
  }
  const Configured narrow("[tuning]\nvector_bits = 128\n[tuning." + std::string(runtime::table_name(host_isa())) +
                          ".mixed]\nvector_bits = 512");
  const int longest = vector_lengths(host_isa()).back();
  CHECK(test::compiled("kernel a(x: f32[]) -> f32 { sum(x) + 1 }").vector_bits() == 128);
  CHECK(test::compiled("kernel b(x: f32[]) -> f32[] { x + 1 }").vector_bits() == 128);
  CHECK(test::compiled("kernel c(x: f32[]) -> f32[] { x - mean(x) }").vector_bits() == longest);
  CHECK(test::compiled("kernel d(x: f32[]) -> (f32[], f32) { x + 1, sum(x) }").vector_bits() == longest);
  CompileOptions asked;
  asked.vector_bits = longest;
  CHECK(compile("kernel e(x: f32[]) -> f32 { sum(x) + 2 }", asked)->vector_bits() == longest);
}

TEST_CASE("threads compile while others configure") {
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  const std::vector<float> x = test::numbers(3001);
  const float right = *test::compiled(kSum, Backend::interpreter).value<float>({x});
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !done || i < 10; ++i) {
        const auto k = compile("kernel k" + std::to_string(t) + "(x: f32[]) -> f32 { sum(x) }");
        const auto value = k ? k->value<float>({x}) : Result<float>(k.error());
        if (!value || test::bits(*value) != test::bits(right)) ++wrong;
        if (configuration().empty()) ++wrong;
      }
    });
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      const std::string name = "thread" + std::to_string(t);
      for (int i = 0; i < 100; ++i)
        if (!configure("cache_bytes = " + std::to_string(i % 7) + "\ntuning.unroll = " + std::to_string(1 + i % 3),
                       name))
          ++wrong;
      if (!configure("", name)) ++wrong;
    });
  threads[3].join(), threads[4].join();
  done = true;
  for (int t = 0; t < 3; ++t) threads[static_cast<std::size_t>(t)].join();
  CHECK(wrong == 0);
}

TEST_CASE("whatever is configured, bits stay the same") {
  const std::string kTexts[] = {
      "kernel k(x: f32[], z: f32[]) -> (s: f32, t: f32) { sum(x*z), max(x) }",
      "kernel k(x: f32[], z: f32[]) -> f32[] { x*z + sqrt(abs(x)) }",
      "kernel k(x: f32[], z: f32[]) -> f32[] { d = x - mean(x); d / sqrt(mean(d*d)) + z }",
      "kernel k(x: f32[], z: f32[]) -> (f32[], f32) { exp(x), sum(x where z > 0) }",
  };
  const bool generated = !runtime::runnable_targets().empty();
  // Everything begins one element behind an aligned place, so that peeling has something to do.
  const auto results = [](const Kernel& k, std::size_t n) {
    const std::vector<float> x = test::numbers(n + 1, 1), z = test::numbers(n + 1, 2);
    std::vector<float> out(n + 3);
    std::vector<Out> outs;
    for (const Slot& slot : k.results())
      outs.push_back(slot.array ? Out(std::span(out).subspan(1, n)) : Out(out[n + 1 + outs.size()]));
    const Arg in[] = {std::span(x).subspan(1), std::span(z).subspan(1)};
    REQUIRE(k.run(in, outs).ok());
    return out;
  };
  const std::size_t kSizes[] = {1, 7, 63, 1000, 8197, 20000};
  std::vector<std::vector<float>> right;
  for (const std::string& text : kTexts)
    for (const std::size_t n : kSizes) right.push_back(results(test::compiled(text, Backend::interpreter), n));
  test::RandomConfig random(7);
  for (int i = 0; i < 100; ++i) {
    const std::string toml = random.text();
    INFO(toml);
    const Configured now(toml);
    REQUIRE(now.problems.ok());
    if (!generated && runtime::settings()->backend == Backend::jit) continue;
    if (runtime::settings()->strict && runtime::settings()->lint) continue;  // this program has none
    std::size_t at = 0;
    for (std::string text : kTexts) {
      text.replace(7, 1, "k" + std::to_string(i));
      const Kernel k = test::compiled(text);
      INFO(k.origin());
      for (const std::size_t n : kSizes) CHECK(test::same_bits(results(k, n), right[at++]));
    }
  }
}
