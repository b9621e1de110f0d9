// trueno-bench ab: what the judge says of drawn pairs, where the answer is known, and what the command line refuses.
// Nothing is timed here but one short run, whose times are not looked at; tests/planted asks the machine.
#include "tools/bench.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/tools/call_tool.h"
#include "tests/tools/scratch.h"
#include "tools/bench_ab.h"
#include "tools/bench_size.h"
#include "tools/elf.h"

using namespace trueno;
using namespace trueno::tools;

namespace {

/// How pairs are drawn: logarithms of ratios.
struct Drawn {
  double slower = 0;      ///< of B, wherever things lie
  double as_it_lies = 0;  ///< beside that, where they lie as they do
  double place = 0.005;   ///< spread from place to place
  double noise = 0.03;    ///< spread from pair to pair; one of twenty is far off
};

CellPass pass_of(std::mt19937& random, const Drawn& d, double ns) {
  std::normal_distribution<double> normal;
  std::bernoulli_distribution far_off(0.05);
  const auto fill = [&](std::vector<double>& pairs, double mean) {
    for (int i = 0; i < 40; ++i) pairs.push_back(mean + d.noise * normal(random) * (far_off(random) ? 30 : 1));
  };
  CellPass c;
  fill(c.pairs.as_it_lies, d.slower + d.as_it_lies);
  for (auto& pairs : c.pairs.moved) fill(pairs, d.slower + d.place * normal(random));
  c.a_ns = ns;
  c.b_ns = ns * std::exp(d.slower);
  return c;
}

/// A run over one kernel at several sizes.
std::vector<Cell> judged(const std::vector<Drawn>& sizes, CodeCompared::Bytes bytes, unsigned seed,
                         double tolerance = 0.02, std::size_t passes = 24) {
  std::mt19937 random(seed);
  PassPlan plan;
  plan.kernels = {bench_kernels()[0]};
  std::vector<Pass> all(passes);
  for (std::size_t i = 0; i < sizes.size(); ++i) plan.sizes.push_back(static_cast<std::size_t>(std::pow(10, 2 + i)));
  for (Pass& p : all) {
    p.code.push_back({bytes, 1, 1, "", ""});
    for (std::size_t i = 0; i < sizes.size(); ++i)
      p.cells.push_back(pass_of(random, sizes[i], static_cast<double>(plan.sizes[i]) / 10));
  }
  return judge(plan, all, tolerance);
}

constexpr auto kEqual = CodeCompared::Bytes::equal, kDifferent = CodeCompared::Bytes::different;

}  // namespace

TEST_CASE("nothing is found where nothing is") {
  int found = 0, layout = 0, equal = 0;
  for (unsigned run = 0; run < 200; ++run)
    for (const Cell& c : judged({{}, {}, {}, {}, {}}, kEqual, run)) {
      found += c.verdict == Verdict::slower || c.verdict == Verdict::faster;
      equal += c.verdict == Verdict::equal;
      layout += c.layout;
    }
  CHECK(found == 0);
  CHECK(layout == 0);
  CHECK(equal > 990);  // of 1000
}

TEST_CASE("three per cent are found, and the interval holds them") {
  int found = 0, held = 0;
  for (unsigned run = 0; run < 100; ++run) {
    const Cell c = judged({{0.03}}, kDifferent, run)[0];
    found += c.verdict == Verdict::slower;
    held += c.averaged.low <= std::exp(0.03) && std::exp(0.03) <= c.averaged.high;
  }
  CHECK(found > 95);
  CHECK(held > 98);
  CHECK(judged({{-0.03}}, kDifferent, 1)[0].verdict == Verdict::faster);
}

TEST_CASE("what is too noisy is said to be, with what could have been told") {
  const Cell c = judged({{0, 0, 0.05, 0.5}}, kEqual, 1)[0];
  CHECK(c.verdict == Verdict::noisy);
  CHECK(c.within > 0.02);
  const Cell told = judged({{c.within * 1.5, 0, 0.05, 0.5}}, kEqual, 1)[0];
  CHECK(told.verdict == Verdict::slower);
  CHECK(judged({{0, 0, 0.05, 0.5}}, kEqual, 1, 1)[0].verdict == Verdict::equal);
}

TEST_CASE("a shift of layout is layout, and no slowdown") {
  const Cell c = judged({{0, 0.05}}, kEqual, 1)[0];
  CHECK(c.verdict == Verdict::equal);
  CHECK(c.layout);
  const Cell both = judged({{0.1, 0.05}}, kDifferent, 1)[0];
  CHECK(both.verdict == Verdict::slower);
  CHECK(both.averaged.high < std::exp(0.13));
}

TEST_CASE("the share of layout in the variance") {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  const auto share = [&](double place, double noise) {
    std::vector<std::vector<double>> groups(48);
    for (auto& g : groups) {
      const double mean = place * normal(random);
      for (int i = 0; i < 40; ++i) g.push_back(mean + noise * normal(random));
    }
    return share_between(groups);
  };
  CHECK(share(0, 0.03) == 0);
  CHECK(share(0.03, 0.03) == Approx(0.5).margin(0.15));
  CHECK(share(0.01, 0.03) == Approx(0.1).margin(0.06));
  CHECK(share_between({{1, 2}}) == 0);
  CHECK(share_between({{1}, {2}}) == 0);
}

TEST_CASE("where a difference sits") {
  // Cells take 10, 100, 1000 ns: 3 ns a call are 30, 3 and 0.3 %.
  const std::vector<Drawn> call = {{std::log(1.3)}, {std::log(1.03)}, {std::log(1.003)}};
  const std::vector<Drawn> element = {{std::log(1.05)}, {std::log(1.05)}, {std::log(1.05)}};
  CHECK(judged(call, kEqual, 1)[0].where == Where::dispatch);
  CHECK(judged(call, kDifferent, 1)[0].where == Where::per_call);
  CHECK(judged(call, kDifferent, 1)[1].where == Where::per_call);
  for (const Cell& c : judged(element, kDifferent, 1)) CHECK(c.where == Where::per_element);
  CHECK(judged({{0.05}}, kDifferent, 1)[0].where == Where::unclear);
  CHECK(judged({{0}}, kDifferent, 1)[0].where == Where::nowhere);
}

TEST_CASE("what has grown is told, and what was there before is not") {
  SizeReport before;
  before.compiler = "a compiler";
  before.bytes = {{"library .text", 1000}, {"library stripped", 1000}};
  before.allocations = {{"run", 0}, {"compile", 10}};
  before.needs = {"libc.so.6"};
  std::string why;
  CHECK(grown(before, before, why).empty());
  const auto written = size_report_from(json_of(before), "f");
  REQUIRE(written);
  CHECK(json_of(*written) == json_of(before));
  SizeReport now = before;
  now.bytes["library .text"] = 1050;
  CHECK(grown(now, before, why).empty());
  now.bytes["library .text"] = 1051;
  CHECK(grown(now, before, why) == std::vector<std::string>{"library .text: 1051 bytes, were 1000"});
  now.allocations["run"] = 1;
  now.needs.push_back("libnew.so");
  CHECK(grown(now, before, why).size() == 3);
  CHECK(why.empty());
  now.compiler = "another";
  CHECK(grown(now, before, why) == std::vector<std::string>{"run: 1 allocations, were 0"});
  CHECK(why == "only calls that allocated nothing are compared: the baseline is of a compiler");
  CHECK_FALSE(size_report_from("{}", "f"));
  CHECK_FALSE(size_report_from("nonsense", "f"));
}

TEST_CASE("a file that is cut off anywhere is no ELF file, or a smaller one, and never read past its end") {
  const std::string image = tests::read_bytes("/proc/self/exe");
  const auto whole = read_elf(image, "self");
  REQUIRE(whole);
  CHECK(whole->text_bytes > 1000);
  CHECK(whole->loaded_bytes <= image.size());
  CHECK_FALSE(whole->functions.empty());
  CHECK_FALSE(whole->needs.empty());
  for (std::size_t size = 1; size < image.size(); size *= 3)
    CHECK_FALSE(read_elf(std::string(image.data(), size), "part"));
  CHECK_FALSE(read_elf("", "none"));
}

TEST_CASE("reports: every ratio with its interval and verdict") {
  AbReport report;
  report.cells = judged({{0.05}, {}, {0, 0.05}, {0, 0, 0.05, 0.5}}, kDifferent, 1);
  report.cells[0].kernel = "<b>";
  report.cells[1].same_bits = false;
  report.plan.kernels = {bench_kernels()[0]};
  report.code = {{kDifferent, 100, 200, "jit", "jit"}};
  const std::string page = page_of(report);
  CHECK_THAT(page, Catch::Contains("&lt;b&gt;") && !Catch::Contains("<td><b>"));
  CHECK_THAT(page, Catch::Contains("slower by 5.") && Catch::Contains("results differ"));
  const nlohmann::json all = nlohmann::json::parse(json_of(report, 0.02));
  CHECK(all["cells"][0]["verdict"] == "slower");
  CHECK(all["cells"][2]["layout"] == true);
  CHECK(all["cells"][3]["verdict"] == "noisy");
  CHECK(all["gate"]["cells"] == 1);
  CHECK(beyond(report, 0.04) == 1);
  CHECK(beyond(report, 0.06) == 0);
  CHECK(beyond(report, 0) == 0);
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = ::open_memstream(&text, &size);
  print_table(out, report, 0.02);
  std::fclose(out);
  const std::string table(text, size);
  std::free(text);
  for (const char* part : {"different bytes: sum (100, 200 bytes)", "slower by 5.", "RESULTS DIFFER", "equal within",
                           "as it lies slower by", "this machine is too noisy to tell less than",
                           "gate 2.0 %: 1 slower by more, for certain"})
    CHECK_THAT(table, Catch::Contains(part));
}

TEST_CASE("what cannot be compared is refused, and why") {
  const tests::Scratch scratch;
  const std::string empty = scratch / "empty", text = scratch / "text.so";
  std::filesystem::create_directory(empty);
  std::fclose(std::fopen(text.c_str(), "w"));
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"ab", "a"}, "B is missing"},
      {{"abc", "a", "b"}, "mode"},
      {{"ab", empty, empty}, "no libtrueno.so, runtime/libtrueno.so or lib/libtrueno.so in it"},
      {{"ab", "not/there", empty}, "not/there: No such file"},
      {{"ab", text, text}, "no shared library"},
      {{"ab", text, text, "--sizes", "100,x"}, "--sizes: 'x' is no number of elements"},
      {{"ab", text, text, "--sizes", ""}, "--sizes"},
      {{"ab", text, text, "--gate", "two"}, "--gate: 'two' is no percentage"},
      {{"ab", text, text, "--gate", "0"}, "--gate: '0' is no percentage"},
      {{"ab", text, text, "--update"}, "go with size"},
      {{"size", text, text}, "size takes one build"},
      {{"size", text, "--update"}, "--update needs --baseline"},
      {{"size", text}, "no shared library"},
      {{"ab", "no-such-revision", "HEAD", "--commits"}, "--commits: no commit 'no-such-revision' here"},
      {{"ab", text, text, "--cmake", "A=B"}, "--cmake goes with --commits"},
  };
  for (const auto& c : cases) {
    const tests::Said said = tests::call_tool(bench_command, c.arguments);
    INFO(c.says);
    CHECK(said.code == kBadInput);
    CHECK_THAT(said.err, Catch::Contains(c.says));
    CHECK(said.out.empty());
  }
}
