// What this machine can run: CPUID and what the operating system enables (XCR0), then the caps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jit/target.h"

namespace trueno::jit {

struct Host {
  std::optional<Isa> detected;  ///< highest level that CPU and OS support; none if even sse2 is missing
  std::optional<Isa> isa;       ///< after TRUENO_MAX_ISA, which can only lower it
  int vector_bits_cap = 512;    ///< after TRUENO_VL
  std::string note;             ///< what was capped, by whom; and what of the environment was not understood
};

/// Detected once; later calls are a load.
const Host& host();

/// The pure part, for tests: levels from raw CPUID leaves and XCR0.
struct CpuidLeaves {
  std::uint32_t leaf1_ecx = 0, leaf1_edx = 0, leaf7_ebx = 0, leaf7_ecx = 0, ext1_ecx = 0;
  std::uint64_t xcr0 = 0;
};
std::optional<Isa> level_of(const CpuidLeaves& leaves);

/// ISA level of that name ("avx2", "sse4.2", also "v1".."v4"), or nothing.
std::optional<Isa> isa_named(std::string_view name);

/// Every target code can be generated for, on any host: what jitdump can show.
std::vector<Target> emittable_targets();
/// Those of them that this host can run, caps applied.
std::vector<Target> runnable_targets();

}  // namespace trueno::jit
