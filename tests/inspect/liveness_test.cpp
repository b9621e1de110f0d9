// Liveness and live ranges, on code made by hand and read by hand.
#include "inspect/liveness.h"

#include "inspect/ranges.h"
#include "tests/inspect/kernels.h"

using namespace trueno;
using namespace trueno::inspect;
using trueno::tests::code_of;
using trueno::tests::studied;

namespace {

constexpr RegisterSet set_of(std::initializer_list<int> registers) {
  RegisterSet set = 0;
  for (const int r : registers) set |= RegisterSet{1} << r;
  return set;
}

std::vector<Step> steps_of(std::vector<std::uint8_t> bytes) {
  const jit::Code code = code_of(std::move(bytes));
  return decode_steps(code, 0, code.pool_offset);
}

/// A loop over v2 += v1 * [rax + rdx*4], read by hand.
std::vector<std::uint8_t> loop_bytes() {
  return {
      0xc5, 0xe8, 0x57, 0xd2,        // 00 vxorps xmm2, xmm2, xmm2: reads nothing
      0xc5, 0xf4, 0x59, 0x04, 0x90,  // 04 vmulps ymm0, ymm1, [rax+rdx*4]
      0xc5, 0xec, 0x58, 0xd0,        // 09 vaddps ymm2, ymm2, ymm0
      0x48, 0x83, 0xc2, 0x08,        // 0d add rdx, 8
      0x48, 0x39, 0xca,              // 11 cmp rdx, rcx
      0x7c, 0xee,                    // 14 jl 04
      0xc5, 0xfc, 0x11, 0x10,        // 16 vmovups [rax], ymm2
      0xc3,                          // 1a ret
  };
}

}  // namespace

TEST_CASE("what instructions read and write") {
  const auto access = [](std::vector<std::uint8_t> bytes) {
    const auto steps = steps_of(std::move(bytes));
    REQUIRE(steps.size() == 1);
    REQUIRE(steps[0].valid);
    return register_use(steps[0]);
  };
  CHECK(access({0xc5, 0xf4, 0x58, 0xc2}).reads == set_of({1, 2}));  // vaddps ymm0, ymm1, ymm2
  CHECK(access({0xc5, 0xf4, 0x58, 0xc2}).writes == set_of({0}));
  CHECK(access({0x0f, 0x58, 0xc1}).reads == set_of({0, 1}));                 // addps xmm0, xmm1
  CHECK(access({0x0f, 0x57, 0xc0}).reads == 0);                              // xorps xmm0, xmm0
  CHECK(access({0x0f, 0x57, 0xc1}).reads == set_of({0, 1}));                 // xorps xmm0, xmm1
  CHECK(access({0x66, 0x0f, 0x76, 0xc0}).reads == 0);                        // pcmpeqd xmm0, xmm0
  CHECK(access({0xc4, 0xe2, 0x75, 0xb8, 0xc2}).reads == set_of({0, 1, 2}));  // vfmadd231ps ymm0, ymm1, ymm2
  // vaddps zmm0 {k1}, zmm1, zmm2 keeps a part of zmm0; with {z} it does not; without a mask there is no k0.
  CHECK(access({0x62, 0xf1, 0x74, 0x49, 0x58, 0xc2}).reads == set_of({0, 1, 2, kFirstMask + 1}));
  CHECK(access({0x62, 0xf1, 0x74, 0x49, 0x58, 0xc2}).keeps == set_of({0}));
  CHECK(access({0x62, 0xf1, 0x74, 0xc9, 0x58, 0xc2}).reads == set_of({1, 2, kFirstMask + 1}));
  CHECK(access({0x62, 0xf1, 0x74, 0x48, 0x58, 0xc2}).reads == set_of({1, 2}));
  // vcmpps k2, zmm1, zmm2, 1
  CHECK(access({0x62, 0xf1, 0x74, 0x48, 0xc2, 0xd2, 0x01}).writes == set_of({kFirstMask + 2}));
  // vmovups [rax+rdx*4], ymm3: rax, rdx are read
  const RegisterUse store = access({0xc5, 0xfc, 0x11, 0x1c, 0x90});
  CHECK(store.reads == set_of({3, kFirstGeneral + 0, kFirstGeneral + 2}));
  CHECK(store.writes == 0);
  // cmovg r9, rcx: r9 may stay what it was
  CHECK(has(access({0x4c, 0x0f, 0x4f, 0xc9}).keeps, kFirstGeneral + 9));
  CHECK(name_of_register(kFirstGeneral + 9) == "r9");
  CHECK(name_of_register(31) == "v31");
  CHECK(name_of_register(kFirstMask + 7) == "k7");
}

TEST_CASE("a loop keeps alive what the next turn needs") {
  const Liveness live = find_liveness(steps_of(loop_bytes()));
  REQUIRE(live.before.size() == 8);
  const RegisterSet v = kVectorRegisters;
  CHECK((live.before[0] & v) == set_of({1}));
  CHECK((live.before[1] & v) == set_of({1, 2}));
  CHECK((live.before[2] & v) == set_of({0, 1, 2}));
  CHECK((live.after[2] & v) == set_of({1, 2}));  // v1 is read by the next turn
  CHECK((live.after[5] & v) == set_of({1, 2}));
  CHECK((live.before[6] & v) == set_of({2}));
  CHECK((live.after[6] & v) == 0);
  CHECK(live.after[7] == 0);
}

TEST_CASE("ranges of the loop: what is pinned, carried, made") {
  Study study;
  study.code = code_of(loop_bytes());
  study.code.labels = {{4, "main loop"}};
  study.steps = decode_steps(study.code, 0, study.code.pool_offset);
  study.notes.resize(study.steps.size());
  study.parts = find_parts(study.code, study.steps);
  study.liveness = find_liveness(study.steps);
  const Part* main = find_part(study.parts, Purpose::main);
  REQUIRE(main != nullptr);
  CHECK(main->elements == 8);
  const Ranges ranges = find_ranges(study, *main);
  REQUIRE(ranges.list.size() == 4);
  CHECK((ranges.list[0].reg == 0 && ranges.list[0].holds == Holds::temporary));
  CHECK((ranges.list[0].from == 0 && ranges.list[0].to == 1));
  CHECK((ranges.list[1].reg == 1 && ranges.list[1].holds == Holds::pinned && ranges.list[1].to == 4));
  CHECK((ranges.list[2].reg == 2 && ranges.list[2].holds == Holds::accumulator && ranges.list[2].to == 1));
  CHECK((ranges.list[3].reg == 2 && ranges.list[3].from == 1 && ranges.list[3].leaves));
  CHECK(ranges.vectors == std::vector<std::uint32_t>{3, 3, 2, 2, 2});
  CHECK(ranges.most_vectors == 3);
}

TEST_CASE("a kernel's pinned constants, uniforms and accumulators have their names") {
  const Study study = studied("kernel f(x: f32[], scale: f32) -> f32 { sum(sqrt(x*scale)*2) }", {Isa::avx512, 512});
  const Part* main = find_part(study.parts, Purpose::main);
  REQUIRE(main != nullptr);
  std::size_t two = 0, scale = 0, accumulators = 0, loads = 0, reads = 0;
  for (const Range& range : find_ranges(study, *main).list) {
    two += range.holds == Holds::pinned && range.what == "2 (0x40000000)";
    scale += range.holds == Holds::pinned && range.what == "scale";
    accumulators += range.holds == Holds::accumulator && range.arrives;
  }
  for (std::uint32_t i = main->first; i < main->first + main->steps; ++i) {
    reads += study.notes[i].reads == std::vector<std::string>{"scale"};
    loads += study.notes[i].touch.memory == MemoryKind::array && study.notes[i].touch.what == "x";
  }
  CHECK(two == 1);
  CHECK(scale == 1);
  CHECK(accumulators == 4);
  CHECK(loads == 4);
  CHECK(reads == 4);  // x * scale
}
