// Are we emulated? The entries of tests/qemu say so in TRUENO_TEST_QEMU, which holds the path of the emulator.
//
// An emulator runs the suite as on another machine, but it is not one: what it cannot do is skipped by asking
// here, each time visibly and with its reason. Nothing else may depend on it.
#pragma once

#include <cstdlib>

namespace trueno::test {

/// Path of the qemu-x86_64 that runs this process; null on a real machine.
inline const char* emulator() {
  const char* path = std::getenv("TRUENO_TEST_QEMU");
  return path != nullptr && *path != '\0' ? path : nullptr;
}

}  // namespace trueno::test
