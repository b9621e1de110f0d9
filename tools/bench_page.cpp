// What trueno-bench ab found, as a page of its own: an interval for each kernel and size, beside its verdict. No
// network, no script.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/bench_ab.h"

namespace trueno::tools {
namespace {

constexpr double kWidth = 360, kRow = 22;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

/// How far the axis reaches to both sides of 1: to the farthest interval, but not for one that says nothing.
double reach_of(const AbReport& r) {
  double reach = 0.02;
  for (const Cell& c : r.cells)
    reach = std::max({reach, std::abs(c.averaged.median - 1) * 1.5, std::abs(c.as_it_lies.median - 1) * 1.2});
  return std::min(reach, 1.0);
}

double place_of(double ratio, double reach) { return kWidth / 2 * (1 + std::clamp((ratio - 1) / reach, -1.0, 1.0)); }

/// A line from end to end, and a dot at the median.
std::string interval(const Ratio& ratio, double reach, double y, std::string_view kind) {
  return fmt::format(
      "<line class='{3}' x1='{0:.1f}' x2='{1:.1f}' y1='{2}' y2='{2}'/><circle class='{3}' cx='{4:.1f}' cy='{2}' "
      "r='3'/>",
      place_of(ratio.low, reach), place_of(ratio.high, reach), y, kind, place_of(ratio.median, reach));
}

std::string row_of(const Cell& c, double reach) {
  return fmt::format(
      "<tr><td>{}<td class=n>{}<td class=n>{:.1f}<td><svg width={} height={}><line class=one x1={} x2={} y1=0 y2={} />"
      "{}{}</svg><td class=n>{:.0f} %<td>{}{}\n",
      escaped(c.kernel), c.n, c.a_ns, kWidth, kRow, kWidth / 2, kWidth / 2, kRow,
      interval(c.as_it_lies, reach, kRow - 4, "lies"), interval(c.averaged, reach, kRow / 2 - 3, name_of(c.verdict)),
      100 * c.layout_share, escaped(verdict_of(c)), c.same_bits ? "" : "; <b>results differ</b>");
}

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--line:#8886;--slower:#c0392b;--faster:#218a4c;--equal:#2b6cb0;--noisy:#999}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}th{text-align:left}td,th{padding:.1em .8em .1em 0;border-bottom:1px solid "
    "var(--line)}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}svg{display:block}line{stroke-width:3}line.one{stroke:var(--"
    "line);"
    "stroke-width:1}line.slower{stroke:var(--slower)}circle.slower{fill:var(--slower)}line.faster{stroke:var(--faster)}"
    "circle.faster{fill:var(--faster)}line.equal{stroke:var(--equal)}circle.equal{fill:var(--equal)}"
    "line.noisy{stroke:var(--noisy)}circle.noisy{fill:var(--noisy)}line.lies{stroke:var(--line);stroke-width:2}"
    "circle.lies{fill:var(--line)}";

}  // namespace

std::string page_of(const AbReport& r) {
  const double reach = reach_of(r);
  std::string out = fmt::format(
      "<!doctype html><html lang=en><meta charset=utf-8><title>trueno-bench ab</title><style>{}</style>\n"
      "<h1>Is B slower than A?</h1><p>A: <code>{}</code> ({})<br>B: <code>{}</code> ({})<p>{}.\n"
      "<p>In colour: the time of B over that of A with layout averaged out, its interval and median; in grey below: as "
      "the "
      "builds lie. The axis reaches from {:+.0f} % to {:+.0f} %; to the right B is slower.\n"
      "<table><tr><th>kernel<th class=n>n<th class=n>A, ns<th>B/A<th class=n>layout<th>verdict\n",
      kStyle, escaped(r.plan.a.path), r.a_version, escaped(r.plan.b.path), r.b_version, escaped(summary_of(r)),
      -100 * reach, 100 * reach);
  for (const Cell& c : r.cells) out += row_of(c, reach);
  return out + "</table>\n";
}

}  // namespace trueno::tools
