// The house rules, held against the whole source tree: no include points up or sideways, and no file names a
// path of somebody's machine. Each check is first shown to fail on planted violations.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/meta/rules.h"

namespace {

namespace fs = std::filesystem;
using trueno::meta::include_complaints;
using trueno::meta::machine_path_complaints;
using Complaints = std::vector<std::string>;

std::string include_line(std::string_view what) { return "#include " + std::string(what) + "\n"; }

std::size_t complaints_about(std::string_view path, std::string_view what) {
  return include_complaints(path, include_line(what)).size();
}

/// All files of the source tree, by path relative to it; build trees and hidden folders left out.
std::vector<std::string> files_below(const fs::path& root) {
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    const std::string name = it->path().filename().string();
    const bool skipped = name == ".git" || name == ".cache" || name == "__pycache__" || name.starts_with("build");
    if (it->is_directory() && skipped)
      it.disable_recursion_pending();
    else if (it->is_regular_file() && !skipped)
      files.push_back(fs::relative(it->path(), root).generic_string());
  }
  return files;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || path.ends_with(".c") || path.ends_with(".h"); }

const fs::path kRoot = fs::path(TRUENO_TESTS_DIR).parent_path();

}  // namespace

TEST_CASE("planted includes that point up or sideways are found") {
  CHECK(complaints_about("ir/x.cpp", "\"jit/compile.h\"") == 1);
  CHECK(complaints_about("ir/passes/x.cpp", "\"ops/catalogue.h\"") == 1);
  CHECK(complaints_about("ir/x.cpp", "\"trueno/kernel.h\"") == 1);
  CHECK(complaints_about("ir/x.cpp", "<sys/mman.h>") == 1);
  CHECK(complaints_about("ops/x.cpp", "\"jit/host.h\"") == 1);
  CHECK(complaints_about("jit/x.cpp", "\"ops/catalogue.h\"") == 1);
  CHECK(complaints_about("jit/x.cpp", "\"runtime/engine.h\"") == 1);
  CHECK(complaints_about("jit/select.h", "<asmjit/x86.h>") == 1);
  CHECK(complaints_about("runtime/x.cpp", "<asmjit/x86.h>") == 1);
  CHECK(complaints_about("runtime/config.cpp", "<toml++/toml.h>") == 1);
  CHECK(complaints_about("runtime/x.cpp", "\"tools/npy.h\"") == 1);
  CHECK(complaints_about("tools/run_main.cpp", "<asmjit/x86.h>") == 1);
  CHECK(complaints_about("bench/main.cpp", "\"jit/compile.h\"") == 1);
  CHECK(complaints_about("include/trueno/x.h", "\"ir/kernel.h\"") == 1);
  CHECK(complaints_about("include/trueno/x.h", "<fmt/format.h>") == 1);
  CHECK(complaints_about("tests/ir/x_test.cpp", "\"jit/compile.h\"") == 1);
  CHECK(complaints_about("ir/x.cpp", "\"kernel.h\"") == 1);
  CHECK(complaints_about("elsewhere/x.cpp", "<vector>") == 1);
  CHECK(include_complaints("include/trueno/x.h", "asmjit::CodeHolder* code;\n").size() == 1);
  const Complaints two = include_complaints("ir/x.cpp", "\n  #  include \"jit/a.h\"\n#include \"tools/b.h\"\n");
  REQUIRE(two.size() == 2);
  CHECK(two[0] == "ir/x.cpp:2: must not include \"jit/a.h\"");
}

TEST_CASE("includes that point down are let through") {
  CHECK(complaints_about("ir/x.cpp", "\"ir/kernel.h\"") == 0);
  CHECK(complaints_about("ir/x.cpp", "<vector>") == 0);
  CHECK(complaints_about("ir/x.h", "\"trueno/types.h\"") == 0);
  CHECK(complaints_about("jit/x.cpp", "<asmjit/x86.h>") == 0);
  CHECK(complaints_about("jit/asm.h", "<asmjit/x86.h>") == 0);
  CHECK(complaints_about("jit/arena.cpp", "<sys/mman.h>") == 0);
  CHECK(complaints_about("runtime/x.cpp", "\"jit/compile.h\"") == 0);
  CHECK(complaints_about("runtime/config_toml.cpp", "<toml++/toml.h>") == 0);
  CHECK(complaints_about("tools/jitdump_main.cpp", "\"jit/compile.h\"") == 0);
  CHECK(include_complaints("ir/x.cpp", "// #include \"jit/a.h\" would point up\n").empty());
}

TEST_CASE("planted machine paths are found") {
  const std::string home = std::string("/ho") + "me/";
  CHECK(machine_path_complaints("x.md", "see " + home + "someone/trueno\n").size() == 1);
  CHECK(machine_path_complaints("x.sh", "cd \"" + home + "someone\"\n").size() == 1);
  CHECK(machine_path_complaints("x.sh", home + "someone\n").size() == 1);
  CHECK(machine_path_complaints("x.md", "https://example.org" + home + "page\n").empty());
  CHECK(machine_path_complaints("x.sh", "$root" + home + "page\n").empty());
  const std::string temporary = std::string("/t") + "mp/";
  CHECK(machine_path_complaints("x.sh", "see " + temporary + "notes\n").size() == 1);
  CHECK(machine_path_complaints("x.sh", "see " + temporary + "perf-PID.map\n").empty());
}

TEST_CASE("no include of the source tree points up or sideways") {
  Complaints all;
  std::size_t looked_at = 0;
  for (const std::string& file : files_below(kRoot)) {
    if (!is_cpp(file)) continue;
    ++looked_at;
    const Complaints found = include_complaints(file, contents(kRoot / file));
    all.insert(all.end(), found.begin(), found.end());
  }
  for (const std::string& complaint : all) UNSCOPED_INFO(complaint);
  CHECK(all.empty());
  // The walk itself could be broken: the tree has far more files than this.
  CHECK(looked_at > 20);
}

TEST_CASE("no file names a path of one machine") {
  Complaints all;
  for (const std::string& file : files_below(kRoot)) {
    const Complaints found = machine_path_complaints(file, contents(kRoot / file));
    all.insert(all.end(), found.begin(), found.end());
  }
  for (const std::string& complaint : all) UNSCOPED_INFO(complaint);
  CHECK(all.empty());
}
