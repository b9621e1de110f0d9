// The caller's floating-point environment: detected by arithmetic, corrected only when it must be.
//
// A library built with fast-math may have set FTZ and DAZ, a caller another rounding mode; results must not
// change. Reading MXCSR costs several nanoseconds on some machines, a few additions do not. The subnormal is made
// by narrowing a double: an addition or multiplication with a subnormal result takes a microcode assist on Intel
// (34 ns measured on a Sapphire Rapids core, against 0.5 ns for the conversion).
#pragma once

#include <cstdint>

namespace trueno::runtime {

/// True if additions round to nearest even and keep subnormals, as operands and as results. One packed addition:
/// 1 + a tie, 1 + a little more than a tie, and two subnormals, one just made by narrowing (FTZ would make it zero)
/// and one from memory (DAZ would take it for zero); each must come out as it does by default.
inline bool environment_is_default() {
  using Floats = float __attribute__((vector_size(16)));
  static constexpr double kSmall = 0x1p-127;
  static constexpr Floats kAdded = {0x1p-127f, 0x1p-24f, 0x1.8p-24f, 0.0f};
  Floats x = {0.0f, 1.0f, 1.0f, 0.0f};
  __asm__ volatile(
      "cvtsd2ss %1, %0\n\t"
      "addps %2, %0"
      : "+x"(x)
      : "m"(kSmall), "m"(kAdded));
  const Floats expected = {0x1p-126f, 1.0f, 0x1.000002p+0f, 0.0f};
  return __builtin_ia32_movmskps(__builtin_ia32_cmpeqps(x, expected)) == 15;
}

/// Sets the default environment for a scope, if it is not set already; control bits are restored afterwards.
class DefaultEnvironment {
 public:
  DefaultEnvironment() : changed_(!environment_is_default()) {
    if (changed_) enter();
  }
  ~DefaultEnvironment() {
    if (changed_) leave();
  }
  DefaultEnvironment(const DefaultEnvironment&) = delete;
  DefaultEnvironment& operator=(const DefaultEnvironment&) = delete;

 private:
  static constexpr std::uint32_t kDefaultControl = 0x1f80;
  void enter() {
    __asm__ volatile("stmxcsr %0" : "=m"(saved_));
    const std::uint32_t control = kDefaultControl;
    __asm__ volatile("ldmxcsr %0" : : "m"(control));
  }
  void leave() { __asm__ volatile("ldmxcsr %0" : : "m"(saved_)); }

  bool changed_;
  std::uint32_t saved_ = 0;
};

}  // namespace trueno::runtime
