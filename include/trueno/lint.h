// Is a kernel's generated code of the kind it claims to be? Asked of its bytes, decoded anew; nothing is run.
//
// Part of trueno::inspect, a library beside trueno::trueno that brings a decoder (Zydis) along.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

/// What code may not do.
enum class LintRule : std::uint8_t {
  decoding,       ///< bytes that are no instruction
  isa,            ///< an instruction above the claimed level
  vector_length,  ///< vectors longer than claimed, or a main loop that uses shorter ones
  jump,           ///< to a place that is not fixed, or that begins no instruction
  pool,           ///< constants are executed
  bounds,         ///< a load or store that may touch what the call does not own
  input,          ///< a store to an argument, or to what else is only read
  stack,          ///< the stack pointer is not what it was, or what is above the frame is overwritten
  saved,          ///< a register that belongs to the caller is not what it was
  uppers,         ///< the upper halves of vector registers are left in use
  environment,    ///< rounding modes, direction flag, x87 and the like are touched
  alignment,      ///< an access that faults unless it is aligned may not be
  unreached,      ///< an instruction no entry was seen to lead to: nothing is known of it
};
inline constexpr std::size_t kLintRules = 13;
constexpr std::string_view name_of(LintRule r) {
  constexpr std::string_view kNames[kLintRules] = {"decoding",    "isa",       "vector_length", "jump",  "pool",
                                                   "bounds",      "input",     "stack",         "saved", "uppers",
                                                   "environment", "alignment", "unreached"};
  return static_cast<std::size_t>(r) < kLintRules ? kNames[static_cast<std::size_t>(r)] : "no rule";
}

struct LintFinding {
  LintRule rule = LintRule::decoding;
  std::uint32_t offset = 0;  ///< in the code
  std::string place;         ///< the last named place before it: "main loop"
  std::string instruction;   ///< as text; empty if the finding is about the code as a whole
  std::string what;          ///< what is wrong with it, or was not proven, and why
};

struct LintReport {
  std::vector<LintFinding> findings;  ///< ascending by offset
  std::string kernel, target;         ///< "mean", "avx512 vl512"
  std::size_t instructions = 0;       ///< looked at
  std::size_t accesses = 0;           ///< loads and stores whose place was proven, by each entry that leads to them
  std::size_t entries = 0;            ///< to the code
  bool fine() const { return findings.empty(); }
};

/// All of it in lines for a person.
TRUENO_API std::string describe(const LintReport& report);

/// Decodes the code of a kernel and follows it from every entry, for all lengths at once: docs/inspecting.md says what
/// is proven. A kernel without generated code has nothing to be found.
/// Threads: safe. Errors: out_of_memory.
TRUENO_API Result<LintReport> lint(const Kernel& kernel);

/// From now on `lint = "first"` in the configuration (TRUENO_LINT) is obeyed: kernels are looked at once, when they are
/// compiled, and generated code that fails is not used. A program that does not call this has no lint to obey with.
/// Threads: safe.
TRUENO_API void use_lint() noexcept;

}  // namespace v0
}  // namespace trueno
