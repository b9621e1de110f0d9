// trueno-run from its command line: results, types, files, JSON, refusals and exit codes.
#include "tools/run.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "jit/arena.h"
#include "runtime/host.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

Said run(const std::vector<std::string>& arguments) { return call_tool(run_tool, arguments); }

nlohmann::json json_of(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const Said said = run(arguments);
  INFO(said.err);
  REQUIRE(said.code == kFine);
  return nlohmann::json::parse(said.out);
}

bool have_jit() {
  if (!runtime::runnable_targets().empty() && jit::executable_memory()) return true;
  WARN("skipped: no generated code on this host");
  return false;
}

/// x: 1, 2, 3, 4 as f32; k: 1 .. 4 as i32; wide: i64 near 2^62.
struct Files : Scratch {
  std::string x = "x=" + (*this / "x.npy"), k = "k=" + (*this / "k.npy"), w = "w=" + (*this / "w.npy"),
              none = "x=" + (*this / "none.npy");
  Files() {
    const float xs[] = {1, 2, 3, 4};
    const std::int32_t ks[] = {1, 2, 3, 4};
    const std::int64_t ws[] = {std::int64_t{1} << 62, 5, -7};
    REQUIRE(write_npy(*this / "x.npy", Type::f32, xs, 4));
    REQUIRE(write_npy(*this / "k.npy", Type::i32, ks, 4));
    REQUIRE(write_npy(*this / "w.npy", Type::i64, ws, 3));
    REQUIRE(write_npy(*this / "none.npy", Type::f32, xs, 0));
  }
};

}  // namespace

TEST_CASE("an expression over arrays and scalars") {
  const Files files;
  const Said said = run({"mean(a*x + b)", "--in", files.x, "--set", "a=0.5", "--set", "b=-1"});
  INFO(said.err);
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Catch::StartsWith("result = 0.25  (bits 0x3e800000)\n") && Contains("\nran by: "));
  CHECK(said.err.empty());
  // The same with the options first, and with types given.
  const Said other = run({"--in", files.x, "--set", "a:f32=0.5", "--set", "b:f32=-0x1p0", "mean(a*x + b)"});
  CHECK(other.out == said.out);
}

TEST_CASE("JSON has the promised keys, and values that keep their bits") {
  const Files files;
  for (const std::string backend : {"auto", "fallback", "interpreter"}) {
    const auto out = json_of({"sum(x)", "--in", files.x, "--backend", backend});
    REQUIRE(out["results"].size() == 1);
    CHECK(out["results"][0]["name"] == "result");
    CHECK(out["results"][0]["type"] == "f32");
    CHECK(out["results"][0]["value"] == 10);
    CHECK(out["results"][0]["bits"] == "0x41200000");
    CHECK(out["n"] == 4);
    CHECK(out["ns"].is_number());
    CHECK(std::string(out["origin"]).find(std::string(out["backend"])) == 0);
    CHECK(out["isa"].is_null() == (backend == "interpreter"));
    if (backend == "interpreter") {
      CHECK(out["backend"] == "interpreter");
      CHECK(out["vl"].is_null());
    }
  }
  CHECK(json_of({"sum(w)", "--in", files.w})["results"][0]["value"] == "4611686018427387902");
  CHECK(json_of({"sum(k)", "--in", files.k})["results"][0]["type"] == "i64");
  CHECK(json_of({"mean(x)", "--in", files.none})["results"][0]["value"] == "nan");
  CHECK(json_of({"mean(x)", "--in", files.none})["results"][0]["bits"] == "0x7fc00000");
  CHECK(json_of({"max(x/a)", "--in", files.x, "--set", "a=0"})["results"][0]["value"] == "inf");
}

TEST_CASE("array results go to files, also onto the input") {
  const Files files;
  const auto out = json_of({"2*x", "--in", files.x, "--out", files / "y.npy"});
  CHECK(out["results"][0]["type"] == "f32[]");
  CHECK(out["results"][0]["n"] == 4);
  CHECK(out["results"][0]["file"] == files / "y.npy");
  const auto y = read_npy(files / "y.npy");
  REQUIRE(y);
  CHECK(static_cast<const float*>(y->data())[3] == 8);

  const auto two = json_of({"--in", files.x, "--out", "result2=" + (files / "y.npy"), "sum(x), 3*x"});
  CHECK(two["results"][1]["name"] == "result2");
  CHECK(two["results"][1]["file"] == files / "y.npy");
  CHECK_THAT(run({"--in", files.x, "--", "-x"}).out, Contains("f32[4] = -1, -2, -3, -4\n"));

  const Said head = run({"2*x", "--in", files.x});
  CHECK_THAT(head.out, Contains("f32[4] = 2, 4, 6, 8\n"));
  const Said onto = run({"2*x", "--in", files.x, "--out", files / "x.npy"});
  CHECK_THAT(onto.out, Contains("written to " + (files / "x.npy")));
  CHECK(static_cast<const float*>(read_npy(files / "x.npy")->data())[0] == 2);
}

TEST_CASE("a kernel in a file, with several results") {
  const Files files;
  write_bytes(files / "two.tir", "kernel two(x: f32[], a: f32) -> (y: f32[], total: f32) {\n  a*x, sum(x)\n}\n");
  const std::vector<std::string> command{files / "two.tir", "--in", files.x, "--set", "a=3"};
  auto with = [&](std::initializer_list<std::string> more) {
    std::vector<std::string> all = command;
    all.insert(all.end(), more);
    return run(all);
  };
  const Said said = with({"--out", "y=" + (files / "y.npy")});
  INFO(said.err);
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Contains("y: f32[4] written to") && Contains("total = 10  (bits 0x41200000)"));
  CHECK_THAT(with({"--out", "total=" + (files / "t.npy")}).err, Contains("no array result named total"));
  CHECK_THAT(with({"--out", files / "a.npy", "--out", files / "b.npy"}).err, Contains("two files"));
  CHECK_THAT(with({"--in", "q=" + (files / "k.npy")}).err,
             Contains("no parameter of that name; it is two(x: f32[], a: f32)"));
  CHECK_THAT(run({files / "two.tir", "--in", files.x}).err, Contains("parameter a: f32 is missing"));
  CHECK_THAT(run({files / "two.tir", "--set", "a=1"}).err, Contains("parameter x: f32[] is missing"));
  CHECK_THAT(run({files / "two.tir", "--in", "x=" + (files / "k.npy"), "--set", "a=1"}).err,
             Contains("--in x: the kernel takes f32[]") && Contains("holds i32[]"));
  CHECK_THAT(run({files / "two.tir", "--in", files.x, "--in", "a=" + (files / "k.npy")}).err,
             Contains("this parameter is a scalar"));
  CHECK_THAT(run({files / "two.tir", "--set", "x=1", "--set", "a=1"}).err, Contains("this parameter is an array"));
}

TEST_CASE("2-D arrays are run row by row") {
  const Files files;
  const float xs[] = {1, 2, 3, 4, 5, 6}, gamma[] = {1, 10, 100}, a[] = {2, 3};
  REQUIRE(write_npy(files / "m.npy", Type::f32, xs, {2, 3}));
  REQUIRE(write_npy(files / "gamma.npy", Type::f32, gamma, 3));
  REQUIRE(write_npy(files / "a.npy", Type::f32, a, 2));
  REQUIRE(write_npy(files / "tall.npy", Type::f32, xs, {3, 2}));
  const std::string m = "m=" + (files / "m.npy"), g = "g=" + (files / "gamma.npy");
  for (const std::string backend : {"auto", "fallback", "interpreter"}) {
    const auto out = json_of({"(m - min(m)) * g, sum(m)", "--in", m, "--in", g, "--out", "result1=" + (files / "y.npy"),
                              "--out", "result2=" + (files / "s.npy"), "--backend", backend});
    CHECK(out["rows"] == 2);
    CHECK(out["n"] == 3);
    CHECK(out["results"][0]["type"] == "f32[][]");
    CHECK(out["results"][0]["shape"] == nlohmann::json({2, 3}));
    CHECK(out["results"][1]["type"] == "f32[]");
    const auto y = read_npy(files / "y.npy"), s = read_npy(files / "s.npy");
    REQUIRE((y && s));
    CHECK(y->shape() == NpyShape(2, 3));
    CHECK(s->shape() == NpyShape(2));
    const float right[] = {0, 10, 200, 0, 10, 200}, sums[] = {6, 15};
    CHECK(std::equal(std::begin(right), std::end(right), static_cast<const float*>(y->data())));
    CHECK(std::equal(std::begin(sums), std::end(sums), static_cast<const float*>(s->data())));
  }
  CHECK_THAT(run({"m + 1", "--in", m}).out, Contains("f32[2][3] = 2, 3, 4, 5, 6, 7\n"));
  CHECK_THAT(run({"sum(m)", "--in", m, "--time"}).out, Contains("f32[2] = 6, 15\n") && Contains("n = 2 rows of 3"));
  write_bytes(files / "scale.tir", "kernel scale(m: f32[], a: f32) -> f32 { a * sum(m) }\n");
  CHECK_THAT(run({files / "scale.tir", "--in", m, "--in", "a=" + (files / "a.npy")}).out,
             Contains("f32[2] = 12, 45\n"));
  CHECK_THAT(run({files / "scale.tir", "--in", m, "--in", "a=" + (files / "gamma.npy")}).err,
             Contains("a has shape (3,)") && Contains("it must be (2,)"));
  CHECK_THAT(run({files / "scale.tir", "--in", m, "--in", "a=" + (files / "m.npy")}).err,
             Contains("one value per row"));
  CHECK_THAT(run({"m * t", "--in", m, "--in", "t=" + (files / "tall.npy")}).err,
             Contains("t has shape (3, 2)") && Contains("it must be (2, 3) or (3,)"));
  CHECK_THAT(run({"m * x", "--in", m, "--in", files.x}).err, Contains("x has shape (4,)"));
}

TEST_CASE("refusals say what, and exit with 2") {
  const Files files;
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{}, "source is required"},
      {{"sum(x)", "--frob"}, "--frob"},
      {{"sum(x)"}, "x"},
      {{"sum(x", "--in", files.x}, "^"},
      {{"sum(x)", "--in", files.x, "--in", files.k}, "k"},
      {{"sum(x)", "--in", files.x, "--in", files.x}, "'x' is given twice"},
      {{"sum(x)", "--in", "x"}, "expected NAME="},
      {{"sum(x)", "--in", "3=a.npy"}, "'3' cannot be a name"},
      {{"sum(x)", "--in", "x=" + (files / "missing.npy")}, "missing.npy: error: cannot be opened: No such file"},
      {{"sum(a*x)", "--in", files.x, "--set", "a=1.5.5"}, "--set a: '1.5.5' is not a number"},
      {{"sum(a*x)", "--in", files.x, "--set", "a=1e39"}, "range of f32"},
      {{"sum(a*k)", "--in", files.k, "--set", "a=0.5"}, "i32"},
      {{"sum(a*x)", "--in", files.x, "--set", "a:f16=1"}, "'f16' is not one of f32, f64, i32, i64"},
      {{"sum(x)", "--in", files.x, "--backend", "gpu"},
       "--backend: 'gpu' is not one of auto, jit, fallback, interpreter"},
      {{"sum(x)", "--in", files.x, "--isa", "avx3"}, "--isa: 'avx3' is not one of"},
      {{"sum(x)", "--in", files.x, "--vl", "100"}, "--vl: '100' is not one of"},
      {{"sum(x)", "--in", files.x, "--out", files / "y.npy"}, "no result is an array"},
      {{"sum(x) + f32(sum(k))", "--in", files.x, "--in", "k=" + (files / "none.npy")}, "differ in length"},
      {{"sum(x)", "--in", files.x, "--n", "4"}, "--n"},
      {{"min(x)", "--in", files.none}, "min"},
      {{"2*x", "--in", files.x, "--out", files / "no/such.npy"}, "No such file"},
      {{files / "missing.tir"}, "missing.tir: error: cannot be opened"},
  };
  for (const auto& c : cases) {
    const Said said = run(c.arguments);
    INFO((c.arguments.empty() ? "" : c.arguments.back()) << "\n" << said.err);
    CHECK(said.code == kBadInput);
    CHECK_THAT(said.err, Contains(c.says) && Catch::StartsWith("trueno-run: "));
    CHECK(said.out.empty());
  }
  CHECK(run({"--help"}).code == kFine);
  CHECK_THAT(run({"--help"}).out, Contains("Exit codes"));
}

TEST_CASE("every target gives the same bits, and says that it ran") {
  if (!have_jit()) return;
  const Files files;
  const auto expected = json_of({"mean(sigmoid(x))", "--in", files.x, "--backend", "interpreter"})["results"];
  for (const jit::Target& target : runtime::runnable_targets()) {
    const auto out = json_of({"mean(sigmoid(x))", "--in", files.x, "--backend", "jit", "--isa",
                              std::string(name_of(target.isa)), "--vl", std::to_string(target.vector_bits)});
    CHECK(out["results"] == expected);
    CHECK(out["backend"] == "jit");
    CHECK(out["isa"] == name_of(target.isa));
    CHECK(out["vl"] == target.vector_bits);
  }
}

TEST_CASE("--time prints time and rate") {
  const Files files;
  CHECK_THAT(run({"sum(x)", "--in", files.x, "--time"}).out, Contains("ns per call, n = 4") && Contains("GB/s"));
}

TEST_CASE("the program itself: exit codes, and 3 where generated code is capped below what was asked for") {
  const Files files;
  const std::string program = TRUENO_TOOLS_DIR "/trueno-run";
  const auto shell = [&](const std::string& before, const std::string& after) {
    return WEXITSTATUS(std::system((before + " " + program + " " + after + " >/dev/null 2>&1").c_str()));
  };
  CHECK(shell("", "'sum(x)' --in " + files.x) == kFine);
  CHECK(shell("", "'sum(y)' --in " + files.x) == kBadInput);
  CHECK(shell("TRUENO_MAX_ISA=sse2", "'sum(x)' --backend jit --isa avx2 --in " + files.x) == kUnavailable);
  CHECK(shell("TRUENO_MAX_ISA=sse2", "'sum(x)' --in " + files.x) == kFine);
  CHECK(WEXITSTATUS(std::system((program + " 'sum(x)' --in " + files.x + " >/dev/full 2>/dev/null").c_str())) ==
        kBadInput);
}
