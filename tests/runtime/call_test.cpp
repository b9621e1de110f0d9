// Calling kernels: what is checked before anything runs, and that nothing is written when it is refused.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::compiled;

namespace {

const char* kAxpy = "kernel axpy(x: f32[], y: f32[], a: f32) -> f32[] { a*x + y }";

/// The refusal of a call; fails if it was not refused.
std::string refusal(const Result<void>& done, Status status = Status::invalid_argument) {
  REQUIRE_FALSE(done.ok());
  CHECK(done.status() == status);
  return done.error().text();
}

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a kernel runs, whichever back end") {
  for (const Backend b : {Backend::automatic, Backend::fallback, Backend::interpreter}) {
    const Kernel k = compiled(kAxpy, b);
    const std::vector<float> x = {1, 2, 3}, y = {10, 20, 30};
    std::vector<float> out(3);
    REQUIRE(k.run({x, y, 2.0f}, {out}).ok());
    CHECK(out == std::vector<float>{12, 24, 36});
    CHECK(k.name() == "axpy");
    CHECK(k.parameters().size() == 3);
    CHECK(k.parameters()[2].name == "a");
    CHECK_FALSE(k.parameters()[2].array);
    CHECK(k.results().size() == 1);
    CHECK_FALSE(k.origin().empty());
    if (b == Backend::interpreter) CHECK(k.origin().find("interpreter") == 0);
  }
}

TEST_CASE("the number, kind, type and length of arguments are checked") {
  const Kernel k = compiled(kAxpy);
  const std::vector<float> x(8), y(8), shorter(7);
  const std::vector<std::int32_t> ints(8);
  std::vector<float> out(8, 5.0f);
  std::vector<double> doubles(8);
  std::vector<float> small(7);
  float one = 0;
  CHECK(has(refusal(k.run({x, y}, {out})), "3"));
  refusal(k.run({x, y, 1.0f, 2.0f}, {out}));
  refusal(k.run({x, y, 1.0f}, {}));
  refusal(k.run({x, y, 1.0f}, {out, out}));
  const std::string type = refusal(k.run({ints, y, 1.0f}, {out}));
  CHECK((has(type, "x") && has(type, "f32") && has(type, "i32")));
  const std::string scalar_type = refusal(k.run({x, y, 1.0}, {out}));
  CHECK((has(scalar_type, "a") && has(scalar_type, "f64")));
  const std::string length = refusal(k.run({x, shorter, 1.0f}, {out}));
  CHECK((has(length, "y") && has(length, "7") && has(length, "8")));
  refusal(k.run({x, 1.0f, 1.0f}, {out}));
  refusal(k.run({x, y, x}, {out}));
  refusal(k.run({x, y, 1.0f}, {doubles}));
  refusal(k.run({x, y, 1.0f}, {small}));
  refusal(k.run({x, y, 1.0f}, {one}));
  CHECK(out == std::vector<float>(8, 5.0f));
}

TEST_CASE("an output may be an input, exactly") {
  const Kernel k = compiled(kAxpy);
  std::vector<float> x = {1, 2, 3, 4, 5}, y = {1, 1, 1, 1, 1};
  REQUIRE(k.run({x, y, 2.0f}, {x}).ok());
  CHECK(x == std::vector<float>{3, 5, 7, 9, 11});
  REQUIRE(k.run({x, x, 1.0f}, {x}).ok());
  CHECK(x == std::vector<float>{6, 10, 14, 18, 22});
}

TEST_CASE("partial overlap is refused and nothing is written") {
  const Kernel k = compiled(kAxpy);
  std::vector<float> x(100), y(100, 1.0f);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  const std::vector<float> before = x;
  const std::span<float> all(x);
  for (const std::size_t shift : {1u, 3u, 16u, 49u}) {
    const std::string after = refusal(k.run({all.first(50), std::span(y).first(50), 2.0f}, {all.subspan(shift, 50)}));
    CHECK(has(after, "overlap"));
    refusal(k.run({all.subspan(shift, 50), std::span(y).first(50), 2.0f}, {all.first(50)}));
    CHECK(x == before);
  }
  // Neighbours do not overlap.
  CHECK(k.run({all.first(50), std::span(y).first(50), 2.0f}, {all.subspan(50, 50)}).ok());
}

TEST_CASE("two outputs may not overlap at all") {
  const Kernel k = compiled("kernel two(x: f32[]) -> (a: f32[], b: f32[], s: f32) { x + 1, x + 2, sum(x) }");
  std::vector<float> x(20, 1.0f), out(40, 9.0f), other(20);
  const std::vector<float> before = out;
  float s = 7;
  refusal(k.run({x}, {out, other, s}));  // 40 elements for 20
  refusal(k.run({x}, {std::span(out).first(20), std::span(out).first(20), s}));
  refusal(k.run({x}, {std::span(out).first(20), std::span(out).subspan(19, 20), s}));
  refusal(k.run({x}, {other, x, other[3]}));  // a scalar result inside an array result
  CHECK(out == before);
  CHECK(s == 7);
  CHECK(k.run({x}, {std::span(out).first(20), std::span(out).subspan(20, 20), s}).ok());
  CHECK(s == 20);
}

TEST_CASE("an output over a scalar result's input is seen before it is written") {
  // The scalar result lies inside the input: as if the input had been copied first.
  const Kernel k = compiled("kernel s(x: f32[]) -> f32 { sum(x) }");
  std::vector<float> x = {1, 2, 3};
  const auto done = k.run({x}, {x[1]});
  if (done.ok())
    CHECK(x[1] == 6);
  else
    CHECK(x == std::vector<float>{1, 2, 3});
}

TEST_CASE("no elements") {
  const std::vector<float> none;
  std::vector<float> out;
  CHECK(compiled("kernel k(x: f32[]) -> f32[] { x + 1 }").run({none}, {out}).ok());
  CHECK(*compiled("kernel k(x: f32[]) -> f32 { sum(x) }").value<float>({none}) == 0);
  CHECK(std::isnan(*compiled("kernel k(x: f32[]) -> f32 { mean(x) }").value<float>({none})));
  for (const Backend b : {Backend::automatic, Backend::fallback, Backend::interpreter}) {
    const Kernel k = compiled("kernel k(x: f32[]) -> (lo: f32, s: f32) { min(x), sum(x) }", b);
    float lo = 3, s = 4;
    refusal(k.run({none}, {lo, s}), Status::empty);
    CHECK(lo == 3);
    CHECK(s == 4);
  }
}

TEST_CASE("masks are bytes") {
  const Kernel k = compiled("kernel k(x: f32[]) -> m32[] { x > 0 }");
  const std::vector<float> x = {1, -1, 0, 2};
  std::vector<std::uint8_t> out(4, 9);
  REQUIRE(k.run({x}, {out}).ok());
  CHECK(out == std::vector<std::uint8_t>{1, 0, 0, 1});
}

TEST_CASE("the best of the host is a cap away") {
  CompileOptions options;
  options.isa = Isa::avx2;
  options.vector_bits = 128;
  const auto k = compile("kernel k(x: f32[]) -> f32 { sum(x) }", options);
  REQUIRE(k.ok());
  if (k->backend() == Backend::jit) {
    CHECK(k->isa() == std::min(Isa::avx2, host_isa()));
    CHECK(k->vector_bits() == 128);
  }
  options.vector_bits = 100;
  CHECK_FALSE(compile("kernel k(x: f32[]) -> f32 { sum(x) }", options).ok());
}

TEST_CASE("expressions over free names") {
  const auto k = compile_expression("mean(a*x + b)", {{"x", true, Type::f32}, {"a", false, {}}, {"b", false, {}}});
  REQUIRE(k.ok());
  const std::vector<float> x = {1, 2, 3};
  CHECK(*k->value<float>({x, 2.0f, 1.0f}) == 5);
}

TEST_CASE("ops of one's own") {
  CompileOptions options;
  options.extra_ops = "op twice(x: f32) -> f32\n  doc \"two x\"\n{ x + x }\n";
  const auto k = compile("kernel k(x: f32[]) -> f32[] { twice(x) }", options);
  if (!k) FAIL(k.error().text());
  std::vector<float> x = {1, 2};
  REQUIRE(k->run({x}, {x}).ok());
  CHECK(x == std::vector<float>{2, 4});
  CHECK_FALSE(compile("kernel k(x: f32[]) -> f32[] { twice(x) }").ok());
}

TEST_CASE("ops of one's own do not replace what is there") {
  CompileOptions options;
  options.extra_ops = "op exp(x: f32) -> f32 { x }\n";
  const auto taken = compile("kernel k(x: f32[]) -> f32[] { exp(x) }", options);
  REQUIRE_FALSE(taken.ok());
  CHECK(has(taken.error().text(), "extra_ops:1:4: error: op 'exp' of (f32) is there already"));
  options.extra_ops = "op mine(x: f32) -> f32 { x + 1 }\nop exp(x: i32) -> f32 { sigmoid(f32(x)) }\n";
  CHECK(compile("kernel k(x: f32[], i: i32[]) -> f32[] { mine(x) + exp(i) + exp(x) }", options).ok());
  // Neither by the kernel's own text, of what is built in or of extra_ops.
  for (const char* name : {"exp", "mine"}) {
    const auto again =
        compile("op " + std::string(name) + "(x: f32) -> f32 { x }\nkernel k(x: f32[]) -> f32[] { x }", options);
    REQUIRE_FALSE(again.ok());
    CHECK(has(again.error().text(), "is there already"));
  }
  options.extra_ops = "op part.mine(x: f32) -> f32 { x }\n";
  CHECK(has(compile("kernel k(x: f32[]) -> f32[] { x }", options).error().text(),
            "extra_ops:1:4: error: op 'part.mine': names that begin with 'part.' are kept"));
  options.extra_ops = "op partial(x: f32) -> f32 { x }\n";
  CHECK(compile("kernel k(x: f32[]) -> f32[] { partial(x) }", options).ok());
  options.extra_ops = "kernel other(x: f32[]) -> f32[] { x }\n";
  CHECK(has(compile("kernel k(x: f32[]) -> f32[] { x }", options).error().text(), "kernel 'other' is among the ops"));
}
