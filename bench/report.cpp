// The report as JSON and as a table. See report.h.
#include "bench/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace trueno::bench {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Interval& i) { return {{"low", i.low}, {"median", i.median}, {"high", i.high}}; }

Json json_of(const Figure& f) {
  Json out = {
      {"who", f.who},         {"ours", f.ours},           {"counted", f.counted},    {"other_process", f.other_process},
      {"min_ns", f.ns.least}, {"median_ns", f.ns.median}, {"spread", f.ns.spread()}, {"ratio", json_of(f.ratio)}};
  out["ulp"] = f.ulp ? Json(*f.ulp) : Json(nullptr);
  return out;
}

Json json_of(const Row& row) {
  Json out = {{"task", row.task},
              {"group", row.group},
              {"type", std::string(name_of(row.type))},
              {"n", row.n},
              {"bytes", row.bytes},
              {"flops", row.flops},
              {"rounds", row.rounds},
              {"to_itself", json_of(row.to_itself)}};
  out["figures"] = Json::array();
  for (const Figure& f : row.figures) out["figures"].push_back(json_of(f));
  out["limit"] = row.limit ? json_of(*row.limit) : Json(nullptr);
  const Figure* best = row.best();
  out["best"] = best != nullptr ? Json(best->who) : Json(nullptr);
  out["standing"] = best != nullptr ? Json(name_of(standing(best->ratio, row.to_itself))) : Json(nullptr);
  return out;
}

Json json_of(const Machine& m) {
  return {{"cpu", m.cpu},
          {"cores", m.cores},
          {"cache_bytes", m.cache_bytes},
          {"peak_flops_per_ns", {{"f32", m.peak_f32}, {"f64", m.peak_f64}}},
          {"system", m.system},
          {"load", m.load},
          {"compiler", m.compiler},
          {"trueno", m.trueno},
          {"commit", m.commit},
          {"peer_arch", m.peer_arch},
          {"isa_cap", m.isa_cap},
          {"date", m.date}};
}

std::string size_text(std::size_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  return digits;
}

std::string time_text(double ns) {
  if (ns < 1e3) return fmt::format("{:.1f} ns", ns);
  if (ns < 1e6) return fmt::format("{:.2f} us", ns / 1e3);
  return fmt::format("{:.2f} ms", ns / 1e6);
}

std::string error_text(const Figure& f) {
  if (!f.ulp) return "";
  return *f.ulp < 100 ? fmt::format("{:.2f}", *f.ulp) : fmt::format("{:.0e}", *f.ulp);
}

std::string table_line(const Row& row) {
  const Figure& ours = row.ours();
  std::string line = fmt::format("| {} | {} | {} | {} | {} | ", row.task, name_of(row.type), size_text(row.n),
                                 time_text(ours.ns.least), error_text(ours));
  line += row.limit ? fmt::format("{:.2f} | ", row.limit->ratio.median) : "| ";
  const Figure* best = row.best();
  if (best == nullptr) return line + "no peer | | | | |\n";
  return line + fmt::format("{} | {} | {} | {:.2f} ({:.2f} to {:.2f}) | {} |\n", best->who, time_text(best->ns.least),
                            error_text(*best), best->ratio.median, best->ratio.low, best->ratio.high,
                            name_of(standing(best->ratio, row.to_itself)));
}

}  // namespace

const Figure* Row::best() const {
  const Figure* found = nullptr;
  for (const Figure& f : figures)
    if (f.counted && !f.other_process && (found == nullptr || f.ns.median < found->ns.median)) found = &f;
  return found;
}

std::string Row::name() const { return fmt::format("{}/{}/{}", task, name_of(type), n); }

std::string to_json(const Report& report) {
  Json out = {{"format", 1}, {"machine", json_of(report.machine)}};
  out["peers"] = Json::array();
  for (const PeerInfo& p : report.peers)
    out["peers"].push_back({{"name", p.name}, {"version", p.version}, {"how", p.how}});
  out["missing"] = report.missing;
  out["bandwidths"] = Json::array();
  for (const Bandwidth& b : report.bandwidths)
    out["bandwidths"].push_back({{"pattern", b.pattern}, {"bytes", b.bytes}, {"bytes_per_ns", b.bytes_per_ns}});
  out["refusals"] = Json::array();
  for (const Refusal& r : report.refusals)
    out["refusals"].push_back({{"who", r.who}, {"task", r.task}, {"type", r.type}, {"what", r.what}});
  out["rows"] = Json::array();
  for (const Row& row : report.rows) out["rows"].push_back(json_of(row));
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_markdown(const Report& report) {
  const Machine& m = report.machine;
  std::string out = fmt::format("# trueno and its peers\n\n{}, {} cores, {}; trueno {}, commit {}; {}; load {}.\n\n",
                                m.cpu, m.cores, m.system, m.trueno, m.commit, m.date, m.load);
  out +=
      "One thread, kernels by handle, batches of about 20 us in turn. Times are minima. Ratio: ours by the best "
      "peer's, the median of pairs and its interval of 95 %; below 1 we are ahead. Error: the largest, in ULP "
      "(reductions: of the sum of magnitudes). Limit: our time by that of a kernel that only reads and writes.\n\n"
      "Peers:";
  for (const PeerInfo& p : report.peers) out += fmt::format(" {} {} ({});", p.name, p.version, p.how);
  for (const std::string& what : report.missing) out += fmt::format(" not here: {};", what);
  out +=
      "\n\n| task | type | n | trueno | error | by limit | best peer | its time | its error | ratio | |\n"
      "|---|---|--:|--:|--:|--:|---|--:|--:|---|---|\n";
  for (const Row& row : report.rows) out += table_line(row);
  if (!report.refusals.empty()) out += "\nRefused, as plainly wrong:\n\n";
  for (const Refusal& r : report.refusals) out += fmt::format("- {}, {} of {}: {}\n", r.who, r.task, r.type, r.what);
  return out;
}

std::string to_line(const Row& row) {
  std::string line = fmt::format("{:<34} {:>10}", row.name(), time_text(row.ours().ns.least));
  if (row.limit) line += fmt::format("  {:5.2f} of the limit", row.limit->ratio.median);
  if (const Figure* best = row.best())
    line += fmt::format("  {:5.2f} ({:.2f} to {:.2f}) of {}", best->ratio.median, best->ratio.low, best->ratio.high,
                        best->who);
  return line;
}

}  // namespace trueno::bench
