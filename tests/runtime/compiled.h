// Shorthand of the runtime tests: a kernel from text, or a failed test that says why there is none.
#pragma once

#include <catch2/catch.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <utility>

#include "trueno/trueno.h"

namespace trueno::test {

inline Kernel compiled(const std::string& text, Backend backend = Backend::automatic) {
  CompileOptions options;
  options.backend = backend;
  Result<Kernel> k = compile(text, options);
  if (!k) FAIL(k.error().text());
  return *std::move(k);
}

inline std::uint32_t bits(float v) { return std::bit_cast<std::uint32_t>(v); }
inline std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }
inline std::uint32_t bits(std::int32_t v) { return static_cast<std::uint32_t>(v); }
inline std::uint64_t bits(std::int64_t v) { return static_cast<std::uint64_t>(v); }

}  // namespace trueno::test
