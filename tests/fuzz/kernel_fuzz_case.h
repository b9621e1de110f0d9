// What the kernel fuzzer passes around: a random stream, and a case, which is a kernel with one call of it.
//
// A case holds everything a failure depends on (the kernel, the length, every input byte, where each array
// lies, what is in place of what), so that it can be run again, made smaller, and printed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "runtime/verify_inputs.h"

namespace trueno::fuzz {

/// The same stream on every machine. Each program has one of its own, so that it repeats alone.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(runtime::mix(seed)) {}
  std::uint64_t next() { return state_ = runtime::mix(state_); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>((next() >> 16) % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

inline constexpr int kNone = -1;
inline constexpr std::uint32_t kDefaultControl = 0x1f80;

/// The arguments of one call. Arrays are kept as the bytes they have in memory; scalars are 8 bytes.
struct Call {
  struct Input {
    std::vector<std::uint8_t> bytes;
    std::uint8_t shift = 0;  ///< elements from an aligned address
    bool at_end = false;     ///< ends where a page begins that cannot be touched, if it is short enough
    int same_as = kNone;     ///< an earlier parameter whose memory this one is
  };
  struct Place {
    std::uint8_t shift = 0;
    bool at_end = false;
    int over = kNone;  ///< the parameter this result is in place of
  };
  std::int64_t n = 0;
  std::uint32_t control = kDefaultControl;  ///< the caller's MXCSR: rounding mode, FTZ, DAZ
  std::vector<Input> inputs;                ///< per parameter
  std::vector<Place> places;                ///< per result; of scalars unused
};

struct Case {
  ir::Kernel kernel;
  Call call;
};

/// Without arrays a call has no length: it is 0.
inline bool has_arrays(const ir::Kernel& kernel) {
  return std::ranges::any_of(kernel.params, &ir::Param::is_array) ||
         std::ranges::any_of(kernel.outputs, &ir::Output::array);
}

}  // namespace trueno::fuzz
