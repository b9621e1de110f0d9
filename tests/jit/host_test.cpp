// Detection: which level a machine has, from made-up CPUID leaves.
#include "jit/host.h"

#include <catch2/catch.hpp>

using namespace trueno;
using jit::CpuidLeaves;
using jit::level_of;

namespace {

constexpr std::uint32_t bit(int i) { return 1u << i; }

/// Everything a level-4 machine reports, by the numbers of the processor manuals.
CpuidLeaves full() {
  CpuidLeaves l;
  l.leaf1_edx = bit(25) | bit(26);
  l.leaf1_ecx =
      bit(0) | bit(9) | bit(12) | bit(13) | bit(19) | bit(20) | bit(22) | bit(23) | bit(27) | bit(28) | bit(29);
  l.leaf7_ebx = bit(3) | bit(5) | bit(8) | bit(16) | bit(17) | bit(28) | bit(30) | bit(31);
  l.ext1_ecx = bit(0) | bit(5);
  l.xcr0 = 0xe7;
  return l;
}

template <class Change>
std::optional<Isa> level_with(Change change) {
  CpuidLeaves l = full();
  change(l);
  return level_of(l);
}

}  // namespace

TEST_CASE("levels from leaves") {
  CHECK(level_of(full()) == Isa::avx512);
  CHECK(level_of(CpuidLeaves{}) == std::nullopt);
  CHECK(level_with([](CpuidLeaves& l) { l = {}, l.leaf1_edx = bit(25) | bit(26); }) == Isa::sse2);
}

TEST_CASE("what the operating system does not save does not count") {
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0x07; }) == Isa::avx2);   // no opmask, no zmm
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0x27; }) == Isa::avx2);   // opmask, but neither half of zmm
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0x67; }) == Isa::avx2);   // upper halves, but not zmm16-31
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0xe3; }) == Isa::sse42);  // zmm without ymm makes no sense
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0x03; }) == Isa::sse42);  // no ymm
  CHECK(level_with([](CpuidLeaves& l) { l.xcr0 = 0x00; }) == Isa::sse42);
  CHECK(level_with([](CpuidLeaves& l) { l.leaf1_ecx &= ~bit(27); }) == Isa::sse42);  // no OSXSAVE
}

TEST_CASE("one feature missing lowers the level") {
  for (const int f : {16, 17, 28, 30, 31})
    CHECK(level_with([&](CpuidLeaves& l) { l.leaf7_ebx &= ~bit(f); }) == Isa::avx2);
  for (const int f : {3, 5, 8}) CHECK(level_with([&](CpuidLeaves& l) { l.leaf7_ebx &= ~bit(f); }) == Isa::sse42);
  for (const int f : {12, 22, 28, 29}) CHECK(level_with([&](CpuidLeaves& l) { l.leaf1_ecx &= ~bit(f); }) == Isa::sse42);
  for (const int f : {0, 9, 13, 19, 20, 23})
    CHECK(level_with([&](CpuidLeaves& l) { l.leaf1_ecx &= ~bit(f); }) == Isa::sse2);
  CHECK(level_with([](CpuidLeaves& l) { l.ext1_ecx &= ~bit(5); }) == Isa::sse42);
  for (const int f : {25, 26}) CHECK(level_with([&](CpuidLeaves& l) { l.leaf1_edx &= ~bit(f); }) == std::nullopt);
}

TEST_CASE("names of levels") {
  CHECK(jit::isa_named("avx2") == Isa::avx2);
  CHECK(jit::isa_named("sse4.2") == Isa::sse42);
  CHECK(jit::isa_named("v4") == Isa::avx512);
  CHECK_FALSE(jit::isa_named("avx"));
  CHECK_FALSE(jit::isa_named(""));
}

TEST_CASE("targets") {
  for (const jit::Target& t : jit::emittable_targets()) CHECK(jit::has_vector_length(t.isa, t.vector_bits));
}
