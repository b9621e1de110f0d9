// Two targets side by side: each node's instructions at the same height, nothing left out, nothing twice; and the text
// of one pair as it is in tests/tools/golden/beside.txt (TRUENO_BLESS=1 writes it anew).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"
#include "tools/jitdump_views.h"

using namespace trueno;
using namespace trueno::tools;
using Catch::Contains;

namespace {

inspect::Study studied(const char* text, const jit::Target& target) {
  const auto module = ir::parse_module(text, ops::built_in());
  REQUIRE(module);
  const auto kernel = ir::optimize(module->kernels.at(0), ops::built_in());
  REQUIRE(kernel);
  auto study = inspect::study(*kernel, target);
  REQUIRE(study);
  return std::move(*study);
}

/// The columns of each line.
std::vector<std::vector<std::string>> rows(const std::string& text) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& line : split(text, '\n'))
    if (!line.empty()) out.push_back(split(line, '|'));
  return out;
}

/// Offset of the instruction in a cell; -1: none.
long offset_in(const std::string& cell) {
  char* end = nullptr;
  const long offset = std::strtol(cell.c_str(), &end, 16);
  return end != cell.c_str() && std::string(end).starts_with("  ") ? offset : -1;
}

constexpr const char* kKernel = "kernel f(x: f32[], a: f32) -> f32[] { d = x - a; sqrt(d) * max(d, 1) }";

}  // namespace

TEST_CASE("instructions of one node face each other") {
  const inspect::Study a = studied(kKernel, {Isa::sse2, 128}), b = studied(kKernel, {Isa::avx512, 512});
  const auto index_of = [](const inspect::Study& study, long offset) {
    const auto at = std::find_if(study.steps.begin(), study.steps.end(),
                                 [&](const inspect::Step& s) { return long{s.offset} == offset; });
    REQUIRE(at != study.steps.end());
    return static_cast<std::size_t>(at - study.steps.begin());
  };
  std::size_t facing = 0;
  std::vector<long> left, right;
  for (const auto& row : rows(beside_text(a, b, 170))) {
    REQUIRE(row.size() == 3);
    const long x = offset_in(row[0]), y = offset_in(row[1]);
    if (x >= 0) left.push_back(x);
    if (y >= 0) right.push_back(y);
    if (x < 0 || y < 0) continue;
    const inspect::Note &p = a.notes[index_of(a, x)], &q = b.notes[index_of(b, y)];
    CHECK(p.node == q.node);
    CHECK((p.node == ir::kNoNode || p.copy == q.copy));
    facing += p.node != ir::kNoNode;
  }
  CHECK(facing >= 4 * 4);
  for (const std::vector<long>& side : {left, right}) {
    CHECK(std::is_sorted(side.begin(), side.end()));
    CHECK(std::adjacent_find(side.begin(), side.end()) == side.end());
  }
  const inspect::Part* main = find_part(a.parts, inspect::Purpose::main);
  for (std::uint32_t i = main->first; i < main->first + main->steps; ++i)
    CHECK(std::count(left.begin(), left.end(), long{a.steps[i].offset}) == 1);
}

TEST_CASE("the golden pair") {
  const std::string now = beside_text(studied(kKernel, {Isa::avx2, 256}), studied(kKernel, {Isa::avx512, 512}), 160);
  const std::string path = TRUENO_TESTS_DIR "/tools/golden/beside.txt";
  const char* bless = std::getenv("TRUENO_BLESS");
  if (bless != nullptr && std::string(bless) == "1") tests::write_bytes(path, now);
  CHECK(tests::read_bytes(path) == now);
}

TEST_CASE("--side-by-side, and not unasked into a file") {
  const std::vector<std::string> both = {"x + 1", "--isa", "sse2,avx2", "--stage", "asm"};
  std::vector<std::string> asked = both;
  asked.emplace_back("--side-by-side");
  CHECK_THAT(tests::call_tool(jitdump_tool, asked).out, Contains("# asm: sse2 vl128 beside avx2 vl256\n"));
  CHECK_THAT(tests::call_tool(jitdump_tool, both).out, !Contains("beside"));
}
