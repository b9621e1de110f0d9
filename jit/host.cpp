// Detection by CPUID and XCR0, once per process, off every hot path (CPUID traps in virtual machines).
//
// A level counts only if the operating system saves its registers: XCR0 bits 1-2 for ymm, 5-7 for zmm and
// the opmasks.
#include "jit/host.h"

#include <cpuid.h>

#include <algorithm>
#include <iterator>

#include "ir/once.h"

namespace trueno::jit {
namespace {

constexpr std::uint32_t bit(int i) { return 1u << i; }

/// A row of the x86-64 psABI's table of levels: which bits of which word.
struct Need {
  const char* name;
  Isa level;
  std::uint32_t CpuidLeaves::*word;  ///< null: bits of XCR0
  std::uint32_t bits;
};
constexpr Need kNeeds[] = {
    {"sse", Isa::sse2, &CpuidLeaves::leaf1_edx, bit(25)},
    {"sse2", Isa::sse2, &CpuidLeaves::leaf1_edx, bit(26)},
    {"sse3", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(0)},
    {"ssse3", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(9)},
    {"cx16", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(13)},
    {"sse4.1", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(19)},
    {"sse4.2", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(20)},
    {"popcnt", Isa::sse42, &CpuidLeaves::leaf1_ecx, bit(23)},
    {"fma", Isa::avx2, &CpuidLeaves::leaf1_ecx, bit(12)},
    {"movbe", Isa::avx2, &CpuidLeaves::leaf1_ecx, bit(22)},
    {"osxsave", Isa::avx2, &CpuidLeaves::leaf1_ecx, bit(27)},
    {"avx", Isa::avx2, &CpuidLeaves::leaf1_ecx, bit(28)},
    {"f16c", Isa::avx2, &CpuidLeaves::leaf1_ecx, bit(29)},
    {"bmi1", Isa::avx2, &CpuidLeaves::leaf7_ebx, bit(3)},
    {"avx2", Isa::avx2, &CpuidLeaves::leaf7_ebx, bit(5)},
    {"bmi2", Isa::avx2, &CpuidLeaves::leaf7_ebx, bit(8)},
    {"lzcnt", Isa::avx2, &CpuidLeaves::ext1_ecx, bit(5)},
    {"ymm registers", Isa::avx2, nullptr, 0x6},
    {"avx512f", Isa::avx512, &CpuidLeaves::leaf7_ebx, bit(16)},
    {"avx512dq", Isa::avx512, &CpuidLeaves::leaf7_ebx, bit(17)},
    {"avx512cd", Isa::avx512, &CpuidLeaves::leaf7_ebx, bit(28)},
    {"avx512bw", Isa::avx512, &CpuidLeaves::leaf7_ebx, bit(30)},
    {"avx512vl", Isa::avx512, &CpuidLeaves::leaf7_ebx, bit(31)},
    {"zmm and mask registers", Isa::avx512, nullptr, 0xe6},
};

bool has(const CpuidLeaves& leaves, const Need& need) {
  return need.word != nullptr ? (leaves.*need.word & need.bits) == need.bits : (leaves.xcr0 & need.bits) == need.bits;
}

}  // namespace

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

std::optional<Isa> level_of(const CpuidLeaves& leaves) {
  int below = static_cast<int>(Isa::avx512) + 1;  // levels are complete up to this one
  for (const Need& need : kNeeds)
    if (!has(leaves, need)) below = std::min(below, static_cast<int>(need.level));
  return below == 0 ? std::nullopt : std::optional(static_cast<Isa>(below - 1));
}

std::vector<Feature> features_of(const CpuidLeaves& leaves) {
  std::vector<Feature> out;
  for (const Need& need : kNeeds) out.push_back({need.name, need.level, need.word == nullptr, has(leaves, need)});
  return out;
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
