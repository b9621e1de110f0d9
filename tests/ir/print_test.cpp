// Printing: parses back to the same kernel, looks the same every time, never lets a product fuse again.
#include <catch2/catch.hpp>

#include "ir/builder.h"
#include "tests/ir/text.h"

using namespace trueno;
using namespace trueno::ir;
using namespace trueno::ir::text_tests;

namespace {

void check_round_trip(const Kernel& k) {
  const std::string text = print(k);
  const Kernel again = kernel_of(text);
  INFO(text << again.name);
  CHECK(same(k, again));
  CHECK(print(again) == text);
  CHECK(again.strict == k.strict);
}

}  // namespace

TEST_CASE("golden: kernels as printed") {
  const std::string path = std::string(TRUENO_TESTS_DIR) + "/ir/golden/";
  const auto module = parse_module(read_file(path + "kernels.tir"), NoOps(), "kernels.tir");
  REQUIRE(module);
  std::string all;
  for (const Kernel& k : module->kernels) {
    all += print(k);
    if (k.calls.empty()) check_round_trip(k);
  }
  CHECK(all == golden("kernels.printed", all));
}

TEST_CASE("a product is printed so that it cannot fuse") {
  Builder b("k", kNoOps);
  const NodeId x = b.array("x", Type::f32), a = b.scalar("a", Type::f32);
  const NodeId p = b.call("mul", {x, a}), q = b.call("mul", {a, x});
  b.result("", b.call("add", {p, x}));
  b.result("", b.call("sub", {x, q}));
  b.result("", b.call("sum", {b.call("mul", {x, x})}));
  b.result("", b.call("add", {b.call("mul", {x, x}), b.call("mul", {a, a})}));
  const auto k = b.finish();
  REQUIRE(k);
  CHECK(body_of(*k) == "mul(x, a) + x, x - mul(a, x), sum(mul(x, x)), x * x + a * a");
  check_round_trip(*k);
}

TEST_CASE("negation of a literal stays a negation, and literals keep their bits") {
  Builder b("k", kNoOps);
  const NodeId x = b.array("x", Type::f32);
  b.result("", b.call("neg", {b.constant(Type::f32, 2)}));
  b.result("", b.call("add", {x, b.constant_bits(Type::f32, 0xffc12345u)}));
  b.result("", b.call("add", {b.constant(Type::f64, -0.0), b.constant(Type::f64, 1e300)}));
  b.result("", b.call("ldexp", {x, b.constant(Type::f32, 3)}));
  b.result("", b.call("ldexp", {x, b.constant(Type::i32, 3)}));
  b.result("", b.call("neg", {b.call("neg", {x})}));
  const auto k = b.finish();
  REQUIRE(k);
  CHECK(body_of(*k) == "neg(f32(2)), x + nan(0xffc12345), f64(-0) + 1e+300, ldexp(x, f32(3)), ldexp(x, 3), --x");
  check_round_trip(*k);
}

TEST_CASE("names: clashing, unusable and missing ones") {
  Kernel k = kernel_of("kernel k(v1: f32[], x: f32[]) -> f32[] { s = v1 + x\n t = s * s\n t / s }");
  REQUIRE(k.nodes.size() == 5);
  k.nodes[2].name = "x";
  k.nodes[3].name = "not a name";
  CHECK(body_of(k) == "x_2 = v1 + x\n  v2 = x_2 * x_2\n  v2 / x_2");
  check_round_trip(k);
}

TEST_CASE("deep kernels print in bearable pieces") {
  Builder b("k", kNoOps);
  NodeId v = b.array("x", Type::f32);
  for (int i = 0; i < 3000; ++i) v = b.call(i % 2 == 0 ? "sqrt" : "neg", {v});
  b.result("", v);
  const auto k = b.finish();
  REQUIRE(k);
  check_round_trip(*k);
}

TEST_CASE("what no result needs is not printed") { CHECK(printed("d = x*x\ny", "f32[]") == "y"); }

TEST_CASE("literals print in their shortest exact form") {
  CHECK(print_literal(Type::f32, 0x3dcccccdu) == "0.1");
  CHECK(print_literal(Type::f64, 0x3fb999999999999aull) == "0.1");
  CHECK(print_literal(Type::f32, 1) == "1e-45");
  CHECK(print_literal(Type::f32, 0x80000000u) == "-0");
  CHECK(print_literal(Type::f32, 0xff800000u) == "-inf");
  CHECK(print_literal(Type::i32, 0x80000000u) == "-2147483648");
  CHECK(print_literal(Type::i64, ~0ull) == "-1");
  CHECK(print_literal(Type::f32, 0x7fc00000u) == "nan");
}

TEST_CASE("same: order and names do not matter, everything else does") {
  const auto k = [](const char* body) {
    return kernel_of(std::string("kernel k(x: f32[], y: f32[]) -> f32[] { ") + body + " }");
  };
  CHECK(same(k("a = x - y; b = y / x; b + a"), k("b = y / x; c = x - y; b + c")));
  CHECK_FALSE(same(k("x - y"), k("y - x")));
  CHECK_FALSE(same(k("x - 1"), k("x - 2")));
  CHECK_FALSE(same(k("fma(x, y, x)"), k("mul(x, y) + x")));
  CHECK_FALSE(same(k("p = x * y; p / p"), k("(x * y) / (x * y)")));
  CHECK_FALSE(same(k("x"), kernel_of("kernel k(x: f32[], y: f32) -> f32[] { x }")));
}
