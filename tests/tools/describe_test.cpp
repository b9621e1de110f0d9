// --man and --completion: all that --help lists is in them, for every tool. That the formatters and shells they are for
// take them is descriptions.py's to show.
#include "tools/describe.h"

#include <catch2/catch.hpp>

#include <set>

#include "tests/tools/call_tool.h"
#include "tools/demo.h"
#include "tools/jitdump.h"
#include "tools/run.h"
#include "tools/sweep_command.h"

using namespace trueno::tools;
using namespace trueno::tests;
using Catch::Contains;

namespace {

struct Named {
  const char* name;
  Tool tool;
};
const Named kAll[] = {{"trueno-run", run_tool},
                      {"trueno-jitdump", jitdump_tool},
                      {"trueno-demo", demo_tool},
                      {"trueno-sweep", [](int argc, const char* const* argv, const Streams& streams) {
                         return sweep_command(argc, argv, streams);
                       }}};

/// "--in", "-h", ... at the beginnings of help's lines.
std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> out;
  std::size_t at = 0;
  while (at < help.size()) {
    const std::size_t end = std::min(help.find('\n', at), help.size());
    std::string line = help.substr(at, end - at);
    if (line.rfind("  -", 0) == 0)
      for (const std::string& name : split(line.substr(2, line.find(' ', 2) - 2), ',')) out.insert(name);
    at = end + 1;
  }
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("what --help lists is in the manual page and in the completions") {
  for (const Named& tool : kAll) {
    INFO(tool.name);
    const auto options = options_in(call_tool(tool.tool, {"--help"}).out);
    CHECK(options.size() >= 4);
    const Said man = call_tool(tool.tool, {"--man"});
    CHECK(man.code == 0);
    CHECK_THAT(man.out, Contains(".SH NAME\n" + escaped(tool.name) + " \\- "));
    for (const char* shell : {"bash", "zsh", "fish"}) {
      const Said script = call_tool(tool.tool, {"--completion", shell});
      CHECK(script.code == 0);
      CHECK_THAT(script.out, Contains(tool.name));
      for (const std::string& option : options) {
        INFO(shell << ", " << option);
        const bool fish = std::string(shell) == "fish";
        const bool is_long = option.rfind("--", 0) == 0;
        CHECK_THAT(script.out,
                   Contains(fish ? (is_long ? "-l " + option.substr(2) : "-s " + option.substr(1)) : option));
      }
    }
    for (const std::string& option : options) CHECK_THAT(man.out, Contains("\\fB" + escaped(option) + "\\fR"));
  }
}

TEST_CASE("the parts of a manual page") {
  const std::string man = call_tool(run_tool, {"--man"}).out;
  CHECK_THAT(man, Contains(".TH TRUENO\\-RUN 1 \"\" \"trueno "));
  CHECK_THAT(man,
             Contains("trueno\\-run \\- runs an expression, or the kernel in a file, over arrays in .npy files\n"));
  CHECK_THAT(man, Contains(".SH SYNOPSIS\n\\fBtrueno\\-run\\fR [\\fIOPTIONS\\fR] [\\fIsource\\fR]\n"));
  CHECK_THAT(man, Contains(".TP\n\\fB\\-\\-in\\fR \\fINAME=FILE.npy\\fR\nan array of "));
  CHECK_THAT(man, Contains(".SH EXAMPLES\n\\fBtrueno\\-run \\(aqmean(sigmoid("));
  CHECK_THAT(man, Contains(".SH \"EXIT STATUS\"\n0 fine, "));
}

TEST_CASE("a shell that is not known") {
  const Said said = call_tool(run_tool, {"--completion", "csh"});
  CHECK(said.code == kBadInput);
  CHECK_THAT(said.err, Contains("--completion: 'csh' is not one of bash, zsh, fish"));
}
