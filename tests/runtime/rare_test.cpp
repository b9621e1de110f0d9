// A pass that no condition asks for does nothing: it does not even look at its arrays, which here cannot be read. One
// that is asked for faults on them; so the test would notice if conditions were not looked at, or only sometimes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/verify_memory.h"
#include "tests/runtime/compiled.h"

using namespace trueno;
using test::numbers;
using test::on_all;

namespace {

constexpr std::size_t kMost = 40000;
const std::size_t kLengths[] = {1, 5, 64, 1000, 8192, 8193, kMost};

/// An array that cannot be read: its first page is inaccessible, which is enough, as every target begins there.
class Unreadable {
 public:
  Unreadable() : pages_(8) {}
  bool ok() const { return pages_.ok(); }
  std::span<const float> array(std::size_t n) const { return {reinterpret_cast<const float*>(pages_.end()), n}; }

 private:
  runtime::GuardedPages pages_;
};

/// Each reads y if a is 100 and does not if it is 0; x is between -2 and 2.
const char* const kKernels[] = {
    "kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(max(abs(x)) < a, sum(y*y), sum(x)) }",
    "kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(a > 0, sum(y), sum(x)) }",
    "kernel k(x: f32[], y: f32[], a: f32) -> f32 { rare(max(abs(x)) < a, variance(y), sum(x)) }",
    "kernel k(x: f32[], y: f32[], a: f32) -> f32 { c = rare(max(abs(x)) < a, sum.comp(y), sum(x)); sum(x - c) }",
};

}  // namespace

TEST_CASE("a pass that is not asked for reads nothing") {
  const Unreadable y;
  REQUIRE(y.ok());
  const runtime::FaultCatcher catcher;
  const auto x = numbers(kMost);
  for (const char* text : kKernels)
    on_all(text, [&](const Kernel& k) {
      if (k.backend() == Backend::interpreter) return;  // which computes everything
      for (const std::size_t n : kLengths) {
        INFO(text << ", n " << n);
        const auto run = [&](float a) {
          float result = 0;
          return catcher.run([&] { (void)k.run({std::span(x).first(n), y.array(n), a}, {result}); }).signal;
        };
        CHECK(run(0) == 0);
        if (k.backend() == Backend::jit) CHECK(run(100) != 0);  // a fault in the fallback leaves its memory behind
      }
    });
}

TEST_CASE("row by row, only those that ask for it read what it takes") {
  constexpr std::size_t kRows = 4;
  const Unreadable unreadable;
  REQUIRE(unreadable.ok());
  const runtime::FaultCatcher catcher;
  for (const char* text : kKernels)
    on_all(text, [&](const Kernel& k) {
      if (k.backend() == Backend::interpreter) return;
      for (const std::size_t n : {5, 1000, 9000}) {
        INFO(text << ", n " << n);
        const auto x = numbers(kRows * n);
        const auto y = unreadable.array(n);
        float results[kRows] = {};
        std::vector<float> a(kRows, 0.0f);
        const auto run = [&] {
          return catcher.run([&] {
            (void)k.run_rows({Matrix(x.data(), kRows, n), y, std::span<const float>(a)}, {std::span<float>(results)});
          });
        };
        CHECK(run().signal == 0);
        a[2] = 100;
        if (k.backend() == Backend::jit) CHECK(run().signal != 0);
      }
    });
}

TEST_CASE("both answers of a condition, whatever the length, are those of the interpreter") {
  for (const char* text : kKernels) {
    const Kernel judge = test::compiled(text, Backend::interpreter);
    on_all(text, [&](const Kernel& k) {
      for (const std::size_t n : {0, 1, 7, 64, 1000, 4096, 8192, 8193, 25000}) {
        const auto x = numbers(n), y = numbers(n, 2);
        for (const float a : {0.0f, 1.0f, 100.0f}) {
          INFO(text << ", n " << n << ", a " << a);
          float expected = 1, got = 2;
          CHECK(judge.run({x, y, a}, {expected}).status() == k.run({x, y, a}, {got}).status());
          if (judge.run({x, y, a}, {expected})) CHECK(test::bits(expected) == test::bits(got));
        }
      }
    });
  }
}
