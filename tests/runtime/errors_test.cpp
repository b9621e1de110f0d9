// Mistakes in text: all of them at once, each with its position, its line and a remedy; never a crash.
#include <catch2/catch.hpp>

#include <string>

#include "trueno/trueno.h"

using namespace trueno;

namespace {

Error refused(const std::string& text, CompileOptions options = {}) {
  const auto k = compile(text, options);
  REQUIRE_FALSE(k.ok());
  return k.error();
}

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("every mistake is reported, in order, with its place") {
  CompileOptions options;
  options.file = "mine.tir";
  const Error e = refused(
      "kernel k(x: f32[], n: i32) -> f32[] {\n"
      "  a = sqart(x)\n"
      "  b = x + n\n"
      "  c = x + yy\n"
      "  c + unknown_too\n"
      "}\n",
      options);
  CHECK(e.status == Status::invalid_text);
  REQUIRE(e.diagnostics.size() >= 4);
  std::uint32_t line = 0;
  for (const Diagnostic& d : e.diagnostics) {
    CHECK(d.at.line >= line);
    line = d.at.line;
    CHECK(d.file == "mine.tir");
    CHECK_FALSE(d.line.empty());
  }
  CHECK(e.diagnostics[0].at == Position{2, 7});
  CHECK(has(e.diagnostics[0].message, "sqrt"));
  CHECK(has(e.text(), "mine.tir:2:7: error: "));
  CHECK(has(e.text(), "^"));
}

TEST_CASE("text that is no kernel") {
  CHECK(refused("").status == Status::invalid_text);
  CHECK(refused("kernel").status == Status::invalid_text);
  CHECK(refused("kernel k(x: f32[]) -> f32[] {").status == Status::invalid_text);
  CHECK(refused("kernel k(x: f99[]) -> f32[] { x }").status == Status::invalid_text);
  CHECK(refused("kernel a(x: f32[]) -> f32[] { x } kernel b(x: f32[]) -> f32[] { x }").status == Status::invalid_text);
  CHECK(refused(std::string("kernel k\0(", 10)).status == Status::invalid_text);
}

TEST_CASE("types that do not fit") {
  CHECK(has(refused("kernel k(x: f32[], y: f64[]) -> f32[] { x + y }").text(), "f64"));
  CHECK(refused("kernel k(x: i32[]) -> i32[] { x + 0.5 }").status == Status::invalid_text);
  CHECK(refused("kernel k(x: i32[]) -> i32[] { x + 2147483648 }").status == Status::invalid_text);
  CHECK(refused("kernel k(x: f32[]) -> f32 { x }").status == Status::invalid_text);
  CHECK(refused("kernel k(x: f32[], y: f32[]) -> m32[] { x < y < x }").status == Status::invalid_text);
}

TEST_CASE("too large is an error of its own, on every machine") {
  std::string body;
  for (int i = 0; i < 5000; ++i)
    body += "v" + std::to_string(i) + " = " + (i == 0 ? "x" : "v" + std::to_string(i - 1)) + " * 2\n";
  const Error e = refused("kernel k(x: f32[]) -> f32[] {\n" + body + "v4999\n}");
  CHECK(e.status == Status::too_large);
  CHECK(has(e.text(), "4096"));
}

TEST_CASE("a nesting too deep is refused, not a crash") {
  const std::string deep = std::string(100000, '(') + "x" + std::string(100000, ')');
  CHECK(refused("kernel k(x: f32[]) -> f32[] { " + deep + " }").status == Status::invalid_text);
}

TEST_CASE("an expression with an unknown name") {
  const auto k = compile_expression("mean(a*x + bb)", {{"x", true, Type::f32}, {"a", false, {}}, {"b", false, {}}});
  REQUIRE_FALSE(k.ok());
  CHECK(has(k.error().text(), "bb"));
}
