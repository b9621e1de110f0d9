// What code may be generated for here: what the machine has, less what is configured away. Caps only lower.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jit/target.h"

namespace trueno::runtime {

struct Host {
  std::optional<Isa> detected{};  ///< highest level that CPU and operating system support; none: not even sse2
  std::optional<Isa> isa{};       ///< the same, or the cap below it
  int vector_bits_cap = 512;
  std::string note{};  ///< what is capped and by whom: "isa capped to sse2 by max_isa (environment TRUENO_MAX_ISA)"

  /// Caps at an ISA and at a vector length. `by`: the key and where it is set.
  void cap(Isa isa_cap, const std::string& by);
  void cap(int vector_bits, const std::string& by);
  friend bool operator==(const Host&, const Host&) = default;
};

/// Under the configuration in force. Threads: safe; a load. What is returned lives on.
const Host& host();

/// Every target that this host can run, caps applied.
std::vector<jit::Target> runnable_targets();

}  // namespace trueno::runtime
