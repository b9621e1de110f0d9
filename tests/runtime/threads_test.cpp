// Eight threads compile the same and different texts and run them, all at once.
#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;

TEST_CASE("eight threads compile and run") {
  const std::vector<float> x(10007, 0.5f);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        // Shared by all (i even) and this thread's own (i odd).
        const int factor = i % 2 == 0 ? i + 1 : 100 * t + i;
        const auto k = compile("kernel k(x: f32[]) -> (s: f32, y: f32[]) { y = x * " + std::to_string(factor) +
                               "; s = sum(y); s, y }");
        std::vector<float> y(x.size());
        float s = 0;
        if (!k || !k->run({x}, {s, y}) || y[10006] != 0.5f * static_cast<float>(factor)) ++wrong;
        if (sum(x) != 5003.5f) ++wrong;
        if (*max(x) != 0.5f) ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("one kernel, eight threads") {
  const Kernel k = test::compiled("kernel k(x: f32[], a: f32) -> f32 { mean(sigmoid(a*x)) }");
  const std::vector<float> x(5000, 1.0f);
  const std::uint32_t right = test::bits(*k.value<float>({x, 2.0f}));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        if (test::bits(*k.value<float>({x, 2.0f})) != right) ++wrong;
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("mistakes in many threads") {
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        if (compile("kernel k(x: f32[]) -> f32[] { nonsense(x) }").ok()) ++accepted;
    });
  for (std::thread& t : threads) t.join();
  CHECK(accepted == 0);
}
