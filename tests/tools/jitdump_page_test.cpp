// --html: a page that loads nothing, whose data is that of --json, and that cannot be broken by what it shows.
#include <catch2/catch.hpp>

#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/jitdump.h"
#include "tools/jitdump_json.h"

using namespace trueno;
using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

std::string page_of(const std::vector<std::string>& what) {
  const Scratch scratch;
  std::vector<std::string> arguments = what;
  arguments.insert(arguments.end(), {"--mca", "no-such-program", "--html", scratch / "page.html"});
  const Said said = call_tool(jitdump_tool, arguments);
  INFO(said.err);
  CHECK(said.code == kFine);
  CHECK(scratch.files() == 1);
  return read_bytes(scratch / "page.html");
}

Json data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = page.find(open) + open.size();
  Json data = Json::parse(page.substr(begin, page.find("</script>", begin) - begin), nullptr, false);
  REQUIRE_FALSE(data.is_discarded());
  return data;
}

}  // namespace

TEST_CASE("a page is one file, with everything in it") {
  const std::string page =
      page_of({"mean(sigmoid(a*x + b))", "--scalar", "a", "--scalar", "b", "--isa", "sse2,avx512"});
  for (const char* load : {"http:", "https:", "src=", "href=", "@import", "url(//", "fetch(", "import("})
    CHECK_THAT(page, !Contains(load));
  CHECK_THAT(page, Catch::StartsWith("<!DOCTYPE html>") && Contains("</html>") && !Contains("{{"));
  const Json data = data_of(page);
  CHECK(data.at("source") == "mean(sigmoid(a*x + b))");
  const Json& kernel = data.at("kernel");
  for (const char* stage : {"parsed", "expanded", "optimized", "passes"}) CHECK(kernel.at("stages").contains(stage));
  REQUIRE(kernel.at("targets").size() == 2);
  for (const Json& target : kernel["targets"])
    for (const char* key : {"parts", "asm", "alloc", "stats", "cost", "time"}) CHECK(target.contains(key));
  const Json& speed = data.at("speed");
  if (speed.contains("missing")) {
    WARN("no speed: " + speed["missing"].get<std::string>());
    return;
  }
  CHECK(speed.at("limit").at("bytes_per_element") == 4);
  CHECK(speed["limit"].at("times").size() == speed.at("targets").at(0).at("times").size());
  CHECK(speed["limit"]["times"].back().at("n") == 1 << 20);
}

TEST_CASE("what a kernel is called cannot leave its place") {
  const std::string page = page_of({"x + 1 # </script><script>alert(1)</script>", "--isa", "avx2"});
  CHECK_THAT(page, !Contains("alert(1)</script>"));
  CHECK(data_of(page).at("source") == "x + 1 # </script><script>alert(1)</script>");
  std::size_t ends = 0;
  for (std::size_t at = 0; (at = page.find("</script>", at)) != page.npos; ++at) ++ends;
  CHECK(ends == 2);
}

TEST_CASE("kernels without arrays, and targets that decline, have pages too") {
  CHECK_THAT(data_of(page_of({"f32(a) + b", "--scalar", "a", "--scalar", "b", "--isa", "avx2"}))
                 .at("speed")
                 .at("missing")
                 .get<std::string>(),
             Contains("no arrays"));
  const Scratch scratch;
  const Said said =
      call_tool(jitdump_tool, {"fma(x, y, z)", "--type", "f64", "--isa", "sse2", "--html", scratch / "p"});
  CHECK(said.code == kFinding);
  CHECK(data_of(read_bytes(scratch / "p"))["kernel"]["targets"][0].contains("declined"));
}
