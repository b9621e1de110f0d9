// The builder: the same kernels as text, the same checks, mistakes collected.
#include <catch2/catch.hpp>

#include <cmath>

#include "ir/builder.h"
#include "tests/ir/text.h"

using namespace trueno;
using namespace trueno::ir;
using namespace trueno::ir::text_tests;
using Catch::Contains;

TEST_CASE("a built kernel is the one the text means") {
  Builder b("k", kNoOps);
  const NodeId x = b.array("x", Type::f32), a = b.scalar("a", Type::f32), i = b.array("i", Type::i32);
  const NodeId y = b.call("fma", {a, x, b.constant(Type::f32, 0.1)});
  b.name(y, "y");
  b.result("s", b.reduce_where("sum", {i}, b.call("lt", {i, b.constant(Type::i32, 3)})));
  b.result("r", b.call("div", {y, b.convert(Type::f32, b.count())}));
  b.result("t", b.table({"t", Type::f32, {0, 1}}, i));
  b.result("u", b.bitcast(Type::i32, y, true));
  const auto k = b.finish();
  REQUIRE(k);
  const Kernel text = kernel_of(
      "table t: f32[2] = [0, 1e-45]\nkernel k(x: f32[], a: f32, i: i32[]) -> (s: i64, r: f32[], t: f32[], u: i32[]) {\n"
      "  y = a*x + 0.1\n  sum(i where i < 3), y / f32(count()), t[i], bitcast.raw.i32(y)\n}");
  INFO(text.name);
  CHECK(same(*k, text));
  CHECK(print(*k) == print(text));
}

TEST_CASE("the builder never contracts") {
  Builder b("k", kNoOps);
  const NodeId x = b.array("x", Type::f32);
  b.result("", b.call("add", {b.call("mul", {x, x}), x}));
  const auto k = b.finish();
  REQUIRE(k);
  CHECK(body_of(*k) == "mul(x, x) + x");
}

TEST_CASE("constants are rounded once, or refused") {
  Builder b("k", kNoOps);
  CHECK(b.constant(Type::f32, 0.1) != kNoNode);
  CHECK(b.constant(Type::f32, INFINITY) != kNoNode);
  CHECK(b.constant(Type::i64, -9223372036854775808.0) != kNoNode);
  b.result("", b.constant(Type::f32, NAN));
  const auto k = b.finish();
  REQUIRE(k);
  CHECK(k->nodes[0].imm == 0x3dcccccdu);
  CHECK(k->nodes[3].imm == 0x7fc00000u);
  CHECK(b.constant(Type::i32, 0.5) == kNoNode);
  CHECK(b.constant(Type::i32, 2147483648.0) == kNoNode);
  CHECK(b.constant(Type::i64, 9223372036854775808.0) == kNoNode);
  CHECK(b.constant(Type::f32, 1e39) == kNoNode);
  CHECK(b.constant_bits(Type::f32, 1ull << 32) == kNoNode);
  CHECK(b.finish().error().diagnostics.size() == 5);
}

TEST_CASE("mistakes are collected, once each") {
  Builder b("k", kNoOps);
  const NodeId x = b.array("x", Type::f32), i = b.array("i", Type::i32);
  const NodeId bad = b.call("add", {x, i});
  CHECK(bad == kNoNode);
  CHECK(b.call("sqrt", {b.call("neg", {bad})}) == kNoNode);
  CHECK(b.call("sqr", {x}) == kNoNode);
  CHECK(b.call("fma", {x, x}) == kNoNode);
  CHECK(b.array("x", Type::f32) == kNoNode);
  CHECK(b.scalar("not", Type::f32) == kNoNode);
  CHECK(b.call("neg", {NodeId{1000}}) == kNoNode);
  CHECK(b.reduce_where("abs", {x}, b.call("gt", {x, x})) == kNoNode);
  CHECK(b.table({"t", Type::f32, {0, 1, 2}}, i) == kNoNode);
  b.result("r", bad);
  const auto k = b.finish();
  REQUIRE_FALSE(k);
  const std::string text = k.error().text();
  CHECK(k.error().diagnostics.size() == 8);
  CHECK_THAT(text, Contains("'+' needs operands of one type, not f32 and i32"));
  CHECK_THAT(text, Contains("there is no operation 'sqr'; did you mean 'sqrt'?"));
  CHECK_THAT(text, Contains("'fma' takes 3 operands, not 2"));
  CHECK_THAT(text, Contains("'x' names two parameters"));
}

TEST_CASE("too many nodes and no results are errors") {
  Builder b("k", kNoOps);
  CHECK_THAT(b.finish().error().text(), Contains("kernel 'k' has no result"));
  Builder c("k", kNoOps);
  NodeId v = c.array("x", Type::f32);
  for (int n = 0; n < 5000; ++n) v = c.call("neg", {v});
  c.result("", v);
  CHECK(c.finish().status() == Status::too_large);
}
