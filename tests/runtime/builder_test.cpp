// Kernels built from C++: the same kernels as from text, and every mistake reported.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;

TEST_CASE("a kernel built and the same kernel written") {
  KernelBuilder b("mean_sigmoid");
  const Value x = b.array("x", Type::f32);
  const Value a = b.scalar("a", Type::f32);
  const Value c = b.scalar("b", Type::f32);
  b.result("y", b.call("mean", {b.call("sigmoid", {b.call("fma", {a, x, c})})}));
  const auto built = b.compile();
  if (!built) FAIL(built.error().text());
  const Kernel written = test::compiled("kernel k(x: f32[], a: f32, b: f32) -> f32 { mean(sigmoid(a*x + b)) }");
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.01f - 5;
  CHECK(test::bits(*built->value<float>({values, 0.7f, 0.1f})) ==
        test::bits(*written.value<float>({values, 0.7f, 0.1f})));
}

TEST_CASE("the builder never contracts") {
  KernelBuilder b("k");
  const Value x = b.array("x", Type::f32);
  const Value y = b.array("y", Type::f32);
  b.result("z", x * y - 1.0);
  const auto k = b.compile();
  if (!k) FAIL(k.error().text());
  // (1 + 2^-12)^2 - 1: the square rounds; fused it would not.
  const std::vector<float> v = {1 + 0x1p-12f};
  std::vector<float> out(1);
  REQUIRE(k->run({v, v}, {out}).ok());
  CHECK(out[0] == 0x1p-11f);
  CHECK(test::compiled("kernel k(x: f32[], y: f32[]) -> f32[] { x*y - 1 }").run({v, v}, {out}).ok());
  CHECK(out[0] == 0x1p-11f + 0x1p-24f);
}

TEST_CASE("literals take the type of the other operand") {
  KernelBuilder b("k");
  const Value x = b.array("x", Type::f64);
  const Value k = b.array("k", Type::i32);
  b.result("y", (1.0 - x) / 2.0 + -x);
  b.result("z", 3.0 * k + 1.0);
  b.result("w", b.convert(Type::f32, k));
  const auto built = b.compile();
  if (!built) FAIL(built.error().text());
  const std::vector<double> xs = {4};
  const std::vector<std::int32_t> ks = {5};
  std::vector<double> y(1);
  std::vector<std::int32_t> z(1);
  std::vector<float> w(1);
  REQUIRE(built->run({xs, ks}, {y, z, w}).ok());
  CHECK(y[0] == -5.5);
  CHECK(z[0] == 16);
  CHECK(w[0] == 5);
}

TEST_CASE("mistakes of a builder are collected") {
  KernelBuilder b("k");
  const Value x = b.array("x", Type::f32);
  const Value n = b.array("n", Type::i32);
  const Value wrong = x + n;
  b.call("sqart", {x});
  b.result("y", n + 0.5);
  b.result("z", wrong);
  const auto built = b.compile();
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().status == Status::invalid_text);
  CHECK(built.error().diagnostics.size() == 3);
  CHECK(built.error().text().find("sqrt") != std::string::npos);
}

TEST_CASE("values of another builder are refused") {
  KernelBuilder a("a"), b("b");
  const Value x = a.array("x", Type::f32);
  const Value y = b.array("y", Type::f32);
  b.result("z", x + y);
  CHECK_FALSE(b.compile().ok());
}

TEST_CASE("a kernel without results is refused") {
  KernelBuilder b("k");
  b.array("x", Type::f32);
  CHECK_FALSE(b.compile().ok());
}
