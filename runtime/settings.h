// What is configured for this process: one value per thing that can be set, whoever set it.
//
// The rest of runtime/ reads settings() and knows nothing of files, layers or environment variables: those are
// config.h's. Reading is one atomic load, as every compile does it; configure() publishes another value.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "jit/target.h"
#include "trueno/kernel.h"

namespace trueno::runtime {

inline constexpr std::size_t kIsas = 4;

/// What is written down of generated code, for perf.
enum class PerfFormat : std::uint8_t { off, map, jitdump };

/// What a kernel may be tuned by: it has only scalar results, or only array results and no reduction, or both.
enum class KernelClass : std::uint8_t { reduction, elementwise, mixed };
inline constexpr std::size_t kKernelClasses = 3;
constexpr std::string_view name_of(KernelClass c) {
  constexpr std::string_view kNames[] = {"reduction", "elementwise", "mixed"};
  return kNames[static_cast<std::size_t>(c)];
}

/// How code is generated for one ISA and class of kernels.
struct Tuned {
  int vector_bits = 0;  ///< 128, 256 or 512, or the longest below it that there is; 0: the longest there is
  jit::Tuning tuning{};
  friend bool operator==(const Tuned&, const Tuned&) = default;
};

struct Settings {
  bool strict = false;                      ///< what is wrong with the configuration is an error
  Backend backend = Backend::automatic;     ///< what Backend::automatic means
  std::string backend_origin = "built-in";  ///< who said so: "environment TRUENO_JIT", "FILE:3"
  std::optional<Isa> isa{};                 ///< at most this one; host() has it applied
  int vector_bits = 0;                      ///< at most so many; 0: no limit; host() has it applied
  VerifyPolicy verify = VerifyPolicy::off;
  bool lint = false;  ///< code is looked at before it is used
  std::size_t cache_bytes = std::size_t{64} << 20;
  std::string dump_directory{};  ///< where reproducers are written; empty: nowhere
  PerfFormat perf = PerfFormat::off;
  std::string perf_directory{};  ///< where jitdump files go; empty: runtime/profile/jitdump.h says where
  bool gdb = false;              ///< GDB is told of generated code
  bool verbose = false;          ///< the log goes to stderr
  std::array<std::array<Tuned, kKernelClasses>, kIsas> tuned{};

  const Tuned& tuned_for(Isa i, KernelClass c) const {
    return tuned[static_cast<std::size_t>(i)][static_cast<std::size_t>(c)];
  }
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// In force now. Threads: safe, also beside configure(); what is returned lives on. Errors: everything that is wrong
/// with the configuration if it is strict; a file that was asked for (TRUENO_CONFIG) and cannot be read, in any case.
const Result<Settings>& settings();

}  // namespace trueno::runtime
