// The tools where the system refuses: exit code 3 where generated code was required, 2 where results cannot be
// written, and nothing half written left behind; hostile arrays.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "jit/arena.h"
#include "runtime/host.h"
#include "tests/child.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/demo.h"
#include "tools/jitdump.h"
#include "tools/run.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

/// x.npy: 10,000 floats.
struct Column : Scratch {
  std::string path = *this / "x.npy";
  Column() {
    const std::vector<float> values(10000, 0.5f);
    REQUIRE(write_npy(path, Type::f32, values.data(), values.size()));
  }
};

/// A shell's exit code, and what it said to stderr.
Said shell(const Column& column, const std::string& command) {
  const std::string all =
      "export T='" TRUENO_TOOLS_DIR "' X='" + column.path + "' D='" + (column / "") + "'; " + command;
  std::FILE* const pipe = ::popen((all + " 2>&1 >/dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Said said;
  char part[512];
  while (std::fgets(part, sizeof part, pipe)) said.err += part;
  const int status = ::pclose(pipe);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return said;
}

bool code_here() {
  if (!runtime::runnable_targets().empty() && jit::executable_memory()) return true;
  WARN("skipped: no generated code on this host");
  return false;
}

/// In a child that may not have executable memory.
std::string refused(Tool tool, const std::vector<std::string>& arguments) {
  return test::in_child([&]() -> std::string {
    if (!test::refuse_executable_memory()) return "SKIPPED";
    const Said said = call_tool(tool, arguments);
    return std::to_string(said.code) + ": " + said.err + said.out;
  });
}

}  // namespace

TEST_CASE("exit code 3 where code was required and is refused, by option and by environment") {
  if (!code_here()) return;
  const Column column;
  const std::string no_growth = "ulimit -f 0; ";  // memory files are files, too
  CHECK(shell(column, no_growth + "$T/trueno-run 'sum(x)' --in x=$X").code == kFine);
  for (const char* command :
       {"$T/trueno-run 'sum(x)' --in x=$X --backend jit", "TRUENO_JIT=require $T/trueno-run 'sum(x)' --in x=$X"}) {
    const Said said = shell(column, no_growth + command);
    CHECK(said.code == kUnavailable);
    CHECK_THAT(said.err, Contains("executable memory refused: write: File too large; RLIMIT_FSIZE allows 0 bytes"));
  }
  CHECK(shell(column, "TRUENO_JIT=require $T/trueno-run 'sum(x)' --in x=$X").code == kFine);
}

TEST_CASE("a seccomp filter: the tools name it") {
  if (!code_here()) return;
  const Column column;
  const std::string run = refused(run_tool, {"sum(x)", "--in", "x=" + column.path, "--backend", "jit"});
  if (run == "SKIPPED") {
    WARN("skipped: seccomp filters cannot be installed here");
    return;
  }
  CHECK_THAT(run, Catch::StartsWith("3: trueno-run: error: executable memory refused") && Contains("a seccomp filter"));
  CHECK_THAT(refused(run_tool, {"sum(x)", "--in", "x=" + column.path}),
             Catch::StartsWith("0: ") && Contains("ran by: fallback") && Contains("a seccomp filter"));
  CHECK_THAT(refused(jitdump_tool, {"sum(x)", "--verify"}), Catch::StartsWith("3: ") && Contains("a seccomp filter"));
  CHECK_THAT(refused(jitdump_tool, {"sum(x)", "--stage", "asm"}), Catch::StartsWith("0: "));  // runs no code
  CHECK_THAT(refused(demo_tool, {"--rows", "100", "--seconds", "0"}),
             Catch::StartsWith("0: ") && Contains("skipped: all generated code") && Contains("a seccomp filter"));
}

TEST_CASE("the demo under a filter", "[.child]") {
  if (!std::getenv("TRUENO_TEST_CHILD") || !test::refuse_executable_memory()) return;  // for the rest of the process
  CHECK(call_tool(demo_tool, {"--rows", "100", "--seconds", "0"}).code == kUnavailable);
}

TEST_CASE("the demo, too, ends with 3 where code is required") {
  if (!code_here()) return;
  CHECK_THAT(test::run_again("the demo under a filter", {{"TRUENO_JIT", "require"}, {"TRUENO_TEST_CHILD", "1"}}),
             Contains("All tests passed"));
}

TEST_CASE("results that cannot be written: exit code 2, and no file") {
  const Column column;
  const std::size_t before = column.files();
  const Said full = shell(column, "$T/trueno-run '2*x' --in x=$X --out /dev/full");
  CHECK(full.code == kBadInput);
  CHECK_THAT(full.err, Contains("/dev/full: error: cannot be written: No space left"));
  // 512 or 1024 bytes, as the shell counts: fewer than the result, more than any code or message.
  const Said small = shell(column, "ulimit -f 30; $T/trueno-run '2*x' --in x=$X --out $D/y.npy");
  CHECK(small.code == kBadInput);
  CHECK_THAT(small.err, Contains("y.npy: error: cannot be written: File too large"));
  CHECK(column.files() == before);
}

TEST_CASE("a directory that may not be written to") {
  const Column column;
  const std::size_t before = column.files();
  REQUIRE(::chmod((column / "").c_str(), 0555) == 0);
  const std::string said = test::in_child([&]() -> std::string {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return "SKIPPED";
    const Said run = call_tool(run_tool, {"2*x", "--in", "x=" + column.path, "--out", column / "y.npy"});
    return std::to_string(run.code) + ": " + run.err;
  });
  REQUIRE(::chmod((column / "").c_str(), 0755) == 0);
  if (said == "SKIPPED") {
    WARN("skipped: root may write anywhere, and cannot become anybody else here");
    return;
  }
  CHECK_THAT(said,
             Catch::StartsWith("2: ") && Contains("y.npy: error: cannot be written") && Contains("Permission denied"));
  CHECK(column.files() == before);
}

TEST_CASE("hostile arrays: exit code 2, the file's name and what is wrong") {
  const Scratch scratch;
  const auto file = [](const std::string& dict, const std::string& data, std::size_t claimed) {
    return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(claimed & 255) + static_cast<char>(claimed >> 8) +
           dict + data;
  };
  const auto array = [&](const std::string& descr, const std::string& shape, const char* order = "False") {
    const std::string dict = "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
    return file(dict, std::string(16, '\0'), dict.size());
  };
  const std::string files[] = {
      "",
      "\x93NUMPY",
      file("{'descr': '<f4', ", "", 60000),  // a header beyond the end of the file
      array("'<f4'", "(4,)").substr(0, 70),  // truncated data
      array("'<f4'", "(5,)"),                // fewer bytes than the shape says
      array("'<f4'", "(-4,)"),
      array("'<f4'", "(18446744073709551615,)"),   // overflows in bytes
      array("'<f4'", "(4611686018427387905, 4)"),  // 4 elements modulo 2^64
      array("'<f8'", "(2305843009213693954,)"),    // 16 bytes modulo 2^64
      array("'<f4'", "(99999999999999999999999999,)"),
      array("'<f4'", "(2, 2)", "True"),
      array("[('a', '<f4'), ('b', '<i4')]", "(2,)"),
      array("'|O'", "(2,)"),  // pickled objects
      array("'>f4'", "(4,)"),
      array("'<f4'", "(1, 2, 2)"),
      array("'<f4'", "()"),
      array("__import__('os').system('id')", "(4,)"),
      array("'<f4'", std::string(50000, '(')),
  };
  for (const std::string& bytes : files) {
    const std::string path = scratch / "hostile.npy";
    write_bytes(path, bytes);
    const Said said = call_tool(run_tool, {"sum(x)", "--in", "x=" + path});
    INFO(bytes.substr(0, 200) << "\n" << said.err);
    CHECK(said.code == kBadInput);
    CHECK_THAT(said.err, Contains("hostile.npy: error: "));
    CHECK(said.out.empty());
  }
}
