// What the tests of this folder profile and debug: a kernel that runs for a while, and is dropped before the end.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "trueno/trueno.h"

/// GDB stops here: the kernel is gone.
extern "C" [[gnu::noinline]] void kernel_is_gone(double total) { std::printf("%g\n", total); }

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const auto time = std::chrono::milliseconds(argc > 1 ? std::atoi(argv[1]) : 0);
  const std::vector<float> x(8000, 0.5f);
  double total = 0;
  {
    const auto kernel = trueno::compile("kernel gauss(x: f32[]) -> f32 { square = x * x\n sum(exp(0 - square)) }");
    if (!kernel || kernel->backend() != trueno::Backend::jit) {
      std::fputs(kernel ? "no code is generated here\n" : kernel.error().text().c_str(), stderr);
      return 3;
    }
    const auto end = Clock::now() + time;
    do
      for (int i = 0; i < 100; ++i) total += *kernel->value<float>({x});
    while (Clock::now() < end);
  }
  kernel_is_gone(total);
}
