// Results over arguments: in place is as if all inputs had been copied first, for kernels of several passes and
// several results, within a block and beyond it, on every target; any other overlap is refused with nothing written.
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::numbers;
using test::on_all;
using test::same_bits;

namespace {

constexpr std::size_t kLengths[] = {1, 5, 64, 1003, 8192, 8192 * 3 + 37};

/// Kernels of two arrays, a scalar, and two array results with a scalar between them.
const char* const kTwoResults[] = {
    // One pass; each result is made of the other's argument.
    "kernel swap(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) { y, a, x }",
    "kernel mix(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) { a*x + y, sum(x*y), x - y }",
    // Two and three passes; the first result is known after one of them.
    "kernel two(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) { y + sum(x), max(y), x * mean(y) }",
    "kernel three(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) {\n"
    "  d = x - mean(x)\n  z = d / sqrt(mean(d*d))\n  y * a, sum(z * y), exp(z - max(z)) + y\n}",
    "kernel ops(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) {\n"
    "  softmax(y) + layer_norm(x, y, x, 1e-5), sum(zscore(x)), minmax_normalize(x) * normalize(y)\n}",
    // An array filled with what is known only at the end.
    "kernel fill(x: f32[], y: f32[], a: f32) -> (u: f32[], s: f32, v: f32[]) { sum(x - mean(y)), min(x), y }",
};

struct Answer {
  std::vector<float> u, v;
  float s = 0;
};

Answer apart(const Kernel& k, const std::vector<float>& x, const std::vector<float>& y) {
  Answer out{std::vector<float>(x.size()), std::vector<float>(x.size())};
  REQUIRE(k.run({x, y, 1.5f}, {out.u, out.s, out.v}).ok());
  return out;
}

}  // namespace

TEST_CASE("in place is as if the inputs had been copied") {
  for (const char* text : kTwoResults)
    on_all(text, [](const Kernel& k) {
      for (const std::size_t n : kLengths) {
        INFO(k.name() << ", n = " << n);
        const auto x = numbers(n, 3), y = numbers(n, 4);
        const Answer right = apart(k, x, y);
        for (const bool crossed : {false, true}) {
          auto in_x = x, in_y = y;
          std::vector<float>&u = crossed ? in_y : in_x, &v = crossed ? in_x : in_y;
          float s = 0;
          REQUIRE(k.run({in_x, in_y, 1.5f}, {u, s, v}).ok());
          CHECK(same_bits(u, right.u));
          CHECK(same_bits(v, right.v));
          CHECK(test::bits(s) == test::bits(right.s));
        }
        // One array for both arguments and a result; the scalar result over an element of an argument.
        const Answer both = apart(k, x, x);
        auto in = x;
        std::vector<float> v(n);
        float s = 0;
        REQUIRE(k.run({in, in, 1.5f}, {in, s, v}).ok());
        CHECK((same_bits(in, both.u) && same_bits(v, both.v)));
        in = x;
        std::vector<float> u(n);
        REQUIRE(k.run({in, in, 1.5f}, {u, in[n / 2], v}).ok());
        CHECK((same_bits(u, both.u) && same_bits(v, both.v) && test::bits(in[n / 2]) == test::bits(both.s)));
      }
    });
}

TEST_CASE("in place between types of one width") {
  on_all("kernel k(x: f32[]) -> i32[] { i32(x - min(x)) }", [](const Kernel& k) {
    for (const std::size_t n : kLengths) {
      const auto x = numbers(n);
      std::vector<std::int32_t> right(n);
      REQUIRE(k.run({x}, {right}).ok());
      auto in = x;
      REQUIRE(k.run({in}, {Out(Type::i32, in.data(), n)}).ok());
      CHECK(std::memcmp(in.data(), right.data(), n * 4) == 0);
    }
  });
}

TEST_CASE("partial overlap is refused, and nothing is written") {
  for (const char* text : kTwoResults)
    on_all(text, [](const Kernel& k) {
      for (const std::size_t n : kLengths) {
        INFO(k.name() << ", n = " << n);
        const auto before = numbers(8 * n + 8);
        auto memory = before;
        float* const p = memory.data();
        float s = 7;
        const auto at = [&](std::size_t begin, std::size_t length) { return std::span(p + begin, length); };
        const auto refused = [&](std::span<float> x, std::span<float> y, std::span<float> u, std::span<float> v,
                                 Out scalar, const char* part) {
          const auto done = k.run({x, y, 1.5f}, {u, scalar, v});
          REQUIRE_FALSE(done.ok());
          CHECK(done.status() == Status::invalid_argument);
          INFO(done.error().text());
          CHECK(done.error().text().find(part) != std::string::npos);
          CHECK((same_bits(memory, before) && s == 7));
        };
        const auto x = at(0, n), y = at(n, n), u = at(3 * n, n), v = at(5 * n, n);
        refused(x, y, u, u, s, "results 'u' and 'v' overlap");
        refused(x, y, x, x, s, "results 'u' and 'v' overlap");
        refused(x, y, u, v, p[3 * n], "results 'u' and 's' overlap");
        refused(x, y, u, v, p[6 * n - 1], "results 's' and 'v' overlap");
        if (n == 1) continue;
        refused(x, y, u, at(4 * n - 1, n), s, "results 'u' and 'v' overlap");
        refused(x, y, at(1, n), v, s, "result 'u' overlaps argument");
        refused(x, y, u, at(2 * n - 1, n), s, "result 'v' overlaps argument 'y' in part");
        refused(x, at(7 * n, n), u, at(7 * n + 1, n), s, "result 'v' overlaps argument 'y' in part");
        refused(at(1, n), at(7 * n, n), at(0, n), v, s, "result 'u' overlaps argument 'x' in part");
      }
    });
}

TEST_CASE("empty arrays overlap nothing, wherever they are said to begin") {
  on_all("kernel k(x: f32[]) -> (u: f32[], s: f64) { x + 1, f64(sum(x)) + 1 }", [](const Kernel& k) {
    double s = 7;
    float* const inside = reinterpret_cast<float*>(&s) + 1;
    REQUIRE(k.run({std::span(inside, 0)}, {std::span(inside, 0), s}).ok());
    CHECK(s == 1);
  });
}
