// Shorthand of the cache's tests: caches of their own, and texts that differ.
#pragma once

#include <string>

#include "runtime/cache.h"
#include "tests/runtime/compiled.h"

namespace trueno::test {

inline std::string text_of(int i) { return "kernel k(x: f32[]) -> f32[] { x * " + std::to_string(i) + ".5 }"; }

inline runtime::Cache::Limit limit(std::size_t bytes) {
  return [bytes] { return bytes; };
}
inline constexpr std::size_t kPlenty = std::size_t{1} << 30;

inline Result<Kernel> ask(runtime::Cache& cache, const std::string& text, const CompileOptions& options = {}) {
  return cache.get({text, nullptr, options});
}

inline bool same_code(const Kernel& a, const Kernel& b) { return &a.impl() == &b.impl(); }

}  // namespace trueno::test
