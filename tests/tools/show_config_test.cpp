// trueno-run --show-config, as a process of its own: what is configured must not depend on this one.
#include <catch2/catch.hpp>

#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/tools/scratch.h"
#include "tools/options.h"

using namespace trueno;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct Said {
  int code = -1;
  std::string out, err;
};

/// With `toml` as the user's file, and no other.
Said show(const std::string& toml, const std::string& variables = "", const std::string& more = "") {
  const tests::Scratch files;
  std::filesystem::create_directories(files / "trueno");
  if (!toml.empty()) tests::write_bytes(files / "trueno/config.toml", toml);
  const std::string command = "env -u TRUENO_CONFIG -u TRUENO_JIT -u TRUENO_MAX_ISA -u TRUENO_VL XDG_CONFIG_DIRS=/- " +
                              ("XDG_CONFIG_HOME=" + (files / "")) + " " + variables +
                              " " TRUENO_TOOLS_DIR "/trueno-run --show-config " + more;
  const int code = std::system((command + " >" + (files / "out") + " 2>" + (files / "err")).c_str());
  return {WEXITSTATUS(code), tests::read_bytes(files / "out"), tests::read_bytes(files / "err")};
}

}  // namespace

TEST_CASE("--show-config prints every value with its origin") {
  const Said said = show("verify = \"first\"\n[tuning.avx2]\nunroll = 2\n", "TRUENO_VL=128");
  INFO(said.out << said.err);
  CHECK(said.code == tools::kFine);
  CHECK(said.err.empty());
  CHECK_THAT(said.out, StartsWith("schema_version = 1 ") && Contains("max_vector_bits = 128 ") &&
                           Contains("# environment TRUENO_VL\n"));
  CHECK_THAT(said.out, Contains("verify = \"first\" ") && Contains("trueno/config.toml:1\n"));
  CHECK_THAT(said.out, Contains("\ntuning.avx2.unroll = 2 ") && Contains("trueno/config.toml:3\n"));
  // What is printed is a configuration; only its origins are others.
  const Said again = show(said.out);
  CHECK(again.code == tools::kFine);
  CHECK_THAT(again.out, Contains("max_vector_bits = 128 ") && Contains("tuning.avx2.unroll = 2 "));
}

TEST_CASE("--show-config as JSON") {
  const Said said = show("cache_bytes = 4096\nverboze = true\n", "TRUENO_DUMP_DIR='a\"b'", "--json");
  INFO(said.out << said.err);
  CHECK(said.code == tools::kFinding);
  const auto out = nlohmann::json::parse(said.out);
  const auto value = [&](const std::string& key) {
    for (const auto& v : out["values"])
      if (v["key"] == key) return v["value"];
    return nlohmann::json();
  };
  CHECK(value("cache_bytes") == 4096);
  CHECK(value("jit") == "auto");
  CHECK(value("verbose") == false);
  CHECK(value("dump_directory") == "a\"b");
  REQUIRE(out["problems"].size() == 1);
  CHECK(out["problems"][0]["line"] == 2);
  CHECK(out["problems"][0]["column"] == 1);
  CHECK(out["problems"][0]["text"] == "verboze = true");
}

TEST_CASE("--show-config: what is wrong, and exit codes") {
  const Said wrong = show("jitt = 1\n");
  CHECK(wrong.code == tools::kFinding);
  CHECK_THAT(wrong.out, Contains("\n# Not applied:\n# ") && Contains("config.toml:1:1: error: unknown key 'jitt'") &&
                            Contains("\n#   jitt = 1\n#   ^\n"));
  CHECK_THAT(wrong.err, StartsWith("trueno: warning: configuration: "));
  CHECK(show(wrong.out).code == tools::kFine);

  const Said strict = show("jitt = 1\nstrict = true\n");
  CHECK(strict.code == tools::kBadInput);
  CHECK_THAT(strict.err, Contains("trueno-run: ") && Contains("unknown key 'jitt'"));
  CHECK(show("", "TRUENO_CONFIG=/-").code == tools::kBadInput);
  CHECK(show("", "", "'sum(x)'").code == tools::kBadInput);
}
