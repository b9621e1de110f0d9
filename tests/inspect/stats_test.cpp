// Counts against a loop that was read by hand, and sums over the whole code.
#include "inspect/stats.h"

#include "jit/host.h"
#include "tests/inspect/kernels.h"

using namespace trueno;
using namespace trueno::inspect;
using trueno::tests::studied;

TEST_CASE("a loop's counts are those of its listing") {
  // main loop: 4 times vmovups ymm, [x]; vaddps ymm, ymm, [y]; vcmpps and vblendvps with the canonical NaN;
  // vmovups [result], ymm; then add, cmp, jle
  const Study study = studied("kernel f(x: f32[], y: f32[]) -> f32[] { x + y }", {Isa::avx2, 256});
  const Part* main = find_part(study.parts, Purpose::main);
  REQUIRE(main != nullptr);
  const Stats stats = find_stats(study, *main);
  CHECK(stats.instructions == 4 * 5 + 3);
  CHECK(stats.loads == 8);
  CHECK(stats.stores == 4);
  CHECK(stats.constants + stats.uniforms + stats.spills + stats.reloads + stats.lanes + stats.other_memory == 0);
  CHECK(stats.elements == 32);
  CHECK(stats.per_element(stats.loads) == 0.25);
  CHECK(stats.vector_bits == 256);
  CHECK(stats.narrower == 0);
  CHECK(stats.bytes == main->end - main->begin);
  CHECK(stats.accumulators == 0);
  CHECK(stats.pinned == 1);
}

TEST_CASE("spills, and accumulators in the frame") {
  std::string wide = "kernel f(x: f32[]) -> f32[] {\n";
  for (int i = 1; i <= 24; ++i) wide += "  a" + std::to_string(i) + " = sqrt(x + " + std::to_string(i) + ")\n";
  wide += "  (a1";
  for (int i = 2; i <= 24; ++i) wide += " + a" + std::to_string(i);
  wide += ")";
  for (int i = 1; i <= 24; ++i) wide += " * a" + std::to_string(i);
  const Study spilled = studied(wide + "\n}", {Isa::avx2, 256});
  const Stats stats = find_stats(spilled, *find_part(spilled.parts, Purpose::main));
  CHECK(stats.spills > 0);
  CHECK(stats.reloads > 0);
  CHECK(stats.spills + stats.reloads == spilled.code.spills);
  CHECK(stats.most_vectors == 16);
  CHECK(find_stats(studied(wide + "\n}", {Isa::avx512, 512}), *find_part(spilled.parts, Purpose::main)).spills == 0);

  const Study frame = studied("kernel f(x: f32[]) -> f32 { sum(x) }", {Isa::sse2, 128});
  const Part* main = find_part(frame.parts, Purpose::main);
  REQUIRE(main != nullptr);
  CHECK(find_stats(frame, *main).lanes == 2 * static_cast<std::uint32_t>(main->elements) / 4);
}

TEST_CASE("every instruction and every byte is counted once") {
  for (const jit::Target& target : jit::emittable_targets()) {
    const Study study = studied("kernel f(x: f32[], a: f32) -> (f32, f32[]) { y = exp(a*x); sum(y), tanh(y) }", target);
    const Stats all = find_stats(study);
    Stats sum;
    for (const Part& part : study.parts) {
      const Stats one = find_stats(study, part);
      sum.instructions += one.instructions, sum.bytes += one.bytes;
      sum.loads += one.loads, sum.stores += one.stores, sum.constants += one.constants;
    }
    CHECK(sum.instructions == study.instructions.size());
    CHECK(sum.bytes == end_of_instructions(study.code));
    CHECK(sum.loads == all.loads);
    CHECK(sum.stores == all.stores);
    CHECK(sum.constants == all.constants);
    CHECK(all.stores >= 2);  // of the main loop and the tail
  }
}

TEST_CASE("spills that are counted are those the allocator made") {
  for (const char* text :
       {"kernel f(x: f64[]) -> f64[] { tanh(x) }", "kernel f(x: f64[]) -> f64[] { expm1(x) + log(x) }",
        "kernel f(x: f32[], y: f32[]) -> f32 { correlation(x, y) }",
        "kernel f(x: f64[], y: f64[]) -> f64 { sum.comp(exp(x) * y) + sum.exact(x) }",
        "kernel f(x: f32[]) -> f32 { variance(softplus(x)) }",
        "kernel f(x: f32[], a: f32) -> (f32, f32, i64) { sum(exp(a*x)), logsumexp(x), argmin(tanh(x)) }"})
    for (const jit::Target& target : jit::emittable_targets()) {
      const auto study = inspect::study(tests::optimized(text), target);
      if (!study) continue;
      INFO(text << " " << name_of(target.isa) << " vl" << target.vector_bits);
      std::size_t spills = 0;
      for (const Part& part : study->parts) {
        if (part.purpose != Purpose::main) continue;
        std::uint32_t copies = 1;
        for (std::uint32_t i = part.first; i < part.first + part.steps; ++i)
          copies = std::max(copies, study->notes[i].copy + 1);
        const Stats stats = find_stats(*study, part);
        spills += (stats.spills + stats.reloads) / copies;
      }
      CHECK(spills == study->code.spills);
    }
}
