// Wrong code that the lint has to catch: small changes to good code, each of a kind of its own, and each by the rule
// that is about it.
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>

#include "inspect/disassemble.h"
#include "inspect/lint.h"
#include "ir/passes/passes.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "ops/user_ops.h"

using namespace trueno;

namespace {

constexpr jit::Target kSse2 = {Isa::sse2, 128}, kAvx2 = {Isa::avx2, 256}, kShort = {Isa::avx2, 128},
                      kAvx512 = {Isa::avx512, 512};

const char* const kAdd = "kernel f(x: f32[], y: f32[]) -> f32[] { x + y }";
const char* const kSum = "kernel f(x: f32[]) -> f32 { sum(x) }";
const char* const kSumOf = "kernel f(x: f32[], a: f32) -> f32 { sum(a * x) }";
const char* const kExp = "kernel f(x: f32[]) -> f32[] { exp(x) }";

/// One instruction of the code, to be changed in place.
struct At {
  std::uint8_t* bytes;
  std::uint32_t length;

  void replace(std::initializer_list<std::uint8_t> by) const {
    REQUIRE(by.size() <= length);
    std::memset(bytes, 0x90, length);
    std::copy(by.begin(), by.end(), bytes);
  }
  /// The last byte: a short displacement or immediate.
  std::uint8_t& last() const { return bytes[length - 1]; }
  /// The last four: a long one.
  void add_to_last(std::int32_t difference) const {
    std::int32_t value = 0;
    std::memcpy(&value, bytes + length - 4, 4);
    value += difference;
    std::memcpy(bytes + length - 4, &value, 4);
  }
};

struct Planted {
  const char* name;
  const char* kernel;
  jit::Target target;
  const char* label;     ///< the change is to the first instruction behind it
  const char* contains;  ///< with this in its text
  LintRule rule;
  void (*change)(const At&);
};

void to_nop(const At& at) { at.replace({}); }
/// The byte behind a VEX prefix of two bytes (c5) or three (c4), and what in the prefix says 256 bits.
std::uint8_t& vex_opcode(const At& at) { return at.bytes[at.bytes[0] == 0xc5 ? 2 : 3]; }
std::uint8_t& vex_length(const At& at) { return at.bytes[at.bytes[0] == 0xc5 ? 1 : 2]; }

const Planted kPlanted[] = {
    {"a main loop that goes one element too far", kAdd, kAvx2, "peel", "lea r11, [rcx-0x20]", LintRule::bounds,
     [](const At& at) { ++at.last(); }},
    {"a load one element on", kAdd, kAvx2, "main loop", "vaddps ymm0, ymm0, [rbx+rdx*4+0x60]", LintRule::bounds,
     [](const At& at) { at.last() += 4; }},
    {"a load one element before", kAdd, kAvx2, "main loop", "vmovups ymm0, [r10+rdx*4+0x20]", LintRule::bounds,
     [](const At& at) { at.last() = static_cast<std::uint8_t>(-4); }},
    {"elements of the wrong size", kAdd, kAvx2, "main loop", "vmovups ymm0, [r10+rdx*4]", LintRule::bounds,
     [](const At& at) { at.last() += 0x40; }},  // the scale of its index: 8
    {"a main loop of too long steps", kAdd, kAvx2, "main loop", "add rdx", LintRule::bounds,
     [](const At& at) { at.last() *= 2; }},
    {"a tail mask one lane too long, avx2", kAdd, kAvx2, "tail", "add r11, 0x08", LintRule::bounds,
     [](const At& at) { --at.last(); }},
    {"a tail mask of all lanes, avx512", kAdd, kAvx512, "tail", "sub r11, rdx", LintRule::bounds, to_nop},
    {"a tail that is not masked", kAdd, kAvx512, "tail", "vmovups zmm0 {k7}", LintRule::bounds,
     [](const At& at) { at.bytes[3] = static_cast<std::uint8_t>(at.bytes[3] & ~0x87); }},  // no mask, no zeroing
    {"a tail copied one element too far", kSum, kSse2, "tail", "jnz", LintRule::bounds,
     [](const At& at) {
       at.replace({0x79, at.last()});
     }},  // jns
    {"an argument stored to", kAdd, kAvx2, "main loop", "vmovups ymm0, [r10+rdx*4]", LintRule::input,
     [](const At& at) { vex_opcode(at) = 0x11; }},
    {"a scalar argument stored to", kSumOf, kAvx2, "fold", "vmovss [rsi", LintRule::input,
     [](const At& at) { at.last() = 8; }},
    {"a constant stored to", kAdd, kAvx2, "whole", "vmovups ymm15, [pool", LintRule::input,
     [](const At& at) { vex_opcode(at) = 0x11; }},
    {"a result beyond the slots", kSum, kAvx2, "fold", "vmovss [rsi", LintRule::bounds,
     [](const At& at) { at.last() = 0x78; }},
    {"a constant beyond the pool", kExp, kAvx2, "whole", "[pool+", LintRule::bounds,
     [](const At& at) { at.add_to_last(0x10000); }},
    {"half an entry of the merge stack", kSum, kAvx2, "merge", "sub r11", LintRule::bounds,
     [](const At& at) { at.add_to_last(-0x80); }},
    {"a merge stack that grows by two", kSum, kAvx2, "merge", "add r11, 0x100", LintRule::bounds,
     [](const At& at) { at.add_to_last(0x100); }},
    {"a store above the frame", kSum, kSse2, "tail", "movss [rsp+r11*4", LintRule::stack,
     [](const At& at) { at.add_to_last(0x200); }},
    {"a stack pointer that is not brought back", kAdd, kSse2, "results", "lea rsp", LintRule::saved,
     [](const At& at) { at.last() += 8; }},
    {"a push without its pop", kAdd, kAvx2, "results", "pop rbp", LintRule::stack, to_nop},
    {"a register that is not brought back", kAdd, kAvx2, "results", "pop r12", LintRule::saved,
     [](const At& at) { ++at.last(); }},
    {"no vzeroupper", kAdd, kAvx2, "results", "vzeroupper", LintRule::uppers, to_nop},
    {"the older encoding between vectors of 256 bits", kAdd, kAvx2, "main loop", "vcmpps", LintRule::uppers,
     [](const At& at) {
       at.replace({0x0f, 0x58, 0xc1});
     }},
    {"ssse3 in code for sse2", kAdd, kSse2, "main loop", "movups xmm0, [r10+rdx*4]", LintRule::isa,
     [](const At& at) {
       at.replace({0x66, 0x0f, 0x38, 0x1e, 0xc0});
     }},
    {"avx512 in code for avx2", kExp, kAvx2, "main loop", "vaddps ymm", LintRule::isa,
     [](const At& at) {
       at.replace({0xc5, 0xf8, 0x41, 0xc0});
     }},  // a k instruction, as long
    {"vectors longer than claimed", kAdd, kShort, "main loop", "vaddps xmm0", LintRule::vector_length,
     [](const At& at) { vex_length(at) |= 4; }},
    {"an indirect jump", kSum, kAvx2, "merge", "jmp", LintRule::jump,
     [](const At& at) {
       at.replace({0xff, 0xe0});
     }},
    {"a jump into an instruction", kAdd, kAvx2, "main loop", "jle", LintRule::jump,
     [](const At& at) { at.add_to_last(1); }},
    {"a call", kSum, kSse2, "merge", "jmp fold", LintRule::jump, [](const At& at) { at.bytes[0] = 0xe8; }},
    {"a jump into the constants", kSum, kSse2, "merge", "jmp fold", LintRule::pool,
     [](const At& at) {
       at.replace({0xe9, 4, 0, 0, 0});
     }},  // it is the last instruction
    {"no ret", kAdd, kAvx2, "results", "ret", LintRule::pool, to_nop},
    {"bytes that are no instruction", kAdd, kAvx2, "main loop", "vaddps", LintRule::decoding,
     [](const At& at) { at.bytes[0] = 0x06; }},
    {"an aligned move of what may not be", kAdd, kSse2, "main loop", "movups xmm0, [r10+rdx*4]", LintRule::alignment,
     [](const At& at) { at.bytes[2] = 0x28; }},
    {"a gather", kAdd, kAvx2, "main loop", "vaddps ymm0, ymm0, [rbx+rdx*4+0x20]", LintRule::bounds,
     [](const At& at) {
       at.replace({0xc4, 0xe2, 0x6d, 0x92, 0x04, 0x88});
     }},
    {"the direction flag", kAdd, kAvx2, "main loop", "vaddps", LintRule::environment,
     [](const At& at) { at.replace({0xfd}); }},
    {"the rounding mode", kSum, kSse2, "block", "movups [rsp+0x10]", LintRule::environment,
     [](const At& at) {
       at.replace({0x0f, 0xae, 0x14, 0x24});
     }},
    {"x87", kAdd, kAvx2, "main loop", "vaddps", LintRule::environment,
     [](const At& at) {
       at.replace({0xd9, 0xe8});
     }},
    {"a main loop that is left out", kSum, kAvx2, "block", "jnle", LintRule::unreached,
     [](const At& at) { at.bytes[0] = 0x90, at.bytes[1] = 0xe9; }},
};

struct Compiled {
  ir::Kernel kernel;
  jit::Code code;
};

Compiled compiled(const char* text, const jit::Target& target) {
  const auto module = ops::parse_user_module(text, ops::built_in(), "test");
  REQUIRE(module);
  auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  auto code = jit::compile(*kernel, target);
  REQUIRE(code);
  return {*kernel, *code};
}

At find(jit::Code& code, const char* label, const char* contains) {
  const auto from =
      std::find_if(code.labels.begin(), code.labels.end(), [&](const jit::Label& l) { return l.name == label; });
  REQUIRE(from != code.labels.end());
  for (const inspect::Instruction& i : inspect::decode(code, from->offset, code.pool_offset))
    if (i.text.find(contains) != std::string::npos) return {code.bytes.data() + i.offset, i.length};
  FAIL("no such instruction");
  return {};
}

}  // namespace

TEST_CASE("lint: planted violations are caught, each by the rule that is about it") {
  for (const Planted& planted : kPlanted) {
    INFO(planted.name);
    Compiled c = compiled(planted.kernel, planted.target);
    REQUIRE(inspect::lint(c.code, c.kernel).fine());
    planted.change(find(c.code, planted.label, planted.contains));
    const LintReport report = inspect::lint(c.code, c.kernel);
    INFO(describe(report));
    CHECK(std::any_of(report.findings.begin(), report.findings.end(),
                      [&](const LintFinding& f) { return f.rule == planted.rule; }));
  }
  CHECK(std::size(kPlanted) >= 16);
}

TEST_CASE("lint: every rule has a planted violation") {
  for (std::size_t r = 0; r < kLintRules; ++r) {
    const auto rule = static_cast<LintRule>(r);
    INFO(name_of(rule));
    CHECK(std::any_of(std::begin(kPlanted), std::end(kPlanted), [&](const Planted& p) { return p.rule == rule; }));
  }
}

TEST_CASE("lint: a main loop of shorter vectors than claimed") {
  Compiled c = compiled(kAdd, kShort);
  c.code.target = kAvx2;
  const LintReport report = inspect::lint(c.code, c.kernel);
  REQUIRE_FALSE(report.fine());
  CHECK(report.findings[0].rule == LintRule::vector_length);
  CHECK(report.findings[0].what == "'main loop' works on 128 bits at most, claimed are vectors of 256");
}

TEST_CASE("lint: any byte of code may be wrong and is only reported") {
  const Compiled good = compiled(kSum, kAvx2);
  std::size_t noticed = 0, tried = 0;
  for (std::uint32_t at = 0; at < good.code.pool_offset; at += 3) {
    jit::Code code = good.code;
    code.bytes[at] ^= 0x5a;
    noticed += !inspect::lint(code, good.kernel).fine();
    ++tried;
  }
  CHECK(noticed > tried / 2);
}
