// The caller's floating-point environment: detected by arithmetic, corrected only when it must be.
//
// A library built with fast-math may have set FTZ and DAZ, a caller another rounding mode; results must not
// change. Reading MXCSR costs several nanoseconds on some machines, a few additions do not. The subnormal is made
// by narrowing a double: an addition or multiplication with a subnormal result takes a microcode assist on Intel
// (34 ns measured on a Sapphire Rapids core, against 0.5 ns for the conversion).
#pragma once

#include <cstdint>

namespace trueno::runtime {

/// True if additions round to nearest even and keep subnormals, as operands and as results.
inline bool environment_is_default() {
  float one = 1.0f, tie = 0x1p-24f, above_tie = 0x1.8p-24f;
  double small = 0x1p-127;
  __asm__ volatile("" : "+x"(one), "+x"(tie), "+x"(above_tie), "+x"(small));
  float subnormal = static_cast<float>(small);
  __asm__ volatile("" : "+x"(subnormal));
  const float twice = subnormal + subnormal;
  return one + tie == 1.0f && one + above_tie == 0x1.000002p+0f && twice == 0x1p-126f;
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
