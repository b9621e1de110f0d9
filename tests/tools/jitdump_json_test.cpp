// --json: it parses, holds what the text shows, and has the names docs/inspecting.md promises.
#include "tools/jitdump_json.h"

#include <catch2/catch.hpp>

#include "inspect/stats.h"
#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"
#include "tools/jitdump_host.h"
#include "tools/jitdump_stats.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

Said dump(const std::vector<std::string>& arguments) { return call_tool(jitdump_tool, arguments); }

Json json_of(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const Said said = dump(arguments);
  INFO(said.err);
  Json json = Json::parse(said.out, nullptr, false);
  REQUIRE_FALSE(json.is_discarded());
  return json;
}

}  // namespace

TEST_CASE("everything that was asked for, and only that") {
  const std::vector<std::string> what = {"sum(exp(x))",
                                         "--isa",
                                         "avx2,avx512",
                                         "--mca",
                                         "no-such",
                                         "--stage",
                                         "parsed,expanded,optimized,passes,alloc,asm,bytes,stats"};
  const Json all = json_of(what);
  const std::string text = dump(what).out;
  CHECK(all.at("tool") == "trueno-jitdump");
  CHECK(all.at("schema") == 1);
  REQUIRE(all.at("kernels").size() == 1);
  const Json& kernel = all["kernels"][0];
  for (const char* stage : {"parsed", "expanded", "optimized", "passes"})
    CHECK_THAT(text, Contains(kernel.at("stages").at(stage).get<std::string>()));
  REQUIRE(kernel.at("targets").size() == 2);
  for (const Json& target : kernel["targets"]) {
    std::size_t instructions = 0;
    for (const Json& part : target.at("parts")) instructions += part.at("instructions").get<std::size_t>();
    CHECK(instructions == target.at("instructions"));
    REQUIRE(target.at("asm").size() == target["instructions"]);
    for (const Json& inst : target["asm"]) CHECK_THAT(text, Contains(inst.at("text").get<std::string>()));
    CHECK(target.at("bytes").get<std::string>().size() >= 2 * target.at("code_bytes").get<std::size_t>());
    CHECK(target.at("alloc").size() >= 1);
    CHECK(target["alloc"][0].at("vectors").size() > 4);
    CHECK_THAT(target.at("cost").at("missing").get<std::string>(), Contains("no-such"));
    for (const Figure& figure : figures(inspect::Stats()))
      CHECK(target.at("stats").at("loops").at(0).contains(figure.name));
    CHECK(target["stats"]["loops"][0].at("elements") == 64);
  }
  const Json few = json_of({"x + 1", "--isa", "avx2", "--stage", "asm"})["kernels"][0];
  CHECK(few.at("stages").empty());
  for (const char* absent : {"alloc", "bytes", "stats", "cost", "time"})
    CHECK_FALSE(few["targets"][0].contains(absent));
  CHECK(json_of({"x + 1", "--stage", "optimized"})["kernels"][0].at("targets").empty());
}

TEST_CASE("nodes are on the lines of the stage optimized") {
  const Json kernel = json_of({"sum(exp(x))", "--isa", "avx2", "--stage", "optimized,asm"})["kernels"][0];
  const std::vector<std::string> lines = split(kernel.at("stages").at("optimized").get<std::string>(), '\n');
  std::size_t named = 0;
  for (const Json& node : kernel.at("nodes")) {
    const std::string value = node.at("value");
    const auto line = node.at("line").get<std::size_t>();
    REQUIRE((line >= 1 && line <= lines.size()));
    CHECK_THAT(lines[line - 1], Contains(value));
    named += lines[line - 1].starts_with("  " + value + " = ");
  }
  CHECK(named > 5);
  std::size_t computed = 0;
  for (const Json& inst : kernel["targets"][0].at("asm")) computed += inst.contains("node");
  CHECK(computed > 30);
}

TEST_CASE("a target that declines says so, and the exit code does") {
  const Said said = dump({"fma(x, y, z)", "--type", "f64", "--isa", "sse2,avx2", "--stage", "asm", "--json"});
  CHECK(said.code == kFinding);
  const Json targets = Json::parse(said.out)["kernels"][0]["targets"];
  CHECK_THAT(targets[0].at("declined").get<std::string>(), Contains("declines"));
  CHECK_FALSE(targets[0].contains("asm"));
  CHECK(targets[1].contains("asm"));
}

TEST_CASE("lists: ops, targets, the host") {
  const Json all = json_of({"--host", "--list-isas", "--list-ops"});
  CHECK(all.at("ops").size() > 50);
  CHECK(all["ops"][0].contains("doc"));
  CHECK(all.at("isas").size() == jit::emittable_targets().size());
  CHECK(all.at("host").at("features").size() == jit::features_of({}).size());
  CHECK(all["host"].at("caches").is_array());
  const std::string text = dump({"--host", "--list-isas"}).out;
  CHECK_THAT(text,
             Contains(all["host"].at("name").get<std::string>()) && Contains("avx512f") && Contains("executable"));
  for (const Json& isa : all["isas"])
    CHECK_THAT(text,
               Contains(isa.at("isa").get<std::string>() + " vl" + std::to_string(isa.at("vector_bits").get<int>())));
}

TEST_CASE("the host's caps have a name; what is missing is told") {
  // In a process of its own, as the environment is read once.
  std::FILE* const pipe =
      ::popen("TRUENO_CONFIG= TRUENO_MAX_ISA=sse2 '" TRUENO_TOOLS_DIR "/trueno-jitdump' --host --list-isas", "r");
  REQUIRE(pipe != nullptr);
  std::string capped;
  char part[512];
  while (std::fgets(part, sizeof part, pipe)) capped += part;
  CHECK(::pclose(pipe) == 0);
  if (jit::detected_isa() > Isa::sse2) {
    CHECK_THAT(capped, Contains("in force    sse2: isa capped to sse2 by max_isa (environment TRUENO_MAX_ISA)"));
    CHECK_THAT(capped, Contains("avx2 vl256     x86-64-v3  does not run here: "));
  }
  HostReport bare;
  bare.features = jit::features_of({});
  CHECK_THAT(host_text(bare), Contains("NO avx2") && Contains("NO ymm registers (OS)") && Contains("detected    none"));
  bare.no_executable_memory = "mmap was refused";
  CHECK_THAT(host_text(bare), Contains("memory cannot be had: mmap was refused"));
  CHECK(host_json(bare).at("executable_memory") == false);
}

TEST_CASE("times are measured where code runs, and explained where it does not") {
  const Said said = dump({"x + 1", "--isa", "sse2", "--time", "--mca", "no-such", "--json"});
  const Json time = Json::parse(said.out)["kernels"][0]["targets"][0].at("time");
  if (time.contains("missing")) {
    CHECK_FALSE(time["missing"].get<std::string>().empty());
  } else {
    CHECK(time.at("n") == 2048);
    CHECK(time.at("ns_per_element") > 0);
    CHECK(time.at("cycles_per_element") > 0);
  }
}
