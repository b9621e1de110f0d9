// A kernel under watch (VerifyPolicy): what generated code gives is believed once the fallback has given the same bits.
//
// Such a kernel is a coat around two plain ones, the code and the fallback. It takes part in no quick path, so that
// kernels nobody watches pay nothing; what is believed already is handed on to the plain kernel.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/impl.h"

namespace trueno::runtime {

struct Watch {
  std::shared_ptr<const Kernel::Impl> code, fallback;
  VerifyPolicy policy = VerifyPolicy::first;
  std::atomic<bool> withdrawn{false};  ///< for good: the fallback answers
  /// Bit b: a call over n elements was fine, b the bits that n has. A call over three elements says nothing of the main
  /// loop, and one within a block nothing of the merge tree; so there is a first call for every power of two.
  std::atomic<std::uint64_t> passed{0};

  static std::uint64_t magnitude(std::size_t n) { return std::uint64_t{1} << (std::bit_width(n) & 63); }
  /// Who may answer a call over n elements without being asked twice; null: it is to be verified.
  const Kernel::Impl* believed(std::size_t n) const {
    if (withdrawn.load(std::memory_order_acquire)) return fallback.get();
    return passed.load(std::memory_order_acquire) & magnitude(n) ? code.get() : nullptr;
  }
};

/// The coat around `code`, which has generated code. Errors: as of making a fallback.
Result<Kernel> watched(std::shared_ptr<Kernel::Impl> code, VerifyPolicy policy, const CompileOptions& options);

// Any kernel, as Kernel::run and Kernel::run_rows run it.
Result<void> run(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs);
Result<void> run(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs);

/// A call of a watched kernel whose arguments have been found right: by the code if that is believed for n, else by
/// both, and the caller sees what the fallback gave. Errors: empty; out_of_memory.
Result<void> run_watched(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs,
                         std::size_t n);
Result<void> run_watched(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs,
                         std::size_t n);

/// For tests of the above: changes code before it is published. Null but in those tests.
extern std::atomic<void (*)(std::vector<std::uint8_t>& bytes)> plant_in_code;

}  // namespace trueno::runtime
