// Conversions and unary primitives on all targets against the interpreter: every 997th input and the special values
// here, all 2^32 on request ([exhaustive]); and docs/declines.md, which must be what the back ends say today.
#include "tools/sweep_primitive.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/host.h"
#include "tools/sweep_command.h"
#include "tools/sweep_declines.h"

namespace {

using namespace trueno;
using namespace trueno::tools;
namespace fs = std::filesystem;

bool generated_code_here() {
  if (!runtime::runnable_targets().empty()) return true;
  WARN("skipped: no generated code here. " << runtime::host().note);
  return false;
}

std::vector<PrimitiveUse> all_uses() {
  const auto uses = sweepable_uses("");
  REQUIRE(uses);
  return *uses;
}

void check_all(std::uint64_t stride) {
  if (!generated_code_here()) return;
  PrimitiveSweepOptions options;
  options.stride = stride;
  for (const PrimitiveUse& use : all_uses()) {
    const auto report = sweep_primitive(use, options);
    INFO(use.name() << " " << use.types() << "\n" << (report ? to_json(*report).dump(2) : report.error().text()));
    REQUIRE(report);
    CHECK(report->different() == 0);
    CHECK(report->inputs >= (std::uint64_t{1} << 32) / stride);
  }
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

TEST_CASE("what is swept: every primitive of one number of 32 bits") {
  std::set<std::string> swept;
  for (const PrimitiveUse& use : all_uses()) swept.insert(use.name() + " " + use.types());
  for (const char* one : {"sqrt f32 -> f32", "abs f32 -> f32", "abs i32 -> i32", "not i32 -> i32",
                          "exponent f32 -> f32", "significand f32 -> f32", "rint f32 -> f32", "bitcast f32 -> i32",
                          "bitcast.raw i32 -> f32", "convert f32 -> f64", "convert f32 -> i32", "convert f32 -> i64",
                          "convert i32 -> f32", "convert i32 -> f64", "convert i32 -> i64", "canonical f32 -> f32"}) {
    INFO(one);
    CHECK(swept.count(one) == 1);
  }
  // By the table alone: no row of one operand is forgotten.
  for (const ir::Primitive& row : ir::kPrimitives) {
    using ir::Typing;
    const bool of_numbers = row.typing == Typing::number || row.typing == Typing::real ||
                            row.typing == Typing::integer || row.typing == Typing::logic ||
                            row.typing == Typing::convert || row.typing == Typing::bitcast;
    if (row.operands != 1 || !of_numbers) continue;
    INFO(row.text);
    CHECK(std::any_of(swept.begin(), swept.end(),
                      [&](const std::string& name) { return name.starts_with(std::string(row.text) + " "); }));
  }
}

TEST_CASE("conversions and unary primitives: every 997th input, all targets, the interpreter's bits") {
  check_all(997);
}

TEST_CASE("conversions and unary primitives: all inputs, all targets, the interpreter's bits", "[.exhaustive]") {
  check_all(1);
}

TEST_CASE("the report of a primitive does not depend on the number of threads") {
  if (!generated_code_here()) return;
  PrimitiveSweepOptions one, three;
  one.stride = three.stride = 100003;
  one.threads = 1;
  three.threads = 3;
  const PrimitiveUse use = all_uses().front();
  auto a = sweep_primitive(use, one), b = sweep_primitive(use, three);
  REQUIRE(a);
  REQUIRE(b);
  a->seconds = b->seconds = 0;
  CHECK(to_json(*a) == to_json(*b));
}

TEST_CASE("what cannot be swept as a primitive is refused") {
  CHECK(sweepable_uses("no_such_primitive").status() == Status::invalid_argument);
  CHECK(sweepable_uses("add").status() == Status::invalid_argument);
  CHECK(sweepable_uses("sqrt", Type::i32).status() == Status::invalid_argument);
  CHECK(sweepable_uses("convert", Type::f64).status() == Status::invalid_argument);
  const auto both = sweepable_uses("convert", Type::f32, Type::i64);
  REQUIRE(both);
  CHECK(both->size() == 1);
  CHECK(sweep_primitive({ir::Op::sqrt, {Type::f64}, Type::f64}).status() == Status::invalid_argument);
}

TEST_CASE("exit codes of trueno-sweep --primitive") {
  CHECK(run({"--primitive", "nothing"}) == kBadInput);
  CHECK(run({"--primitive", "sqrt", "--type", "i32"}) == kBadInput);
  CHECK(run({"--primitive", "sqrt", "--type", "f31"}) == kBadInput);
  CHECK(run({"--primitive", "sqrt", "--primitives"}) == kBadInput);
  CHECK(run({"--primitive", "sqrt", "--compare"}) == kBadInput);
  CHECK(run({"exp", "--primitive", "sqrt"}) == kBadInput);
  CHECK(run({"exp", "--to", "f32"}) == kBadInput);
  CHECK(run({"--primitive", "sqrt", "--isa", "sse2", "--vl", "512", "--stride", "1000003"}) == kUnavailable);
  if (!generated_code_here()) return;
  CHECK(run({"--primitives", "--stride", "10000019"}) == kFine);
  std::string text;
  CHECK(run({"--primitive", "convert", "--to", "i32", "--stride", "1000003", "--json"}, &text) == kFine);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  REQUIRE(json.is_array());
  REQUIRE(json.size() == 1);
  CHECK(json[0]["types"] == "f32 -> i32");
  CHECK(json[0]["different"] == 0);
}

TEST_CASE("docs/declines.md is what the back ends decline") {
  const auto now = declines_document();
  INFO((now ? "" : now.error().text()));
  REQUIRE(now);
  const fs::path path = fs::path(TRUENO_TESTS_DIR).parent_path() / "docs" / "declines.md";
  const char* bless = std::getenv("TRUENO_BLESS");
  if (bless != nullptr && std::string(bless) == "1") std::ofstream(path, std::ios::binary) << *now;
  std::ifstream in(path, std::ios::binary);
  const std::string before{std::istreambuf_iterator<char>(in), {}};
  INFO("trueno-sweep --declines docs/declines.md, or TRUENO_BLESS=1");
  CHECK(before == *now);
}
