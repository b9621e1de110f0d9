// trueno-demo on few rows: it runs everywhere, agrees with itself, and leaves no file it was not asked for.
#include "tools/demo.h"

#include <catch2/catch.hpp>

#include "jit/host.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/demo_plain.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

TEST_CASE("the demo runs and all bits agree") {
  const Scratch scratch;
  const Said said = call_tool(demo_tool, {scratch / "columns", "--rows", "20000", "--seconds", "0"});
  INFO(said.out << said.err);
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Contains("All bits agree.") && Contains("plain C++") && Contains("interpreter"));
  for (const jit::Target& t : jit::emittable_targets())
    CHECK_THAT(said.out, Contains(std::string(name_of(t.isa)) + " vl" + std::to_string(t.vector_bits)));
  CHECK(read_npy(scratch / "columns/price.npy")->length() == 20000);
  CHECK(read_npy(scratch / "columns/quantity.npy")->type() == Type::i32);
}

TEST_CASE("without a directory its columns are temporary") {
  const Scratch scratch;
  ::setenv("TMPDIR", (scratch / "").c_str(), 1);
  const Said said = call_tool(demo_tool, {"--rows", "100", "--seconds", "0"});
  ::unsetenv("TMPDIR");
  CHECK(said.code == kFine);
  CHECK_THAT(said.out, Contains(scratch / ""));
  CHECK(scratch.files() == 0);
}

TEST_CASE("columns that cannot be written are an error") {
  const Said said = call_tool(demo_tool, {"/dev/null/columns", "--rows", "100"});
  CHECK(said.code == kBadInput);
  CHECK_THAT(said.err, Contains("/dev/null/columns"));
}

TEST_CASE("the plain loops compute what the kernels do") {
  const float x[] = {1, 2, 3.5f};
  const std::int32_t k[] = {2000000000, 2000000000, -1};
  CHECK(plain::sum(x, 3) == 6.5f);
  CHECK(plain::mean(x, 2) == 1.5f);
  CHECK(plain::sum(k, 3) == 3999999999);
  CHECK(plain::mean(k, 2) == 2e9);
  CHECK(plain::mean_sigmoid(x, 1, 0, 0) == 0.5f);
}
