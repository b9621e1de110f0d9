// `lint = "first"`: code that fails is not used, the fallback takes over, origin and log say why; and a program without
// a lint hears of it. Each case is a process of its own, as configuration and lint belong to the process.
#include <catch2/catch.hpp>
#include <numeric>

#include "tests/child.h"
#include "tests/runtime/planted.h"
#include "trueno/config.h"
#include "trueno/lint.h"

using namespace trueno;

namespace {

const char* const kText = "kernel f(x: f32[]) -> f32[] { x + 1 }";

/// vzeroupper, or in older code the last ret, becomes something else: still the right results on any host.
void plant(std::vector<std::uint8_t>& bytes) {
  const std::uint8_t vzeroupper[] = {0xc5, 0xf8, 0x77};
  const auto at = std::search(bytes.begin(), bytes.end(), std::begin(vzeroupper), std::end(vzeroupper));
  if (at != bytes.end()) std::fill_n(at, 3, std::uint8_t{0x90});
}

struct Wrong {
  Wrong() { runtime::plant_in_code = plant; }
  ~Wrong() { runtime::plant_in_code = nullptr; }
};

bool vex_here() {
  const auto k = compile(kText);
  return k && k->backend() == Backend::jit && k->isa() >= Isa::avx2;
}

std::string in_child_with(const std::function<std::string(const test::Log&)>& body) {
  return test::in_child([&] {
    const test::Log log;
    return body(log);
  });
}

}  // namespace

TEST_CASE("lint policy: code that fails is not used, and the user hears why") {
  if (!vex_here()) return;
  CHECK(in_child_with([](const test::Log& log) -> std::string {
          use_lint();
          if (!configure("lint = \"first\"")) return "not configured";
          const auto fine = compile(kText);
          if (!fine || fine->backend() != Backend::jit) return "good code was not used";
          const Wrong wrong;
          const auto k = compile(kText);
          if (!k || k->backend() != Backend::fallback)
            return "wrong code was used: " + (k ? k->origin() : std::string());
          if (k->origin().find("does not pass the lint") == std::string::npos ||
              k->origin().find("uppers") == std::string::npos)
            return "origin: " + k->origin();
          if (log.count("does not pass the lint and is not used") != 1) return "log: " + log.text();
          std::vector<float> x(100, 2.0f), y(100);
          if (!k->run({x}, {y}) || y != std::vector<float>(100, 3.0f)) return "the fallback is wrong";
          CompileOptions only_code;
          only_code.backend = Backend::jit;
          const auto refused = compile(kText, only_code);
          return refused || refused.status() != Status::unavailable ? "code was given out" : "";
        }) == "");
}

TEST_CASE("lint policy: off, nothing is looked at") {
  if (!vex_here()) return;
  CHECK(in_child_with([](const test::Log&) -> std::string {
          use_lint();
          const Wrong wrong;
          const auto k = compile(kText);
          return k && k->backend() == Backend::jit ? "" : "it was looked at";
        }) == "");
}

TEST_CASE("lint policy: a program that has no lint is told once, or refused if strict") {
  if (!vex_here()) return;
  CHECK(in_child_with([](const test::Log& log) -> std::string {
          if (!configure("lint = \"first\"")) return "not configured";
          for (int i = 0; i < 3; ++i)
            if (const auto k = compile(kText); !k || k->backend() != Backend::jit) return "no code";
          if (log.count("this program has no lint") != 1) return "log: " + log.text();
          if (!configure("strict = true\nlint = \"first\"", "strict")) return "not strict";
          const auto k = compile(kText);
          if (k || k.status() != Status::invalid_argument) return "strict, but compiled";
          use_lint();
          return compile(kText) ? "" : "a lint, and not compiled";
        }) == "");
}

TEST_CASE("lint of a kernel: what was published") {
  const auto k = compile("kernel f(x: f32[], a: f32) -> f32[] { a * x }");
  REQUIRE(k);
  const auto report = lint(*k);
  REQUIRE(report);
  CHECK(report->fine());
  if (k->backend() == Backend::jit) CHECK(report->accesses > 10);
  if (!vex_here()) return;
  const Wrong wrong;
  const auto bad = compile(kText);
  REQUIRE(bad);
  const auto found = lint(*bad);
  REQUIRE(found);
  REQUIRE(found->findings.size() == 1);
  CHECK(found->findings[0].rule == LintRule::uppers);
  CHECK(found->findings[0].place == "results");

  CompileOptions none;
  none.backend = Backend::interpreter;
  const auto without = compile(kText, none);
  REQUIRE(without);
  CHECK(lint(*without)->target == "no generated code");
}
