// Detection by CPUID and XCR0, once per process, off every hot path (CPUID traps in virtual machines).
//
// A level counts only if the operating system saves its registers: XCR0 bits 1-2 for ymm, 5-7 for zmm and
// the opmasks.
#include "jit/host.h"

#include <cpuid.h>

#include <iterator>

#include "ir/once.h"

namespace trueno::jit {
namespace {

constexpr std::uint64_t kYmmState = 0x6, kZmmState = 0xe6;

constexpr bool all(std::uint64_t word, std::uint64_t bits) { return (word & bits) == bits; }
constexpr std::uint32_t bit(int i) { return 1u << i; }

CpuidLeaves read_leaves() {
  CpuidLeaves leaves;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d)) leaves.leaf1_ecx = c, leaves.leaf1_edx = d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) leaves.leaf7_ebx = b, leaves.leaf7_ecx = c;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) leaves.ext1_ecx = c;
  if (leaves.leaf1_ecx & bit(27)) {  // OSXSAVE: xgetbv may be used
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    leaves.xcr0 = (std::uint64_t{high} << 32) | low;
  }
  return leaves;
}

}  // namespace

std::optional<Isa> level_of(const CpuidLeaves& l) {
  // The x86-64 psABI's levels; ecx of leaf 1: sse3 0, ssse3 9, fma 12, cx16 13, sse4.1 19, sse4.2 20,
  // movbe 22, popcnt 23, osxsave 27, avx 28, f16c 29.
  if (!all(l.leaf1_edx, bit(25) | bit(26))) return std::nullopt;
  constexpr std::uint32_t kV2 = bit(0) | bit(9) | bit(13) | bit(19) | bit(20) | bit(23);
  if (!all(l.leaf1_ecx, kV2)) return Isa::sse2;
  constexpr std::uint32_t kV3 = bit(12) | bit(22) | bit(27) | bit(28) | bit(29);
  constexpr std::uint32_t kV3Leaf7 = bit(3) | bit(5) | bit(8);  // bmi1, avx2, bmi2
  const bool v3 = all(l.leaf1_ecx, kV3) && all(l.leaf7_ebx, kV3Leaf7) && (l.ext1_ecx & bit(5)) /* lzcnt */ &&
                  all(l.xcr0, kYmmState);
  if (!v3) return Isa::sse42;
  constexpr std::uint32_t kV4Leaf7 = bit(16) | bit(17) | bit(28) | bit(30) | bit(31);  // f, dq, cd, bw, vl
  return all(l.leaf7_ebx, kV4Leaf7) && all(l.xcr0, kZmmState) ? Isa::avx512 : Isa::avx2;
}

namespace {
constinit ir::Once<std::optional<Isa>> detected;
}

std::optional<Isa> detected_isa() {
  return detected.get([] { return level_of(read_leaves()); });
}

std::optional<Isa> isa_named(std::string_view name) {
  constexpr std::string_view kLevels[] = {"v1", "v2", "v3", "v4"};
  for (std::size_t i = 0; i < std::size(kLevels); ++i)
    if (name == kLevels[i] || name == name_of(static_cast<Isa>(i))) return static_cast<Isa>(i);
  return std::nullopt;
}

std::vector<Target> emittable_targets() {
  return {{Isa::sse2, 128},   {Isa::sse42, 128},  {Isa::avx2, 128},  {Isa::avx2, 256},
          {Isa::avx512, 128}, {Isa::avx512, 256}, {Isa::avx512, 512}};
}

}  // namespace trueno::jit
