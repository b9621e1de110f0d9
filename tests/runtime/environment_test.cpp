// A caller's floating-point environment (flush to zero, another rounding) changes no bit, and is left as it was.
#include <catch2/catch.hpp>

#include <xmmintrin.h>

#include <cstring>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::compiled;

namespace {

/// Sets MXCSR for its life time.
class Environment {
 public:
  explicit Environment(unsigned control) : before_(_mm_getcsr()) { _mm_setcsr(control); }
  ~Environment() { _mm_setcsr(before_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  unsigned before_;
};

constexpr unsigned kFlags = 0x3f;  // what was raised so far is not specified

std::vector<float> inputs(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t b = static_cast<std::uint32_t>(i * 2654435761u);
    // A third subnormal, a third near the smallest normal, a third ordinary.
    const std::uint32_t bits = i % 3 == 0   ? b & 0x807fffff
                               : i % 3 == 1 ? (b & 0x80ffffff) | 0x00800000
                                            : b % 0x41000000;
    std::memcpy(&x[i], &bits, 4);
  }
  return x;
}

}  // namespace

TEST_CASE("flush to zero and rounding modes change nothing") {
  const char* kTexts[] = {
      "kernel k(x: f32[], a: f32) -> (y: f32[], s: f32) { x * a, sum(x * a) }",
      "kernel k(x: f32[], a: f32) -> (y: f32[], s: f32) { x / 3 + a, mean(x) }",
      "kernel k(x: f32[], a: f32) -> (y: f32[], s: f32) { exp(x) * a, max(abs(x)) }",
      "kernel k(x: f32[], a: f32) -> (y: f32[], s: f32) { d = x - mean(x); sqrt(abs(d)), sum(d*d) + a*a }",
  };
  for (const Backend backend : {Backend::automatic, Backend::interpreter})
    for (const char* text : kTexts) {
      const Kernel k = compiled(text, backend);
      for (const std::size_t n : {1u, 5u, 100u, 9000u}) {
        const std::vector<float> x = inputs(n);
        std::vector<float> right(n), y(n);
        float right_s = 0, s = 0;
        REQUIRE(k.run({x, 0.3f}, {right, right_s}).ok());
        // FTZ; DAZ; both; rounding down, up, to zero; all of it at once. Exceptions stay masked.
        for (const unsigned control : {0x9f80u, 0x1fc0u, 0x9fc0u, 0x3f80u, 0x5f80u, 0x7f80u, 0xffc0u}) {
          INFO(text << " " << k.origin() << " n = " << n << " mxcsr = " << control);
          unsigned after = 0;
          bool ok = false;
          {
            const Environment set(control);
            ok = k.run({x, 0.3f}, {y, s}).ok();
            after = _mm_getcsr();
          }
          CHECK(ok);
          CHECK((after & ~kFlags) == (control & ~kFlags));
          CHECK(std::memcmp(y.data(), right.data(), n * 4) == 0);
          CHECK(test::bits(s) == test::bits(right_s));
        }
      }
    }
}

TEST_CASE("reductions with no set-up are as safe") {
  const std::vector<float> x = inputs(10000);
  const float right = sum(x), right_mean = mean(x), right_dot = *dot(x, x);
  float got = 0, got_mean = 0, got_dot = 0;
  {
    const Environment set(0xffc0);
    got = sum(x);
    got_mean = mean(x);
    got_dot = *dot(x, x);
  }
  CHECK(test::bits(got) == test::bits(right));
  CHECK(test::bits(got_mean) == test::bits(right_mean));
  CHECK(test::bits(got_dot) == test::bits(right_dot));
}

TEST_CASE("compiling under a strange environment gives the same kernel") {
  const char* text = "kernel k(x: f32[]) -> f32[] { x * 1e-39 + (0.1 + 0.2) * 1e-38 / 3 }";
  const std::vector<float> x = inputs(100);
  std::vector<float> right(100), y(100);
  REQUIRE(compiled(text).run({x}, {right}).ok());
  // Another name, so that no cache answers.
  std::string other = text;
  other.replace(7, 1, "other");
  CompileOptions options;
  unsigned after = 0;
  Result<Kernel> k = Error(Status::internal, "not compiled");
  {
    const Environment set(0xffc0);
    k = compile(other, options);
    after = _mm_getcsr();
  }
  CHECK((after & ~kFlags) == (0xffc0u & ~kFlags));
  if (!k) FAIL(k.error().text());
  REQUIRE(k->run({x}, {y}).ok());
  CHECK(std::memcmp(y.data(), right.data(), 400) == 0);
}
