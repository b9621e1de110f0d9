// Users' ops against their references: by --verify and by --sweep, with the figures of known errors and the exit codes.
#include "tools/measure.h"

#include <catch2/catch.hpp>

#include "ops/catalogue.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

constexpr const char* kOps = R"(
op half_up(x: f32) -> f32
  bound fast 1.5 ulp
  ref   wide
{ bitcast.f32(bitcast.i32(abs(x)) + 1) }
op wide(x: f64) -> f64 { abs(x) }
op right(x: T) -> T for T in f32, i32 ref abs { abs(x) }
op wrong(x: i32) -> i32
  bound fast 0 ulp
  ref   abs
{ abs(x) + (x - x/100*100)/99 }
op soft(x: f32) -> f32
  bound fast 3 ulp
  ref   exp
{ exp2(x * 0x1.715476p0) }
op close(x: f32) -> f32
  bound fast 3 ulp floor 1e36
  ref   exp
{ min(exp2(x * 0x1.715476p0), 1e36) + max(0, exp(x) - 1e36) }
op twice(x: T) -> T for T in f32, f64 ref slow_twice { x + x }
op slow_twice(x: f64) -> f64 { 2 * x }
op plain(x: f32) -> f32 { twice(x) }
op total(x: f32) -> f32 ref total { sum(x) }
op total(x: f64) -> f64 { sum(x) }
op minus_zero(x: f32) -> f32
  bound fast 0 ulp
  ref   abs
{ -abs(x) * 0 + abs(x) - 0 }
reduce newest(x: f32) -> f32
  state (s: f32 = 0)
  ref   newest
{ step { x }  merge (later) { later }  finish { s } }
)";

/// The definition of an op of kOps.
const ir::Definition& op(const Ops& ops, const std::string& name, Type type = Type::f32) {
  const ir::Definition* found = ops->find(name, {type});
  REQUIRE(found != nullptr);
  return *found;
}

Ops own(const Scratch& scratch) {
  write_bytes(scratch / "mine.tir", kOps);
  auto ops = ops_of_file(scratch / "mine.tir");
  INFO((ops ? "" : ops.error().text()));
  REQUIRE(ops);
  return ops->all;
}

Measured measured(const Ops& ops, const ir::Definition& definition) {
  const auto reference = ops::reference_of(definition, *ops);
  REQUIRE(reference);
  const auto out = measure(definition, *reference, ops);
  INFO((out ? "" : out.error().text()));
  REQUIRE(out);
  return *out;
}

}  // namespace

TEST_CASE("errors that are known are found") {
  const Scratch scratch;
  const Ops ops = own(scratch);
  const Measured up = measured(ops, op(ops, "half_up"));
  CHECK(up.worst.ulp == 1);  // but for what becomes infinite or NaN
  CHECK(up.wild > 0);
  CHECK_FALSE(up.ok());
  CHECK(measured(ops, op(ops, "right")).worst.ulp == 0);
  CHECK(measured(ops, op(ops, "right", Type::i32)).worst.ulp == 0);
  const Measured wrong = measured(ops, op(ops, "wrong", Type::i32));
  CHECK(wrong.worst.ulp >= 1);
  CHECK_FALSE(wrong.ok());
  const Measured soft = measured(ops, op(ops, "soft"));
  CHECK(soft.worst.ulp > 30);
  CHECK(soft.worst.ulp < 80);
  CHECK_FALSE(soft.ok());
  CHECK(measured(ops, op(ops, "twice")).ok());
  CHECK(measured(ops, op(ops, "twice")).worst.ulp == 0);
  CHECK(measured(ops, op(ops, "total")).worst.ulp > 0);
  CHECK(measured(ops, op(ops, "total")).worst.ulp < 100);
}

TEST_CASE("--verify says the error, and exits with 1 over the bound") {
  const Scratch scratch;
  own(scratch);
  const auto verify = [&](const std::string& name, const std::string& type = "f32") {
    return call_tool(jitdump_tool, {"--op", name, "--ops", scratch / "mine.tir", "--verify", "--type", type, "--isa",
                                    "sse2", "--vl", "128"});
  };
  const Said soft = verify("soft");
  CHECK(soft.code == kFinding);
  CHECK_THAT(soft.out, Contains("soft: sse2 vl128: same bits") && Contains("ULP against exp in") &&
                           Contains("soft: bound 3 ULP: BROKEN"));
  const Said twice = verify("twice");
  CHECK(twice.code == kFine);
  CHECK_THAT(twice.out, Contains("twice: largest error 0.0000 ULP against slow_twice"));
  const Said up = verify("half_up");
  CHECK(up.code == kFinding);
  CHECK_THAT(up.out, Contains("results are NaN or infinite where the reference is not"));
  for (const char* name : {"plain", "newest"}) {
    const Said said = verify(name);
    CHECK(said.code == kFine);
    CHECK_THAT(said.out, Contains("no reference ('ref NAME' in its block): only bits were compared"));
  }
  CHECK(verify("wrong", "i32").code == kFinding);
  CHECK_THAT(verify("wrong").err, Contains("it takes (i32)"));
}

TEST_CASE("--sweep of an op of one's own") {
  const Scratch scratch;
  own(scratch);
  const auto sweep = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--sweep", "--ops", scratch / "mine.tir"});
    return call_tool(jitdump_tool, arguments);
  };
  const Said soft = sweep({"soft", "--stride", "100003"});
  CHECK(soft.code == kFinding);
  CHECK_THAT(soft.out, Contains("reference      exp") && Contains("BROKEN"));
  const Said twice = sweep({"twice", "--stride", "100003"});
  CHECK(twice.code == kFine);
  CHECK_THAT(twice.out, Contains("largest error  0.0000 ULP") && Contains("reference      slow_twice") &&
                            Contains("bound          none") && Contains("misrounded     0, undecided 0"));
  CHECK(sweep({"twice", "--type", "f64", "--samples", "10000"}).code == kFine);
  CHECK(sweep({"plain", "--stride", "100003", "--compare"}).code == kFine);
  CHECK_THAT(sweep({"plain"}).err, Contains("op 'plain' has no reference to sweep it against"));
  CHECK_THAT(sweep({"total"}).err, Contains("cannot be swept"));
  CHECK_THAT(sweep({"nothing"}).err, Contains("no op is named 'nothing'"));
  CHECK_THAT(sweep({"twice", "--record", scratch / "r.json"}).err, Contains("--record"));
  CHECK(sweep({"--primitive", "sqrt"}).code == kBadInput);
}

TEST_CASE("files of ops that cannot be used: all mistakes, and exit code 2") {
  const Scratch scratch;
  const auto refused = [&](const std::string& text) {
    write_bytes(scratch / "bad.tir", text);
    const Said said = call_tool(jitdump_tool, {"--op", "mine", "--ops", scratch / "bad.tir", "--verify"});
    CHECK(said.code == kBadInput);
    CHECK(said.out.empty());
    return said.err;
  };
  CHECK_THAT(refused("op mine(x: f32) -> f32 { x + y }\nop other(x: f64) -> f64 { zz + nope(x) }\n"),
             Contains("bad.tir:1:30: error: there is no value 'y'") && Contains("bad.tir:2:27:") &&
                 Contains("there is no operation 'nope'") && Contains("^"));
  CHECK_THAT(refused("op mine(x: f32) -> f32 { mine(x) }\n"), Contains("an op cannot call itself"));
  CHECK_THAT(refused("op exp(x: f32) -> f32 { x }\n"), Contains("is there already"));
  CHECK_THAT(refused(""), Contains("there is no op and no reducer in it"));
  CHECK_THAT(refused("# nothing\n"), Contains("there is no op and no reducer in it"));
  const Said missing = call_tool(jitdump_tool, {"--op", "mine", "--ops", scratch / "no.tir", "--verify"});
  CHECK(missing.code == kBadInput);
  CHECK_THAT(missing.err, Contains("no.tir: error: cannot be opened"));
}
