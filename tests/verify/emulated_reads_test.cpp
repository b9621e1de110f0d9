// The trials: a masked load and store of which all lanes but the first lie on a guard page, and a load of half a vector
// that ends there. Written as instructions, as no intrinsic may be used in a program that also runs where there is no
// AVX.
#include "tests/verify/emulated_reads.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <iostream>

#include "runtime/host.h"
#include "runtime/verify_memory.h"
#include "tests/emulator.h"

namespace trueno::test {
namespace {

/// Whether the access, given the address where a page begins that cannot be touched, does without that page.
template <typename Access>
bool works_before_a_guard_page(Access access) {
  const runtime::GuardedPages pages(4096);
  if (!pages.ok()) return false;
  const runtime::FaultCatcher faults;
  return faults.run([&] { access(pages.end()); }).signal == 0;
}

bool masked_access_works() {
  return works_before_a_guard_page([](const void* end) {
    alignas(32) static constexpr std::int32_t kFirst[8] = {-1};
    __asm__ volatile(
        "vmovdqa %0, %%ymm0\n\t"
        "vmaskmovps -4(%1), %%ymm0, %%ymm1\n\t"
        "vmaskmovps %%ymm1, %%ymm0, -4(%1)\n\t"
        "vzeroupper"
        :
        : "m"(kFirst), "r"(end)
        : "xmm0", "xmm1", "memory");
  });
}

bool half_access_works() {
  return works_before_a_guard_page([](const void* end) {
    __asm__ volatile("cvtdq2pd -8(%0), %%xmm0" : : "r"(end) : "xmm0", "memory");
  });
}

}  // namespace

bool masked_lanes_are_left_alone() {
  const bool has_vmaskmov = runtime::host().isa && *runtime::host().isa >= Isa::avx2;
  static const bool kWorks = emulator() == nullptr || !has_vmaskmov || masked_access_works();
  return kWorks;
}

bool half_vectors_are_read_alone() {
  static const bool kWorks = emulator() == nullptr || half_access_works();
  return kWorks;
}

}  // namespace trueno::test

// An entry of tests/qemu: ctest shows it as skipped when it reads the line.
TEST_CASE("guard pages under an emulator", "[.child]") {
  using namespace trueno::test;
  if (!masked_lanes_are_left_alone())
    std::cout << "SKIPPED: arrays at guard pages: this emulator reads the masked lanes of vmaskmov" << std::endl;
  else if (!half_vectors_are_read_alone())
    std::cout << "covered: arrays at guard pages, but of i32 that become f64: this emulator reads too many"
              << std::endl;
  else
    std::cout << "covered: arrays at guard pages" << std::endl;
}

TEST_CASE("processors read their operands and nothing beyond") {
  if (trueno::test::emulator() != nullptr) return;
  CHECK(trueno::test::half_access_works());
  if (trueno::runtime::host().isa >= trueno::Isa::avx2) CHECK(trueno::test::masked_access_works());
}
