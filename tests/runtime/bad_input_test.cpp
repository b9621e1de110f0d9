// Input that no program should hand over, and some do: an error that says what is wrong, or what the contract says;
// results untouched where it is an error; never a signal.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::on_all;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Refused as an argument, with this in its message, and the result untouched.
void check_refused(const Result<void>& done, const char* says, float result = -1) {
  REQUIRE_FALSE(done.ok());
  CHECK(done.status() == Status::invalid_argument);
  INFO(done.error().text());
  CHECK(has(done.error().text(), says));
  CHECK(result == -1);
}

std::string repeated(std::size_t n, const char* part) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += part;
  return out;
}

Status status_of(const std::string& body, const std::string& extra_ops = "") {
  CompileOptions options;
  options.extra_ops = extra_ops;
  return compile("kernel k(x: f32[]) -> f32[] { " + body + " }", options).status();
}

}  // namespace

TEST_CASE("null arrays that have elements are refused, those that have none are not") {
  const auto null = [](std::size_t n) { return Arg(Type::f32, nullptr, n); };
  on_all("kernel k(x: f32[]) -> f32 { sum(x) }", [&](const Kernel& k) {
    float result = -1;
    check_refused(k.run({null(3)}, {result}), "'x' is null, but has 3 elements", result);
    check_refused(k.run({null(100000)}, {result}), "'x' is null", result);
    check_refused(k.run_rows({RowsArg(Type::f32, nullptr, 2, 3, 3)}, {std::span(&result, 1)}), "rows", result);
    check_refused(k.run_rows({RowsArg(Type::f32, nullptr, 1, 3, 3)}, {std::span(&result, 1)}), "'x' is null", result);
    CHECK(k.run({null(0)}, {result}).ok());
    CHECK(result == 0);
  });
  on_all("kernel k(x: f32[], y: f32[]) -> f32[] { x + y }", [&](const Kernel& k) {
    std::vector<float> x(4, 1), y(4, -1);
    const Out nowhere(Type::f32, nullptr, 4);
    check_refused(k.run({x, null(4)}, {y}), "'y' is null, but has 4 elements", y[0]);
    check_refused(k.run({x, x}, {nowhere}), "is null, but has 4 elements");
    CHECK(k.run({null(0), null(0)}, {Out(Type::f32, nullptr, 0)}).ok());
  });
  CHECK(std::isnan(sum(std::span<const float>(static_cast<const float*>(nullptr), 3))));
  CHECK_FALSE(max(std::span<const float>(static_cast<const float*>(nullptr), 3)).has_value());
}

TEST_CASE("more elements than memory can have are refused") {
  on_all("kernel k(x: f32[]) -> f32 { sum(x) }", [](const Kernel& k) {
    float x[4] = {}, result = -1;
    for (const std::size_t n : {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 4, SIZE_MAX / 8 + 1})
      check_refused(k.run({Arg(Type::f32, x, n)}, {result}), "larger than memory can be", result);
  });
  on_all("kernel k(x: f64[]) -> f64[] { x + 1 }", [](const Kernel& k) {
    double x[4] = {-1, -1, -1, -1};
    for (const std::size_t n : {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 8 + 1, std::size_t{1} << 61})
      check_refused(k.run({Arg(Type::f64, x, n)}, {Out(Type::f64, x, n)}), "larger than memory can be",
                    static_cast<float>(x[0]));
  });
}

TEST_CASE("numbers that are no type, no ISA and no back end") {
  on_all("kernel k(x: f32[]) -> f32 { sum(x) }", [](const Kernel& k) {
    float x[4] = {}, result = -1;
    check_refused(k.run({Arg(static_cast<Type>(77), x, 4)}, {result}), "no type", result);
  });
  CompileOptions options;
  options.isa = static_cast<Isa>(77);
  CHECK(compile("kernel k(x: f32[]) -> f32 { sum(x) }", options).status() == Status::invalid_argument);
  options.isa.reset();
  options.backend = static_cast<Backend>(77);
  CHECK(compile("kernel k(x: f32[]) -> f32 { sum(x) }", options).status() == Status::invalid_argument);
  options.backend = Backend::automatic;
  options.vector_bits = -3;
  CHECK(compile("kernel k(x: f32[]) -> f32 { sum(x) }", options).status() == Status::invalid_argument);
  KernelBuilder builder("k");
  const Value x = builder.array("x", static_cast<Type>(77));
  builder.result("", x + builder.constant(static_cast<Type>(78), 1) + builder.convert(static_cast<Type>(79), x));
  CHECK(builder.compile().status() == Status::invalid_text);
}

TEST_CASE("integer division by zero, and of what has no quotient, is what the contract says") {
  on_all("kernel k(x: i32[], y: i32[]) -> (q: i32[], r: i32[]) { x / y, rem(x, y) }", [](const Kernel& k) {
    constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
    const std::vector<std::int32_t> x = {7, -7, 0, kLeast, kLeast, kLeast, 5}, y = {0, 0, 0, 0, -1, 1, -1};
    std::vector<std::int32_t> q(7), r(7);
    REQUIRE(k.run({x, y}, {q, r}));
    CHECK(q == std::vector<std::int32_t>{0, 0, 0, 0, kLeast, kLeast, -5});
    CHECK(r == std::vector<std::int32_t>{7, -7, 0, kLeast, 0, 0, 0});
  });
  on_all("kernel k(x: i64[], y: i64[]) -> (q: i64[], r: i64[]) { x / y, rem(x, y) }", [](const Kernel& k) {
    constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
    const std::vector<std::int64_t> x = {7, -7, 0, kLeast, kLeast, kLeast, 5}, y = {0, 0, 0, 0, -1, 1, -1};
    std::vector<std::int64_t> q(7), r(7);
    REQUIRE(k.run({x, y}, {q, r}));
    CHECK(q == std::vector<std::int64_t>{0, 0, 0, 0, kLeast, kLeast, -5});
    CHECK(r == std::vector<std::int64_t>{7, -7, 0, kLeast, 0, 0, 0});
  });
}

TEST_CASE("text that is too deep or too long") {
  constexpr std::size_t kMany = 100000;
  CHECK(status_of(repeated(kMany, "(") + "x" + repeated(kMany, ")")) == Status::invalid_text);
  CHECK(status_of(repeated(kMany, "sqrt(") + "x" + repeated(kMany, ")")) == Status::invalid_text);
  CHECK(status_of(repeated(kMany, "-") + "x") == Status::invalid_text);
  CHECK(status_of("x" + repeated(kMany, " + x")) == Status::invalid_text);
  CHECK(status_of(repeated(50000, "rare(x < 0) { ") + "x" + repeated(50000, "}")) == Status::invalid_text);
  CHECK(status_of(repeated(kMany, "{")) == Status::invalid_text);
  CHECK(status_of(repeated(kMany, "(")) == Status::invalid_text);
  CHECK(status_of("sum(x" + repeated(kMany, " where x") + ")") == Status::invalid_text);
  CHECK(status_of("f(x" + repeated(kMany, ", x") + ")") == Status::invalid_text);
  CHECK(status_of(std::string(1 << 19, 'x')) == Status::invalid_text);
  CHECK(status_of("x # " + std::string(1 << 19, '#') + "\n") == Status::ok);
  CHECK(status_of("x + 1e" + std::string(1 << 19, '9')) == Status::invalid_text);
  CHECK(status_of("x # " + std::string(1 << 22, '#') + "\n") == Status::too_large);  // a text of more than 1 MiB
  std::string many, chain;
  for (int i = 0; i < 5000; ++i) {
    many += "p" + std::to_string(i) + ": f32[], ";
    chain += "op o" + std::to_string(i) + "(x: f32) -> f32\n  doc \"o\"\n  bound fast 1 ulp\n  ref o\n{ o" +
             std::to_string(i + 1) + "(x) + 1 }\n";
  }
  const auto wide = compile("kernel k(" + many + "q: f32[]) -> f32[] { q }");
  CHECK((wide.ok() || wide.status() == Status::invalid_text || wide.status() == Status::too_large));
  CHECK(status_of("o0(x)", chain) != Status::ok);  // o5000 is missing
  chain += "op o5000(x: f32) -> f32\n  doc \"o\"\n  bound fast 1 ulp\n  ref o\n{ x }\n";
  const Status deep = status_of("o0(x)", chain);
  CHECK((deep == Status::too_large || deep == Status::invalid_text));
}

TEST_CASE("a builder of 100,000 steps is too large; 2,000 of them, each on the one before, are not") {
  const auto chain = [](int n) {
    KernelBuilder builder("chain");
    Value v = builder.array("x", Type::f32);
    for (int i = 0; i < n; ++i) v = i % 2 == 0 ? v * 0.5 : v + 1;
    builder.result("", v);
    return builder.compile();
  };
  CHECK(chain(5000).status() == Status::too_large);
  CHECK(chain(100000).status() == Status::too_large);
  const auto most = chain(2000);
  REQUIRE(most.ok());
  const std::vector<float> x = test::numbers(1000);
  std::vector<float> y(1000), z(1000);
  REQUIRE(most->run({x}, {y}));
  on_all(most->text(), [&](const Kernel& k) {
    REQUIRE(k.run({x}, {z}));
    CHECK(test::same_bits(y, z));
  });
}
