// Decoding, on bytes made by another assembler: names of places, constants beside their users, bad bytes.
#include "inspect/disassemble.h"

#include <catch2/catch.hpp>

#include "inspect/liveness.h"
#include "inspect/parts.h"
#include "inspect/places.h"

using namespace trueno;
using namespace trueno::inspect;

namespace {

/// xor; loop: five instructions that use the pool, add, cmp, jl loop; je out; nop; out: ret; the pool at 0x40.
jit::Code sample() {
  jit::Code code;
  code.bytes = {
      0x31, 0xc0,                                                  // 00 xor eax, eax
      0xc5, 0xfc, 0x58, 0x05, 0x36, 0x00, 0x00, 0x00,              // 02 vaddps ymm0, ymm0, [0x40]
      0x62, 0xf1, 0x6c, 0x58, 0x59, 0x0d, 0x2c, 0x00, 0x00, 0x00,  // 0a vmulps zmm1, zmm2, [0x40]{1to16}
      0xc5, 0xf1, 0xfe, 0x0d, 0x44, 0x00, 0x00, 0x00,              // 14 vpaddd xmm1, xmm1, [0x60]
      0xc5, 0xf0, 0x54, 0x0d, 0x4c, 0x00, 0x00, 0x00,              // 1c vandps xmm1, xmm1, [0x70]
      0xc5, 0xf1, 0x58, 0x0d, 0x54, 0x00, 0x00, 0x00,              // 24 vaddpd xmm1, xmm1, [0x80]
      0x48, 0x83, 0xc0, 0x08,                                      // 2c add rax, 8
      0x48, 0x39, 0xd0,                                            // 30 cmp rax, rdx
      0x7c, 0xcd,                                                  // 33 jl 0x02
      0x74, 0x01,                                                  // 35 je 0x38
      0x90,                                                        // 37 nop
      0xc3,                                                        // 38 ret
      0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,                    // 39 padding
  };
  code.pool_offset = 0x40;
  const auto put = [&](int times, std::uint64_t value, int size) {
    for (; times > 0; --times)
      for (int i = 0; i < size; ++i) code.bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  };
  put(8, 0x3fc00000, 4);
  for (std::uint64_t i = 0; i < 4; ++i) put(1, i, 4);
  put(4, 0x7fffffff, 4);
  put(2, 0x4004000000000000, 8);
  code.labels = {{0, "whole"}, {2, "main loop"}};
  return code;
}

}  // namespace

TEST_CASE("instructions, places and constants") {
  const jit::Code code = sample();
  const auto all = decode(code, 0, 0x39);
  REQUIRE(all.size() == 12);
  CHECK(all[1].text == "vaddps ymm0, ymm0, [pool+0x0]");
  CHECK(all[1].constant == "1.5 (0x3fc00000)");
  CHECK(all[2].constant == "1.5 (0x3fc00000)");
  CHECK(all[3].constant == "{0, 1, 2, 3}");
  CHECK(all[4].constant == "0x7fffffff");
  CHECK(all[5].constant == "2.5 (0x4004000000000000)");
  CHECK(all[8].text == "jl main loop");
  CHECK(all[9].text == "jz .1");
  CHECK(all[11].text == "ret");
  CHECK(all[0].constant.empty());
}

TEST_CASE("places have the generator's names, or numbers") {
  jit::Code code = sample();
  code.labels.push_back({0x37, "main loop"});
  const Places places = name_places(code, decode_steps(code, 0, code.pool_offset));
  CHECK(places == Places{{0, "whole"}, {2, "main loop"}, {0x37, "main loop 2"}, {0x38, ".1"}});
}

TEST_CASE("bytes that are no instruction are shown") {
  jit::Code code = sample();
  code.bytes[0x38] = 0x06;  // push es: not in 64-bit mode
  const auto all = decode(code, 0x38, 0x39);
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].valid);
  CHECK(all[0].text == "(bad) 0x06");
}

TEST_CASE("any bytes at all can be decoded") {
  jit::Code code;
  std::uint32_t state = 1;
  for (int i = 0; i < 20000; ++i)
    code.bytes.push_back(static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24));
  code.pool_offset = 19000;
  CHECK_FALSE(decode(code, 0, code.pool_offset).empty());
  const auto steps = decode_steps(code, 0, code.pool_offset);
  const Liveness live = find_liveness(steps);
  CHECK(live.after.size() == steps.size());
  CHECK_FALSE(find_parts(code, steps).empty());
  code.pool_offset = 30000;  // beyond the bytes
  CHECK_FALSE(decode(code, 0, code.pool_offset).empty());
  CHECK(decode(jit::Code(), 0, 100).empty());
}
