// What trueno-bench ab found: a table for people, JSON for programs. Never a ratio without its interval and verdict.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/bench_ab.h"

namespace trueno::tools {
namespace {

using Bytes = CodeCompared::Bytes;

std::string interval_of(const Ratio& r) { return fmt::format("{:.3f} [{:.3f}, {:.3f}]", r.median, r.low, r.high); }

/// Upwards, to a tenth of a per cent: what is promised holds.
double percent_up(double part) { return std::ceil(part * 1000) / 10; }
double percent(double ratio) { return std::abs(ratio - 1) * 100; }

std::string layout_of(const Cell& c) {
  return fmt::format("as it lies {} by {:.1f} % {}: layout, for wherever code and arrays lie it is equal",
                     c.as_it_lies.median > 1 ? "slower" : "faster", percent(c.as_it_lies.median),
                     interval_of(c.as_it_lies));
}

void print_code(std::FILE* out, const AbReport& r) {
  std::string equal, different, unknown;
  for (std::size_t k = 0; k < r.code.size(); ++k) {
    const CodeCompared& c = r.code[k];
    const std::string& name = r.plan.kernels[k].name;
    if (c.bytes == Bytes::equal) equal += " " + name;
    if (c.bytes == Bytes::different) different += fmt::format(" {} ({}, {} bytes)", name, c.a_size, c.b_size);
    if (c.bytes == Bytes::unknown) unknown += " " + name;
    if (c.a_origin != c.b_origin && c.bytes != Bytes::equal)
      fmt::print(out, "  {}: A runs it as {}; B as {}\n", name, c.a_origin, c.b_origin);
  }
  if (!equal.empty()) fmt::print(out, "  generated code: equal bytes:{}\n", equal);
  if (!different.empty()) fmt::print(out, "  generated code: different bytes:{}\n", different);
  if (!unknown.empty())
    fmt::print(out, "  generated code: not compared, as a build is too old to show it or generates none:{}\n", unknown);
  if (!r.movable) fmt::print(out, "  a build is too old to move its code: only arrays and libraries were moved\n");
}

nlohmann::json json_of(const Ratio& r) { return {{"low", r.low}, {"median", r.median}, {"high", r.high}}; }

}  // namespace

std::string verdict_of(const Cell& c) {
  switch (c.verdict) {
    case Verdict::slower:
    case Verdict::faster:
      return fmt::format("{} by {:.1f} % ({:.1f} to {:.1f}), {}", name_of(c.verdict), percent(c.averaged.median),
                         std::min(percent(c.averaged.low), percent(c.averaged.high)),
                         std::max(percent(c.averaged.low), percent(c.averaged.high)), name_of(c.where));
    case Verdict::equal: return fmt::format("equal within {:.1f} %", percent_up(c.within));
    case Verdict::noisy: break;
  }
  return fmt::format("this machine is too noisy to tell less than {:.1f} %", percent_up(c.within));
}

std::string summary_of(const AbReport& r) {
  std::size_t count[4] = {}, layout = 0;
  double within = 0;
  for (const Cell& c : r.cells) {
    ++count[static_cast<int>(c.verdict)];
    layout += c.layout;
    if (c.verdict == Verdict::equal) within = std::max(within, c.within);
  }
  std::string out;
  const auto add = [&](std::size_t n, std::string_view what) {
    if (n != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, what);
  };
  add(count[0], "slower");
  add(count[1], "faster");
  add(count[2], fmt::format("equal within {:.1f} %", percent_up(within)));
  add(count[3], "not told for noise");
  add(layout, "other as they lie, for layout");
  return out;
}

void print_table(std::FILE* out, const AbReport& r, double gate) {
  fmt::print(out, "A  {}  ({})\nB  {}  ({})\n", r.plan.a.path, r.a_version, r.plan.b.path, r.b_version);
  if (r.plan.a.image == r.plan.b.image) fmt::print(out, "  the two files are equal\n");
  for (const std::string& s : r.differing_settings) fmt::print(out, "  configured differently: {}\n", s);
  print_code(out, r);
  fmt::print(out, "\n{:<12} {:>8} {:>12}  {:<22} {:>7}  {}\n", "kernel", "n", "A, ns", "B/A, layout averaged", "layout",
             "verdict");
  for (const Cell& c : r.cells) {
    fmt::print(out, "{:<12} {:>8} {:>12.1f}  {:<22} {:>5.0f} %  {}\n", c.kernel, c.n, c.a_ns, interval_of(c.averaged),
               100 * c.layout_share, verdict_of(c));
    if (c.layout) fmt::print(out, "{:46}{}\n", "", layout_of(c));
    if (!c.same_bits) fmt::print(out, "{:46}RESULTS DIFFER: A and B do not give the same bits\n", "");
  }
  fmt::print(out, "\n{} kernels and sizes: {}; {:.0f} s, load {:.1f}\n", r.cells.size(), summary_of(r), r.seconds,
             r.load);
  if (gate > 0)
    fmt::print(out, "gate {:.1f} %: {}\n", 100 * gate,
               beyond(r, gate) == 0 ? "nothing is slower by more, for certain"
                                    : fmt::format("{} slower by more, for certain", beyond(r, gate)));
}

std::string json_of(const AbReport& r, double gate) {
  constexpr const char* kBytes[] = {"unknown", "equal", "different"};
  nlohmann::json all{{"a", {{"path", r.plan.a.path}, {"version", r.a_version}}},
                     {"b", {{"path", r.plan.b.path}, {"version", r.b_version}}},
                     {"equal_files", r.plan.a.image == r.plan.b.image},
                     {"differing_settings", r.differing_settings},
                     {"code_moved", r.movable},
                     {"seconds", r.seconds},
                     {"load", r.load}};
  for (std::size_t k = 0; k < r.code.size(); ++k)
    all["code"].push_back({{"kernel", r.plan.kernels[k].name},
                           {"text", r.plan.kernels[k].text},
                           {"bytes", kBytes[static_cast<int>(r.code[k].bytes)]},
                           {"a_size", r.code[k].a_size},
                           {"b_size", r.code[k].b_size},
                           {"a_origin", r.code[k].a_origin},
                           {"b_origin", r.code[k].b_origin}});
  for (const Cell& c : r.cells)
    all["cells"].push_back({{"kernel", c.kernel},
                            {"n", c.n},
                            {"a_ns", c.a_ns},
                            {"b_ns", c.b_ns},
                            {"ratio", json_of(c.averaged)},
                            {"ratio_as_it_lies", json_of(c.as_it_lies)},
                            {"verdict", name_of(c.verdict)},
                            {"within", c.within},
                            {"where", name_of(c.where)},
                            {"layout", c.layout},
                            {"layout_share", c.layout_share},
                            {"same_bits", c.same_bits},
                            {"sentence", verdict_of(c)}});
  if (gate > 0) all["gate"] = {{"beyond", gate}, {"cells", beyond(r, gate)}};
  return all.dump(2);
}

}  // namespace trueno::tools
