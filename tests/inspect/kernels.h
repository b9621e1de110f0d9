// Kernels for tests of code: from text to optimized, and studied.
#pragma once

#include <catch2/catch.hpp>
#include <string_view>

#include "inspect/study.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"

namespace trueno::tests {

inline ir::Kernel optimized(std::string_view text) {
  const auto module = ir::parse_module(text, ops::built_in());
  REQUIRE(module);
  const auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  return *kernel;
}

inline inspect::Study studied(std::string_view text, const jit::Target& target) {
  auto study = inspect::study(optimized(text), target);
  REQUIRE(study);
  return std::move(*study);
}

/// Code of these bytes, without labels or constants.
inline jit::Code code_of(std::vector<std::uint8_t> bytes) {
  jit::Code code;
  code.bytes = std::move(bytes);
  code.pool_offset = static_cast<std::uint32_t>(code.bytes.size());
  return code;
}

}  // namespace trueno::tests
