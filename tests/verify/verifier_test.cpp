// Can the verifier fail? Runs that are wrong in one way each, as generated code would be, must be found.
#include "runtime/verify.h"

#include <catch2/catch.hpp>

#include <cstring>
#include <functional>
#include <set>
#include <vector>

#include "ir/interpret.h"
#include "tests/verify/subjects.h"

using namespace trueno;
using runtime::Report;

namespace {

using Wrong = std::function<void(const float* x, float* y, std::size_t n)>;

/// y = x + 1 done right, then spoiled.
Report spoiled(const Wrong& wrong) {
  runtime::Verifier verifier(test::kernel_of("kernel k(x: f32[]) -> f32[] { x + 1 }"));
  return verifier.check("wrong", 64, [&](std::span<const Arg> args, std::span<const Out> outs) -> Result<void> {
    const float* x = static_cast<const float*>(args[0].data);
    float* y = static_cast<float*>(outs[0].data);
    const std::size_t n = args[0].length;
    const std::vector<float> copy(x, x + n);
    for (std::size_t i = 0; i < n; ++i) {
      const float r = copy[i] + 1;
      const std::uint32_t nan = 0x7fc00000;
      std::memcpy(&y[i], &r, 4);
      if (r != r) std::memcpy(&y[i], &nan, 4);
    }
    wrong(copy.data(), y, n);
    return {};
  });
}

}  // namespace

TEST_CASE("the verifier passes what is right") {
  const Report report = spoiled([](const float*, float*, std::size_t) {});
  INFO(report.describe());
  CHECK(report.outcome == Report::Outcome::same);
  CHECK(report.runs > 1000);
}

TEST_CASE("lengths and placements in turn are fewer runs, but every length and every placement") {
  struct Seen {
    std::set<std::size_t> lengths, misalignments;
    bool in_place = false;
    std::uint64_t runs = 0;
  };
  const auto see = [](bool in_turn) {
    Seen seen;
    runtime::VerifyOptions options;
    options.in_turn = in_turn;
    runtime::Verifier verifier(test::kernel_of("kernel k(x: f32[]) -> f32[] { x + 1 }"), options);
    const auto right = test::kernel_of("kernel k(x: f32[]) -> f32[] { x + 1 }");
    const Report report =
        verifier.check("right", 64, [&](std::span<const Arg> args, std::span<const Out> outs) -> Result<void> {
          seen.lengths.insert(args[0].length);
          seen.misalignments.insert(reinterpret_cast<std::uintptr_t>(args[0].data) % 64);
          seen.in_place |= args[0].data == outs[0].data;
          const void* params[] = {args[0].data};
          void* results[] = {outs[0].data};
          return ir::interpret(right, params, results, static_cast<std::int64_t>(args[0].length));
        });
    CHECK(report.ok());
    seen.runs = report.runs;
    return seen;
  };
  const Seen all = see(false), some = see(true);
  CHECK(some.runs * 4 < all.runs);
  CHECK(some.lengths == all.lengths);
  CHECK(some.misalignments.size() == 16);
  CHECK(some.in_place);
}

TEST_CASE("the verifier finds one bit") {
  const Report report = spoiled([](const float*, float* y, std::size_t n) {
    if (n == 13) reinterpret_cast<std::uint8_t*>(y)[48] ^= 1;
  });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->n == 13);
  CHECK(report.mismatch->index == 12);
  CHECK((report.mismatch->expected ^ report.mismatch->actual) == 1);
  CHECK(report.describe().find("p1") == std::string::npos);
  CHECK(report.describe().find("kernel") != std::string::npos);
}

TEST_CASE("the verifier finds a NaN that is not canonical") {
  const Report report = spoiled([](const float* x, float* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      if (x[i] != x[i]) std::memcpy(&y[i], &x[i], 4);
  });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->expected == 0x7fc00000);
}

TEST_CASE("the verifier finds a store past the end") {
  const Report report = spoiled([](const float*, float* y, std::size_t n) { y[n] = 0; });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->what.find("wrote to byte") != std::string::npos);
}

TEST_CASE("the verifier finds a read past the end") {
  volatile float sink = 0;
  runtime::Verifier verifier(test::kernel_of("kernel k(x: f32[]) -> i64 { count() }"));
  const Report report =
      verifier.check("wrong", 64, [&](std::span<const Arg> args, std::span<const Out> outs) -> Result<void> {
        const std::int64_t n = static_cast<std::int64_t>(args[0].length);
        std::memcpy(outs[0].data, &n, sizeof n);
        sink = static_cast<const volatile float*>(args[0].data)[n];
        return {};
      });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->what.find("SIGSEGV") != std::string::npos);
  CHECK(report.mismatch->where.find("guard page") != std::string::npos);
}

TEST_CASE("the verifier finds an input that was written to") {
  runtime::Verifier verifier(test::kernel_of("kernel k(x: f32[]) -> f32 { min(x) }"));
  const Report report =
      verifier.check("wrong", 64, [&](std::span<const Arg> args, std::span<const Out>) -> Result<void> {
        if (args[0].length == 0) return Error(Status::empty, "nothing");
        static_cast<float*>(const_cast<void*>(args[0].data))[0] = -1e30f;
        return {};
      });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->what.find("written to") != std::string::npos);
}

TEST_CASE("the verifier finds code that only works on distinct arrays") {
  runtime::Verifier verifier(test::kernel_of("kernel k(x: f32[], y: f32[]) -> f32[] { x + sum(y) * 0 }"));
  const Report report =
      verifier.check("wrong", 64, [&](std::span<const Arg> args, std::span<const Out> outs) -> Result<void> {
        const float* x = static_cast<const float*>(args[0].data);
        const float* y = static_cast<const float*>(args[1].data);
        float* out = static_cast<float*>(outs[0].data);
        const std::uint32_t nan = 0x7fc00000;
        // Stores x before it reads y.
        for (std::size_t i = 0; i < args[0].length; ++i) out[i] = x[i];
        float zero = 0;
        for (std::size_t i = 0; i < args[0].length; ++i) zero += y[i] * 0;
        for (std::size_t i = 0; i < args[0].length; ++i) {
          const float r = out[i] + zero + (out == y ? 1.0f : 0.0f);
          std::memcpy(&out[i], &r, 4);
          if (r != r) std::memcpy(&out[i], &nan, 4);
        }
        return {};
      });
  REQUIRE(report.outcome == Report::Outcome::different);
  CHECK(report.mismatch->where.find("in place") != std::string::npos);
}

TEST_CASE("two kernels can be compared") {
  const auto compiled = [](const char* text, Backend backend) {
    CompileOptions options;
    options.backend = backend;
    Result<Kernel> k = compile(text, options);
    if (!k) FAIL(k.error().text());
    return *std::move(k);
  };
  const char* text = "kernel k(x: f32[], a: f32) -> f32 { sum(a*x) }";
  const Kernel judge = compiled(text, Backend::interpreter);
  CHECK(runtime::verify(compiled(text, Backend::automatic), judge, test::possible({})).ok());
  const Report report =
      runtime::verify(compiled("kernel k(x: f32[], a: f32) -> f32 { a*sum(x) }", Backend::automatic), judge);
  CHECK(report.outcome == Report::Outcome::different);
}
