// The sweep, short in the normal suite and whole on request ([exhaustive]), and the sweep itself put to the test:
// its judgement on functions whose errors are known, its inputs, its exit codes.
#include "tools/sweep.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "ops/catalogue.h"
#include "tools/decide.h"
#include "tools/sweep_command.h"
#include "tools/sweep_docs.h"

namespace {

using namespace trueno;
using namespace trueno::tools;
namespace fs = std::filesystem;

const fs::path kRoot = fs::path(TRUENO_TESTS_DIR).parent_path();

SweepOptions options(const std::string& op, std::uint64_t stride) {
  SweepOptions o;
  o.op = op;
  o.stride = stride;
  return o;
}
SweepOptions sampled(const std::string& op, std::uint64_t samples) {
  SweepOptions o = options(op, 1);
  o.type = Type::f64;
  o.samples = samples;
  return o;
}

/// The ops of one operand of that type, with a result of the type.
std::vector<std::string> unary_ops(Type type) {
  std::vector<std::string> names;
  for (const std::string& name : ops::built_in().names()) {
    const ir::Definition* definition = ops::built_in().find(name, {type});
    if (definition == nullptr || definition->result != type) continue;
    bool reduces = false;
    for (const ir::Node& node : definition->body.nodes) reduces = reduces || ir::is_reduction(node.op);
    const bool measured = !definition->bounds.empty();
    if (measured && !reduces) names.push_back(name);
  }
  return names;
}

void check_sweep(const SweepOptions& options) {
  const auto report = sweep(options);
  INFO((report ? to_json(*report).dump(2) : report.error().text()));
  REQUIRE(report);
  CHECK(report->ok());
  if (has_decider()) CHECK(report->undecided == 0);
}

void check_targets(const SweepOptions& options) {
  const auto report = compare_targets(options);
  if (!report && report.status() == Status::unavailable) {
    WARN("skipped, no generated code here: " << report.error().text());
    return;
  }
  INFO((report ? to_json(*report).dump(2) : report.error().text()));
  REQUIRE(report);
  CHECK(report->different() == 0);
}

/// Runs the command; its output goes to `text`.
int run(std::vector<const char*> arguments, std::string* text = nullptr) {
  arguments.insert(arguments.begin(), "trueno-sweep");
  std::FILE* const out = std::tmpfile();
  std::FILE* const err = std::tmpfile();
  const int code = sweep_command(static_cast<int>(arguments.size()), arguments.data(), {out, err});
  if (text != nullptr) {
    std::rewind(out);
    for (int c; (c = std::fgetc(out)) != EOF;) *text += static_cast<char>(c);
  }
  std::fclose(out);
  std::fclose(err);
  return code;
}

}  // namespace

TEST_CASE("a strided sweep holds every bound") {
  CHECK(unary_ops(Type::f32).size() >= 18);
  for (const std::string& op : unary_ops(Type::f32)) check_sweep(options(op, 4099));
}

TEST_CASE("samples of f64 hold every bound, on all targets with the same bits") {
  CHECK(unary_ops(Type::f64).size() >= 18);
  for (const std::string& op : unary_ops(Type::f64)) {
    check_sweep(sampled(op, 50000));
    check_targets(sampled(op, 50000));
  }
}

TEST_CASE("results too near a tie for long double are decided by MPFR") {
  if (!has_decider()) {
    WARN("skipped: this build has no MPFR");
    return;
  }
  CHECK(nearest_by_mpfr("exp2", -150.0f) == 0.0f);           // a tie: to even
  CHECK(nearest_by_mpfr("exp2", -149.99999f) == 0x1p-149f);  // just above it
  CHECK(nearest_by_mpfr("swish", 0x1p-149f) == 0x1p-149f);   // x/2 + x^2/4: a tie but for the square
  CHECK(nearest_by_mpfr("swish", -0x1p-149f) == 0.0f);
  CHECK(nearest_by_mpfr("swish", 0x1p-1074) == 0x1p-1074);
  CHECK(nearest_by_mpfr("sigmoid", 0x1p-23f) == 0x1p-1f);  // 1/2 + 2^-25 - 2^-69/48
  CHECK(nearest_by_mpfr("exp", 1.0) == 0x1.5bf0a8b145769p+1);
  CHECK(nearest_by_mpfr("softplus", 0.0) == 0x1.62e42fefa39efp-1);
  CHECK_FALSE(nearest_by_mpfr("no such", 1.0));
}

TEST_CASE("all targets agree on a strided sweep, the interpreter included") {
  for (const std::string& op : unary_ops(Type::f32)) {
    check_targets(options(op, 4099));
    auto with_judge = options(op, 65537);
    with_judge.backend = Backend::interpreter;
    const auto report = compare_targets(with_judge);
    INFO((report ? to_json(*report).dump(2) : report.error().text()));
    REQUIRE(report);
    CHECK(report->different() == 0);
    CHECK(report->targets.back().target == "interpreter");
    CHECK(report->targets.back().ran);
  }
}

TEST_CASE("the report does not depend on the number of threads") {
  auto one = options("sigmoid", 65537), three = one;
  one.threads = 1;
  three.threads = 3;
  const auto a = sweep(one), b = sweep(three);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->max_ulp == b->max_ulp);
  CHECK(a->worst_input == b->worst_input);
  CHECK(a->misrounded == b->misrounded);
  CHECK(a->inputs == b->inputs);
}

TEST_CASE("a sweep finds what schemes like these are known to have") {
  // Inputs whose results are known to be misrounded must be seen: sigmoid has errors near 2 ULP, exp above 0.9.
  const auto e = sweep(options("exp", 16411));
  const auto s = sweep(options("sigmoid", 16411));
  REQUIRE(e);
  REQUIRE(s);
  CHECK(e->max_ulp > 0.9);
  CHECK(e->misrounded > 0);
  CHECK(s->max_ulp > 1.8);
  CHECK(s->misrounded > e->misrounded);
  const auto exact = sweep(options("square", 16411));
  REQUIRE(exact);
  CHECK(exact->max_ulp <= 0.5);
  CHECK(exact->misrounded == 0);
}

TEST_CASE("what cannot be swept is refused") {
  CHECK(sweep(options("no_such_op", 1)).status() == Status::invalid_argument);
  CHECK(sweep(options("clamp", 1)).status() == Status::invalid_argument);
  CHECK(sweep(options("mean", 65537)).status() == Status::invalid_argument);
  CHECK(compare_targets(options("lerp", 1)).status() == Status::invalid_argument);
}

TEST_CASE("exit codes of trueno-sweep") {
  CHECK(run({"relu", "--stride", "1000003"}) == kFine);
  CHECK(run({}) == kBadInput);
  CHECK(run({"exp", "--isa", "mmx"}) == kBadInput);
  CHECK(run({"exp", "--stride", "0"}) == kBadInput);
  CHECK(run({"exp", "--stride", "many"}) == kBadInput);
  CHECK(run({"nothing"}) == kBadInput);
  CHECK(run({"exp", "--stride", "3", "--record", "x.json"}) == kBadInput);
  CHECK(run({"exp", "--isa", "avx2", "--backend", "interpreter"}) == kBadInput);
  CHECK(run({"exp", "--type", "i32"}) == kBadInput);
  CHECK(run({"exp", "--isa", "avx2,avx512", "--stride", "1000003"}) == kBadInput);
  CHECK(run({"exp", "--isa", "avx2,mmx", "--compare", "--stride", "1000003"}) == kBadInput);
  CHECK(run({"exp", "--to", "i32"}) == kBadInput);
  CHECK(run({"exp", "--type", "f64", "--samples", "0"}) == kBadInput);
  CHECK(run({"exp", "--type", "f64", "--samples", "1000"}) == kFine);
  std::string text;
  CHECK(run({"relu", "--stride", "1000003", "--json"}, &text) == kFine);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["max_ulp"] == 0);
  CHECK(json["ok"] == true);
}

TEST_CASE("docs/ops.md is what the definitions and the records say") {
  const auto now = ops_document((kRoot / "docs" / "ops-measured.json").string());
  INFO((now ? "" : now.error().text()));
  REQUIRE(now);
  const fs::path path = kRoot / "docs" / "ops.md";
  const char* bless = std::getenv("TRUENO_BLESS");
  if (bless != nullptr && std::string(bless) == "1") std::ofstream(path, std::ios::binary) << *now;
  std::ifstream in(path, std::ios::binary);
  const std::string before{std::istreambuf_iterator<char>(in), {}};
  INFO("trueno-sweep --docs docs/ops-measured.json > docs/ops.md, or TRUENO_BLESS=1");
  CHECK(before == *now);
}

TEST_CASE("every op of one f32 keeps its bound on all inputs", "[.exhaustive]") {
  for (const std::string& op : unary_ops(Type::f32)) check_sweep(options(op, 1));
}
TEST_CASE("every op of one f32 has the same bits on all targets and inputs", "[.exhaustive]") {
  for (const std::string& op : unary_ops(Type::f32)) check_targets(options(op, 1));
}
TEST_CASE("every op of one f64 keeps its bound on many samples", "[.exhaustive]") {
  for (const std::string& op : unary_ops(Type::f64)) check_sweep(sampled(op, SweepOptions::kDefaultSamples));
}
