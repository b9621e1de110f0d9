// What this machine can run: CPUID and what the operating system enables (XCR0).
//
// Pure detection. What is made of it under the caps that are configured, runtime/host.h says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "jit/target.h"

namespace trueno::jit {

/// The highest level that CPU and operating system support; none if even sse2 is missing. Detected once.
std::optional<Isa> detected_isa();

/// The pure part, for tests: levels from raw CPUID leaves and XCR0.
struct CpuidLeaves {
  std::uint32_t leaf1_ecx = 0, leaf1_edx = 0, leaf7_ebx = 0, leaf7_ecx = 0, ext1_ecx = 0;
  std::uint64_t xcr0 = 0;
};
std::optional<Isa> level_of(const CpuidLeaves& leaves);
/// As the processor gives them here; XCR0 is 0 if it cannot be read.
CpuidLeaves read_leaves();

/// What a level needs of the processor, or of the operating system (`os`: that it keeps these registers).
struct Feature {
  const char* name;
  Isa level;
  bool os = false;
  bool present = false;
};
/// Of all levels, from the lowest.
std::vector<Feature> features_of(const CpuidLeaves& leaves);

/// ISA level of that name ("avx2", "sse4.2", also "v1".."v4"), or nothing.
std::optional<Isa> isa_named(std::string_view name);

/// Every target code can be generated for, on any host: what jitdump can show.
std::vector<Target> emittable_targets();
}  // namespace trueno::jit
