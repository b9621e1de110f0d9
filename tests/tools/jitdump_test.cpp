// trueno-jitdump: free names, targets, stages, labelled code for ISAs the host may not have.
#include "tools/jitdump.h"

#include <catch2/catch.hpp>

#include "jit/host.h"
#include "runtime/host.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {
Said dump(const std::vector<std::string>& arguments) { return call_tool(jitdump_tool, arguments); }
}  // namespace

TEST_CASE("free names: used, neither defined nor called") {
  using Names = std::vector<std::string>;
  CHECK(free_names("a*x + b*x") == Names{"a", "x", "b"});
  CHECK(free_names("mean(sigmoid(a*x))") == Names{"a", "x"});
  CHECK(free_names("d = x - 1; sum(d*d)") == Names{"x"});
  CHECK(free_names("f64(x) + 0x1p3 + inf") == Names{"x"});
  CHECK(free_names("select(x == y, x, 1e3)") == Names{"x", "y"});
  CHECK(free_names("") == Names{});
  CHECK(free_names("$ x").size() <= 1);
}

TEST_CASE("targets: by list, all, and vector length") {
  const auto count = [](const std::string& isas, int bits) {
    const auto targets = choose_targets(isas, bits);
    return targets ? static_cast<int>(targets->size()) : -1;
  };
  CHECK(count("avx2", 0) == 1);
  CHECK(count("avx2", -1) == 2);
  CHECK(count("avx512", -1) == 3);
  CHECK(count("avx2,avx512", 0) == 2);
  CHECK(count("all", -1) == static_cast<int>(jit::emittable_targets().size()));
  CHECK(count("all", 512) == 1);
  CHECK(count("avx2", 512) == -1);
  CHECK(count("avx2,", 0) == -1);
  CHECK(count("avx9", 0) == -1);
}

TEST_CASE("stages, in the order of the pipeline") {
  const Said said = dump({"mean(sigmoid(a*x + b))", "--scalar", "a", "--scalar", "b", "--stage",
                          "parsed,expanded,optimized,asm", "--isa", "all", "--vl", "all"});
  INFO(said.err);
  CHECK(said.code == kFine);
  const std::size_t at[] = {said.out.find("# parsed"), said.out.find("# expanded"), said.out.find("# optimized"),
                            said.out.find("# asm: ")};
  CHECK(std::is_sorted(std::begin(at), std::end(at)));
  CHECK(at[3] != std::string::npos);
  CHECK_THAT(said.out, Contains("# asm: avx2 vl128") && Contains("# asm: avx512 vl512"));
  CHECK_THAT(said.out, Contains("zmm") && Contains("ymm") && Contains("ret") && Contains("main loop"));
  CHECK_THAT(said.out, !Contains("(bad)"));
  const Said parsed = dump({"x + 1", "--stage", "parsed"});
  CHECK_THAT(parsed.out, Contains("# parsed") && !Contains("# asm"));
}

TEST_CASE("ops and primitives by name, for a type") {
  for (const char* op : {"exp", "sigmoid", "lerp", "fma", "sum", "sqrt", "select"}) {
    INFO(op);
    const Said said = dump({"--op", op, "--stage", "parsed"});
    INFO(said.err);
    CHECK(said.code == kFine);
  }
  CHECK_THAT(dump({"--op", "abs", "--type", "i32", "--stage", "parsed"}).out, Contains("i32"));
  CHECK_THAT(dump({"--op", "exp", "--type", "i32"}).err, Contains("no definition whose first operand is i32"));
  CHECK_THAT(dump({"--op", "expp"}).err, Contains("no op, primitive or reduction has that name; ops are"));
}

TEST_CASE("a file, with ops of its own") {
  const Scratch scratch;
  write_bytes(scratch / "k.tir",
              "op twice(x: T) -> T for T in f32\n  doc \"2x.\"\n  bound fast 0.5 ulp\n{ x + x }\n"
              "kernel k(x: f32[]) -> f32 { sum(twice(x)) }\n");
  const Said said = dump({scratch / "k.tir", "--isa", "avx2", "--stage", "parsed,expanded,asm"});
  INFO(said.err);
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Contains("twice") && Contains("kernel k"));
  write_bytes(scratch / "bad.tir", "kernel k(x: f32[]) -> f32 { sun(x) }\n");
  const Said bad = dump({scratch / "bad.tir"});
  CHECK(bad.code == kBadInput);
  CHECK_THAT(bad.err, Contains("bad.tir:1:") && Contains("^"));
}

TEST_CASE("ops of one's own: listed, shown, verified") {
  const Scratch scratch;
  write_bytes(scratch / "mine.tir",
              "op twice(x: T) -> T for T in f32, i32\n  doc \"2x.\"\n  bound fast 0.5 ulp\n{ x + x }\n"
              "op exp(x: i32) -> f32 { sigmoid(f32(x)) }\n"
              "op centred(x: f32) -> f32 { twice(x) - mean(x) }\n");
  const std::string mine = scratch / "mine.tir";
  const Said all = dump({"--list-ops"}), more = dump({"--list-ops", "--ops", mine});
  CHECK(all.code == kFine);
  CHECK_THAT(all.out,
             Contains("\nsigmoid  f32 -> f32; f64 -> f64  fast: 2.45 ULP\n    1 / (1 + e^-x)") && !Contains("twice"));
  CHECK(more.code == kFine);
  CHECK_THAT(more.out, Contains("twice  f32 -> f32; i32 -> i32  fast: 0.5 ULP\n    2x.\n"));
  CHECK_THAT(more.out, Contains("centred  f32 -> f32  -\n    (no doc line)\n") && Contains("i32 -> f32"));
  CHECK_THAT(dump({"--op", "twice", "--ops", mine, "--stage", "expanded"}).out, Contains("x + x"));
  CHECK_THAT(dump({"centred(x)", "--ops", mine, "--stage", "expanded"}).out, Contains("sum(x)"));
  CHECK_THAT(dump({"--op", "twice"}).err, Contains("no op, primitive or reduction has that name"));

  for (const std::vector<std::string>& what : {std::vector<std::string>{"--op", "centred"}, {"sum(twice(x))"}}) {
    std::vector<std::string> arguments = what;
    arguments.insert(arguments.end(), {"--ops", mine, "--verify"});
    const Said said = dump(arguments);
    INFO(said.out << said.err);
    CHECK(said.code == kFine);
    for (const jit::Target& t : runtime::runnable_targets())
      CHECK_THAT(said.out,
                 Contains(std::string(name_of(t.isa)) + " vl" + std::to_string(t.vector_bits) + ": same bits"));
  }
  write_bytes(scratch / "k.tir",
              "op thrice(x: f32) -> f32 { x + twice(x) }\nkernel k(x: f32[]) -> f32[] { thrice(x) }\n");
  CHECK(dump({scratch / "k.tir", "--ops", mine, "--stage", "optimized"}).code == kFine);
  CHECK(dump({scratch / "k.tir"}).code == kBadInput);
}

TEST_CASE("ops of one's own are refused where they collide or go in a circle") {
  const Scratch scratch;
  const struct {
    const char *text, *says;
  } cases[] = {
      {"op exp(x: f32) -> f32 { x }\n", "mine.tir:1:4: error: op 'exp' of (f32) is there already"},
      {"op mine(x: T) -> T for T in f32, f64 { x }\nop mine(x: f64) -> f64 { x }\n",
       ":2:4: error: op 'mine' of (f64) is declared twice"},
      {"op fma(x: f32) -> f32 { x }\n", "'fma' is a primitive"},
      {"op a(x: f32) -> f32 { a(x) }\n", "an op cannot call itself"},
      {"op a(x: f32) -> f32 { b(x) }\nop b(x: f32) -> f32 { a(x) }\n",
       "there is no operation 'b' above; an op can use only those that stand before it"},
      {"kernel k(x: f32[]) -> f32[] { x }\n", "kernel 'k' is among the ops"},
      {"op a(x: f32) -> f32 { y }\n", "^"},
  };
  for (const auto& c : cases) {
    write_bytes(scratch / "mine.tir", c.text);
    const Said said = dump({"--list-ops", "--ops", scratch / "mine.tir"});
    INFO(c.text << said.err);
    CHECK(said.code == kBadInput);
    CHECK_THAT(said.err, Contains(c.says));
    CHECK(said.out.empty());
  }
  CHECK(dump({"--list-ops", "--ops", scratch / "missing.tir"}).code == kBadInput);
  CHECK(dump({"--list-ops", "x + 1"}).code == kBadInput);
}

TEST_CASE("mistakes") {
  const std::vector<std::vector<std::string>> cases = {{},
                                                       {"x", "--stage", "asm,frob"},
                                                       {"x", "--scalar", "q"},
                                                       {"x", "--op", "exp"},
                                                       {"x", "--type", "f16"},
                                                       {"x", "--isa", "avx2", "--vl", "512"},
                                                       {"x +"}};
  for (const auto& arguments : cases) {
    const Said said = dump(arguments);
    INFO(said.err);
    CHECK(said.code == kBadInput);
    CHECK_FALSE(said.err.empty());
  }
  const Said declined = dump({"fma(x, y, z)", "--type", "f64", "--isa", "sse2"});
  CHECK(declined.code == kFinding);
  CHECK_THAT(declined.err, Contains("sse2"));
}

TEST_CASE("--sweep is trueno-sweep") {
  const Said said = dump({"--sweep", "relu", "--stride", "1000003"});
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Contains("relu: ") && Contains("largest error") && Contains("bound"));
  CHECK(dump({"--sweep", "no_such_op"}).code == kBadInput);
  CHECK(dump({"--sweep", "relu", "--precision", "sloppy"}).code == kBadInput);
}
