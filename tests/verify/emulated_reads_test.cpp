// The trial: one masked load and one masked store of which all lanes but the first lie on a guard page. Written as
// instructions, as no intrinsic may be used in a program that also runs where there is no AVX.
#include "tests/verify/masked_lanes.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <iostream>

#include "jit/host.h"
#include "runtime/verify_memory.h"
#include "tests/emulator.h"

namespace trueno::test {
namespace {

bool masked_access_works() {
  const runtime::GuardedPages pages(4096);
  if (!pages.ok()) return false;
  alignas(32) static constexpr std::int32_t kFirst[8] = {-1};
  const runtime::FaultCatcher faults;
  const auto fault = faults.run([&] {
    __asm__ volatile(
        "vmovdqa %0, %%ymm0\n\t"
        "vmaskmovps (%1), %%ymm0, %%ymm1\n\t"
        "vmaskmovps %%ymm1, %%ymm0, (%1)\n\t"
        "vzeroupper"
        :
        : "m"(kFirst), "r"(pages.end() - 4)
        : "xmm0", "xmm1", "memory");
  });
  return fault.signal == 0;
}

}  // namespace

bool masked_lanes_are_left_alone() {
  const bool has_vmaskmov = jit::host().isa && *jit::host().isa >= Isa::avx2;
  static const bool kWorks = emulator() == nullptr || !has_vmaskmov || masked_access_works();
  return kWorks;
}

}  // namespace trueno::test

// An entry of tests/qemu: ctest shows it as skipped when it reads the line.
TEST_CASE("guard pages under an emulator", "[.child]") {
  if (trueno::test::masked_lanes_are_left_alone())
    std::cout << "covered: arrays at guard pages" << std::endl;
  else
    std::cout << "SKIPPED: arrays at guard pages: this emulator reads the masked lanes of vmaskmov" << std::endl;
}

TEST_CASE("processors leave masked lanes alone") {
  if (trueno::test::emulator() == nullptr && trueno::jit::host().isa >= trueno::Isa::avx2)
    CHECK(trueno::test::masked_access_works());
}
