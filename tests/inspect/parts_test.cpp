// The parts of code: every ISA's loops with their purpose, their pass and the elements of a turn; no gap between parts.
#include "inspect/parts.h"

#include "jit/host.h"
#include "tests/inspect/kernels.h"

using namespace trueno;
using namespace trueno::inspect;
using trueno::tests::code_of;
using trueno::tests::studied;

TEST_CASE("every target has a main loop, of whole steps") {
  for (const jit::Target& target : jit::emittable_targets()) {
    INFO(name_of(target.isa) << " vl" << target.vector_bits);
    const Study sum = studied("kernel f(x: f32[]) -> f32 { sum(x) }", target);
    const Part* main = find_part(sum.parts, Purpose::main);
    REQUIRE(main != nullptr);
    CHECK(main->loop);
    const bool in_registers = target.vector_bits > 128 || target.isa == Isa::avx512;  // else there are too few
    CHECK(main->elements == (in_registers ? 64 : 4));
    CHECK(find_part(sum.parts, Purpose::tail) != nullptr);
    CHECK(find_part(sum.parts, Purpose::fold) != nullptr);
    CHECK(find_part(sum.parts, Purpose::merge) != nullptr);
    const Part* one = find_part(sum.parts, Purpose::one_vector);
    if (target.isa == Isa::avx512 || !in_registers)
      CHECK(one == nullptr);  // there is only one kind, or the rest is taken under masks
    else
      CHECK((one != nullptr && one->loop && one->elements == target.vector_bits / 32));

    const Study map = studied("kernel f(x: f64[]) -> f64[] { x + 1 }", target);
    const Part* stores = find_part(map.parts, Purpose::main);
    REQUIRE(stores != nullptr);
    CHECK(stores->elements == 4 * target.vector_bits / 64);
    CHECK(find_part(map.parts, Purpose::peel) != nullptr);
    CHECK(find_part(map.parts, Purpose::fold) != nullptr);
  }
}

TEST_CASE("parts follow one another without a gap, passes are numbered") {
  const Study study = studied("kernel f(x: f32[]) -> f32[] { softmax(x) }", {Isa::avx2, 256});
  std::uint32_t at = 0, step = 0, mains = 0;
  for (const Part& part : study.parts) {
    CHECK(part.begin == at);
    CHECK(part.first == step);
    at = part.end;
    step += part.steps;
    if (part.purpose == Purpose::main) CHECK(part.pass == mains++);
  }
  CHECK(at == end_of_instructions(study.code));
  CHECK(step == study.steps.size());
  CHECK(mains == 3);
  CHECK(find_part(study.parts, Purpose::peel, 2) != nullptr);
  CHECK(find_part(study.parts, Purpose::peel, 1) == nullptr);
  CHECK(find_part(study.parts, Purpose::main, 3) == nullptr);
  CHECK(part_of(study.parts, 0)->name == "whole");
  CHECK(part_of(study.parts, step - 1) == &study.parts.back());
}

TEST_CASE("code without labels, without instructions, without bytes") {
  const jit::Code plain = code_of({0x90, 0xc3});
  const auto parts = find_parts(plain, decode_steps(plain, 0, 2));
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].purpose == Purpose::between);
  CHECK(parts[0].steps == 2);
  CHECK(find_parts(jit::Code(), {}).empty());
  CHECK(part_of({}, 0) == nullptr);
}
