// What is configured for this process: one value per thing that can be set, whoever set it.
//
// The rest of runtime/ reads settings() and knows nothing of files, layers or environment variables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "jit/target.h"
#include "trueno/kernel.h"

namespace trueno::runtime {

struct Settings {
  Backend backend = Backend::automatic;  ///< what Backend::automatic means
  std::optional<Isa> isa{};              ///< at most this one
  int vector_bits = 0;                   ///< at most so many; 0: no limit
  VerifyPolicy verify = VerifyPolicy::off;
  std::size_t cache_bytes = std::size_t{64} << 20;
  std::string dump_directory{};  ///< where reproducers are written; empty: nowhere
  bool verbose = false;          ///< the log goes to stderr
};

/// In force now. Threads: safe. Errors: what was configured and cannot be obeyed (TRUENO_JIT=perhaps).
const Result<Settings>& settings();

}  // namespace trueno::runtime
