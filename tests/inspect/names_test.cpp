// The names beside instructions are those of the printed kernel, and stand on the line that defines them.
#include <algorithm>

#include "jit/host.h"
#include "tests/inspect/kernels.h"

using namespace trueno;
using namespace trueno::inspect;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

}  // namespace

TEST_CASE("each node stands on its line, under its name") {
  for (const char* text : {"kernel f(x: f32[], a: f32) -> f32 { mean(sigmoid(a*x + 1)) }",
                           "kernel f(x: f32[]) -> f32[] { d = x - mean(x); d / sqrt(mean(d*d)) }",
                           "kernel f(x: f64[]) -> (f64, i64) { sum(x where x > 0), count() }"}) {
    const ir::Kernel kernel = tests::optimized(text);
    const auto names = ir::print_nodes(kernel);
    const auto lines = lines_of(ir::print_parts(kernel).kernel);
    REQUIRE(names.size() == kernel.nodes.size());
    std::size_t named = 0;
    for (ir::NodeId id = 0; id < names.size(); ++id) {
      if (names[id].text.empty()) continue;
      INFO(names[id].text << " on " << names[id].line << "\n" << ir::print(kernel));
      REQUIRE(names[id].line < lines.size());
      const std::string& line = lines[names[id].line];
      const bool parameter = kernel[id].op == ir::Op::param_array || kernel[id].op == ir::Op::param_scalar;
      if (names[id].named && !parameter) {
        CHECK(line.starts_with("  " + names[id].text + " = "));
        ++named;
      } else {
        CHECK(line.find(names[id].text) != std::string::npos);
      }
    }
    CHECK(named == static_cast<std::size_t>(std::count_if(
                       lines.begin(), lines.end(), [](const std::string& l) { return l.find(" = ") != l.npos; })));
  }
}

TEST_CASE("instructions of loops are named by the printed kernel") {
  for (const jit::Target& target : jit::emittable_targets()) {
    const Study study = tests::studied("kernel f(x: f32[], a: f32) -> f32[] { d = x - a; d * sqrt(d) }", target);
    const Part* main = find_part(study.parts, Purpose::main);
    REQUIRE(main != nullptr);
    std::vector<std::string> seen;
    for (std::uint32_t i = main->first; i < main->first + main->steps; ++i)
      if (const std::string& value = study.notes[i].value; !value.empty() && study.notes[i].copy == 0)
        if (std::find(seen.begin(), seen.end(), value) == seen.end()) seen.push_back(value);
    INFO(name_of(target.isa));
    CHECK(std::find(seen.begin(), seen.end(), "d") != seen.end());
    CHECK(std::find(seen.begin(), seen.end(), "sqrt(d)") != seen.end());
    CHECK(std::find(seen.begin(), seen.end(), "d * sqrt(d)") != seen.end());
  }
}

TEST_CASE("a reduction's step is its own, and only a load is its operand's") {
  for (const jit::Target& target : jit::emittable_targets()) {
    const Study study = tests::studied("kernel f(x: f32[]) -> f32 { max(x) }", target);
    const Part* main = find_part(study.parts, Purpose::main);
    REQUIRE(main != nullptr);
    INFO(name_of(target.isa) << " vl" << target.vector_bits);
    for (std::uint32_t i = main->first; i < main->first + main->steps; ++i) {
      const Note& note = study.notes[i];
      INFO(study.instructions[i].text);
      if (note.value == "x") CHECK(note.touch.memory == MemoryKind::array);
      if (study.liveness.access[i].writes & kVectorRegisters) CHECK_FALSE(note.value.empty());
    }
  }
}
