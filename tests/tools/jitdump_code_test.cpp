// Stages of the code (alloc, asm, bytes, stats) for every target, what is beside instructions, costs, mistakes.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "jit/host.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"
#include "tools/jitdump_views.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

Said dump(const std::vector<std::string>& arguments) { return call_tool(jitdump_tool, arguments); }

/// A program of that text, to stand for llvm-mca.
std::string program(const Scratch& scratch, const std::string& text) {
  const std::string path = scratch / "mca";
  write_bytes(path, "#!/bin/sh\n" + text + "\n");
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  return path;
}

}  // namespace

TEST_CASE("every stage of the code, for every target") {
  const Said said = dump({"mean(sigmoid(a*x + b))", "--scalar", "a", "--scalar", "b", "--isa", "all", "--vl", "all",
                          "--stage", "alloc,asm,bytes,stats", "--mca", "no-such-program"});
  INFO(said.err);
  CHECK(said.code == kFine);
  for (const jit::Target& target : jit::emittable_targets())
    for (const char* stage : {"alloc", "asm", "bytes", "stats"})
      CHECK_THAT(said.out, Contains(std::string("# ") + stage + ": " + title(target) + ", "));
  CHECK_THAT(said.out, !Contains("(bad)"));
  CHECK_THAT(said.out, Contains("accumulator") && Contains("vector registers in use"));
  CHECK_THAT(said.out, Contains("cost: no-such-program cannot be run"));
}

TEST_CASE("beside instructions: value, position, memory") {
  const Said said = dump({"sqrt(x - y)*a", "--scalar", "a", "--isa", "avx512", "--stage", "alloc,asm"});
  CHECK_THAT(said.out, Contains("main loop:  # a loop, main: "));
  CHECK_THAT(said.out, Contains("; x 1:8") && Contains("; x - y 1:8") && Contains("y[]"));
  CHECK_THAT(said.out, Contains("; sqrt(x - y) 1:1") && Contains("result[]"));
  CHECK_THAT(said.out, Contains("pinned       all along          a\n"));
  CHECK_THAT(said.out, Contains("vector 1 of the turn"));
}

TEST_CASE("bytes are those of the code, and constants follow") {
  const Said said = dump({"x + 1.5", "--isa", "avx2", "--stage", "bytes"});
  CHECK_THAT(said.out, Contains("      0  f3 0f 1e fa                       endbr64\n"));
  CHECK_THAT(said.out, Contains("\nconstants:\n") && Contains("00 00 c0 3f"));
}

TEST_CASE("costs: what llvm-mca says, or why there is none") {
  const Scratch scratch;
  const auto stats = [&](const std::string& mca) {
    return dump({"x + 1", "--isa", "sse2", "--stage", "stats", "--mca", mca}).out;
  };
  CHECK_THAT(stats(program(scratch, "cat > /dev/null; echo nonsense")), Contains("its answer cannot be understood"));
  CHECK_THAT(stats(program(scratch, "echo 'x: error: unknown core' >&2; exit 1")), Contains("error: unknown core"));
  CHECK_THAT(stats(program(scratch, "kill -9 $$")), Contains("it said nothing of why"));
  CHECK_THAT(stats(program(scratch,
                           "echo '{\"TargetInfo\": {\"CPUName\": \"c\", \"Resources\": []}, "
                           "\"CodeRegions\": []}'")),
             Contains("cannot be understood"));
  CHECK_THAT(stats("/"), Contains("cost: / cannot be run"));
  // Whether it is installed or not:
  const std::string real = dump({"x + 1", "--isa", "sse2", "--stage", "stats", "--mca-cpu", "no-such-core"}).out;
  CHECK_THAT(real, Contains("cost: llvm-mca is not installed") || Contains("no-such-core"));
}

TEST_CASE("costs of loops for every target, where llvm-mca is installed") {
  const std::string out = dump({"sum(tanh(x) where x > 0)", "--isa", "all", "--vl", "all", "--stage", "stats"}).out;
  if (out.find("is not installed") != out.npos) {
    WARN("skipped: no llvm-mca");
    return;
  }
  CHECK_THAT(out, !Contains("cost: "));
  std::size_t loops = 0, costs = 0;
  for (std::size_t at = 0; (at = out.find("elements a turn", at)) != out.npos; ++at) ++loops;
  for (std::size_t at = 0; (at = out.find("cycles, estimated", at)) != out.npos; ++at) ++costs;
  CHECK(loops >= jit::emittable_targets().size());
  CHECK(costs == loops);
}

TEST_CASE("mistakes of looking at code") {
  const Scratch scratch;
  write_bytes(scratch / "two.tir", "kernel a(x: f32[]) -> f32 { sum(x) }\nkernel b(x: f32[]) -> f32 { max(x) }\n");
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"x", "--stage", "alloc,frob"}, "'frob' is not one of parsed, expanded, optimized, passes, alloc, asm, bytes"},
      {{"x", "--isa", "avx9"}, "avx9"},
      {{"x", "--isa", "avx2", "--side-by-side"}, "takes two targets, not 1"},
      {{"x", "--isa", "all", "--side-by-side"}, "takes two targets, not 4"},
      {{scratch / "two.tir", "--html", scratch / "p.html"}, "a page shows one kernel, and there are a, b; choose one"},
      {{scratch / "two.tir", "--kernel", "c"}, "there is no kernel 'c'; there are a, b"},
      {{"x + 1", "--html", scratch / "none/p.html"}, "cannot be written: No such file"},
      {{"x + 1", "--html", scratch / ""}, "cannot be written"},
      {{"x", "--html", "p.html", "--json"}, "--json"},
      {{"--host", "x"}, "--host"},
  };
  for (const auto& c : cases) {
    const Said said = dump(c.arguments);
    INFO(said.err);
    CHECK(said.code == kBadInput);
    CHECK_THAT(said.err, Contains(c.says));
  }
  CHECK(scratch.files() == 1);
  CHECK_THAT(dump({scratch / "two.tir", "--kernel", "b", "--stage", "parsed"}).out,
             Contains("kernel b") && !Contains("kernel a"));
  const Said declined = dump({"fma(x, y, z)", "--type", "f64", "--isa", "sse2,avx2", "--stage", "stats"});
  CHECK(declined.code == kFinding);
  CHECK_THAT(declined.err, Contains("sse2 vl128 declines 'expression': "));
  CHECK_THAT(declined.out, Contains("# stats: avx2"));
}
