// Detection: which level a machine has, from made-up CPUID leaves; and the caps, in processes of their own.
#include "jit/host.h"

#include <catch2/catch.hpp>

#include <iostream>
#include <string>
#include <vector>

#include "tests/child.h"

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
  for (const jit::Target& t : jit::runnable_targets()) CHECK(t.isa <= *jit::host().isa);
}

// Run by the test below in a process of its own.
TEST_CASE("print the host", "[.child]") {
  std::cout << "isa=" << (jit::host().isa ? name_of(*jit::host().isa) : "none") << " targets=";
  for (const jit::Target& t : jit::runnable_targets()) std::cout << name_of(t.isa) << "/" << t.vector_bits << ",";
  std::cout << " note=" << jit::host().note << std::endl;
}

TEST_CASE("the environment can only lower") {
  const auto said = [](std::vector<std::pair<std::string, std::string>> env) {
    return test::run_again("print the host", env);
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != text.npos; };
  const std::string plain = said({{"TRUENO_MAX_ISA", ""}, {"TRUENO_VL", ""}});
  INFO(plain);
  CHECK(has(plain, "isa="));

  const std::string sse = said({{"TRUENO_MAX_ISA", "sse2"}, {"TRUENO_VL", ""}});
  INFO(sse);
  CHECK(has(sse, "isa=sse2 "));
  CHECK(has(sse, "TRUENO_MAX_ISA"));
  CHECK_FALSE((has(sse, "sse4.2/") || has(sse, "avx")));

  const std::string highest = said({{"TRUENO_MAX_ISA", "avx512"}, {"TRUENO_VL", "512"}});
  CHECK(highest.substr(0, highest.find(" note="))
            .find(plain.substr(plain.find("isa="), plain.find(" note=") - plain.find("isa="))) != std::string::npos);

  const std::string nonsense = said({{"TRUENO_MAX_ISA", "mmx"}, {"TRUENO_VL", "77"}});
  INFO(nonsense);
  CHECK(has(nonsense, "TRUENO_MAX_ISA='mmx' ignored"));
  CHECK(has(nonsense, "TRUENO_VL='77' ignored"));

  if (!has(plain, "avx2/256")) {
    WARN("skipped: caps below avx2 cannot be seen on this host");
    return;
  }
  const std::string avx2 = said({{"TRUENO_MAX_ISA", "avx2"}, {"TRUENO_VL", ""}});
  INFO(avx2);
  CHECK(has(avx2, "isa=avx2 targets=sse2/128,sse4.2/128,avx2/128,avx2/256, "));
  const std::string narrow = said({{"TRUENO_MAX_ISA", "v3"}, {"TRUENO_VL", "128"}});
  INFO(narrow);
  CHECK(has(narrow, "isa=avx2 targets=sse2/128,sse4.2/128,avx2/128, "));
}
