// Shorthand of the runtime tests: a kernel from text, or a failed test that says why there is none.
#pragma once

#include <catch2/catch.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

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

/// The kernel on every back end, ISA and vector length of this host.
inline void on_all(const std::string& text, const std::function<void(const Kernel&)>& check) {
  {
    INFO("interpreter");
    check(compiled(text, Backend::interpreter));
  }
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512})
    for (const int bits : vector_lengths(isa)) {
      CompileOptions options;
      options.isa = isa;
      if (bits == 128) {
        options.backend = Backend::fallback;
        const auto k = compile(text, options);
        if (!k && k.status() != Status::unavailable) FAIL(k.error().text());
        if (k) check(*k);
        options.backend = Backend::automatic;
      }
      options.vector_bits = bits;
      const auto k = compile(text, options);
      if (!k) FAIL(k.error().text());
      INFO(k->origin());
      check(*k);
    }
}

inline std::vector<float> numbers(std::size_t n, std::uint32_t seed = 1) {
  std::vector<float> out(n);
  for (float& x : out) x = static_cast<float>((seed = seed * 1664525u + 1013904223u) >> 8) * 0x1p-22f - 2;
  return out;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

}  // namespace trueno::test
