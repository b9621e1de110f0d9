// The least a program does with trueno: sums an array. Its size is that of what a user of the static library ships. It
// counts what malloc is asked for, and prints for each kind of call how often, as JSON.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "trueno/cache.h"
#include "trueno/trueno.h"

namespace {
unsigned long asked = 0;
}

// All that allocates, operator new and the libraries as well, comes by here.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* malloc(std::size_t bytes) noexcept { return ++asked, __libc_malloc(bytes); }
void* calloc(std::size_t count, std::size_t bytes) noexcept { return ++asked, __libc_calloc(count, bytes); }
void* realloc(void* old, std::size_t bytes) noexcept { return ++asked, __libc_realloc(old, bytes); }
}

int main(int argc, char**) {
  const std::vector<float> x(100, 1.0f);
  const char* text = "kernel sum_(x: f32[]) -> f32 { sum(x) }";
  float result = 0;
  bool fine = true;
  const auto counted = [&](const auto& call) {
    const unsigned long before = asked;
    fine = fine && call();
    return asked - before;
  };
  const auto sum = [&] { return trueno::sum(x) == 100.0f; };
  const unsigned long first = counted(sum), again = counted(sum);
  if (argc > 1) return fine ? 0 : 1;  // --quiet: as a program that only sums
  const auto kernel = trueno::cached(text);
  if (!kernel) return 1;
  const unsigned long run = counted([&] { return kernel->run({x}, {result}).ok(); });
  const unsigned long lookup = counted([&] { return trueno::cached(text).ok(); });
  const unsigned long compile = counted([&] { return trueno::compile(text).ok(); });
  std::printf("{\"first sum\": %lu, \"sum\": %lu, \"run\": %lu, \"lookup\": %lu, \"compile\": %lu}\n", first, again,
              run, lookup, compile);
  return fine && result == 100.0f ? 0 : 1;
}
