// Records and the table of ops (sweep_docs.h).
#include "tools/sweep_docs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "ops/catalogue.h"
#include "tools/op_words.h"

namespace trueno::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string bits_text(Type type, std::uint64_t bits) {
  return type == Type::f32 ? fmt::format("0x{:08x}", bits) : fmt::format("0x{:016x}", bits);
}
std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

Json finding_json(Type type, const Finding& finding) {
  Json json = {{"count", finding.count}};
  if (finding.count != 0) json["input"] = bits_text(type, finding.input), json["got"] = bits_text(type, finding.got);
  return json;
}

/// A double as JSON can hold it: infinities as a string.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(value > 0 ? "inf" : "-inf"); }

/// Reads the records. A file that is not there is one without records.
Result<Json> load(const std::string& path) {
  if (!std::filesystem::exists(path)) return Json::object();
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(Status::io, "cannot read '" + path + "'");
  Json records = Json::parse(in, nullptr, false);
  if (records.is_discarded() || !records.is_object())
    return Error(Status::invalid_argument, "'" + path + "' is not a JSON object of records");
  return records;
}

/// Written beside and renamed, so that a full disk leaves the old file.
Result<void> save(const std::string& path, const Json& records) {
  const std::string beside = path + ".new";
  std::ofstream out(beside, std::ios::binary);
  out << records.dump(2) << "\n";
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(beside, path, failed);
  if (!out || failed) return Error(Status::io, "cannot write '" + path + "'");
  return {};
}

/// The name of an op's record: that of f32 is the op's.
std::string record_name(const std::string& op, Type type) { return type == Type::f32 ? op : op + " f64"; }

/// The record of an op, emptied if it is of another definition than today's.
Json& current_record(Json& records, const std::string& op, Type type) {
  Json& entry = records[record_name(op, type)];
  const ir::Definition* definition = ops::built_in().find(op, {type});
  const std::string hash = hash_text(definition == nullptr ? 0 : hash_of(*definition));
  if (!entry.is_object() || entry.value("definition", "") != hash) entry = {{"definition", hash}};
  return entry;
}

template <class Report>
Result<void> record_as(const std::string& path, const char* kind, const Report& report) {
  if (report.stride != 1) return Error(Status::invalid_argument, "only a run over all inputs (--stride 1) is recorded");
  auto records = load(path);
  if (!records) return records.error();
  current_record(*records, report.op, report.type)[kind] = to_json(report);
  return save(path, *records);
}

/// What the records say of an op of one float, if they speak of today's definition.
std::string measured_text(const Json& records, const ir::Definition& definition) {
  const bool unary = definition.types.size() == 1 && is_float(definition.result);
  if (!unary || definition.types[0] != definition.result) return "not swept";
  const bool sampled = definition.result == Type::f64;
  const auto entry = records.find(record_name(definition.name, definition.result));
  if (entry == records.end() || !entry->is_object()) return "not swept";
  if (entry->value("definition", "") != hash_text(hash_of(definition)) || !entry->contains("sweep")) return "not swept";
  const Json& sweep = (*entry)["sweep"];
  if (!sweep.is_object() || !sweep.contains("max_ulp") || !sweep["max_ulp"].is_number()) return "not swept";
  const double error = sweep["max_ulp"].get<double>();
  std::string text =
      error == 0 ? std::string("0 ULP") : fmt::format("{:.4f} ULP at {}", error, sweep.value("worst_input", "?"));
  if (sampled) text = fmt::format("sampled, {} inputs: ", sweep.value("inputs", std::uint64_t{0})) + text;
  text += fmt::format("; {} misrounded", sweep.value("misrounded", std::uint64_t{0}));
  if (const auto undecided = sweep.value("undecided", std::uint64_t{0}); undecided != 0)
    text += fmt::format(" (and {} too near a tie to tell)", undecided);
  if (entry->contains("compare")) {
    const Json& compare = (*entry)["compare"];
    if (compare.value("different", std::uint64_t{1}) == 0)
      text += fmt::format("; same bits on {} targets", compare.value("ran", 0));
  }
  return text;
}

constexpr std::string_view kHead = R"(# Operations

Made by `trueno-sweep --docs docs/ops-measured.json`; do not edit. The definitions are the text in `ops/*.tir`.

An ULP is the spacing of the result type at the exact result, the smallest subnormal where the result is subnormal;
integer results are exact modulo 2^width. "Measured" is the largest error over all 2^32 inputs and the input (its bits)
that has it, with the number of results that are not the nearest f32; "same bits on N targets" means that the code for N
pairs of ISA and vector length was compared bit for bit on the same inputs. "sampled", for f64: on that many inputs, the
hard cases among them (`tools/sweep_inputs.h`), so the largest error may be larger elsewhere. "not swept": integers and
ops of several operands, which the test suite samples, and anything whose formula has changed since it was measured.
`trueno-sweep OP` (`--type f64`) repeats a figure.

| op | types | bound | measured | |
|---|---|---|---|---|
)";

/// A doc line inside a table: its bars must not end the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

/// One row per block of equal words: types that share bound, figures and doc share a line.
struct Row {
  std::string op, types, bound, measured, doc;
  bool same_words(const Row& other) const {
    return op == other.op && bound == other.bound && measured == other.measured && doc == other.doc;
  }
};

}  // namespace

nlohmann::ordered_json to_json(const SweepReport& r) {
  return {{"op", r.op},
          {"type", std::string(name_of(r.type))},
          {"origin", r.origin},
          {"stride", r.stride},
          {"inputs", r.inputs},
          {"bound", r.bound ? Json(*r.bound) : Json()},
          {"max_ulp", number(r.max_ulp)},
          {"worst_input", bits_text(r.type, r.worst_input)},
          {"worst_got", bits_text(r.type, r.worst_got)},
          {"misrounded", r.misrounded},
          {"undecided", r.undecided},
          {"nan", finding_json(r.type, r.nan)},
          {"infinity", finding_json(r.type, r.infinity)},
          {"zero_sign", finding_json(r.type, r.zero_sign)},
          {"seconds", r.seconds},
          {"ok", r.ok()}};
}

nlohmann::ordered_json to_json(const CompareReport& r) {
  Json targets = Json::array();
  for (const TargetBits& t : r.targets) {
    Json target = {{"target", t.target}, {"origin", t.origin}, {"ran", t.ran}, {"different", t.different}};
    if (t.different != 0) {
      target["input"] = bits_text(r.type, t.input);
      target["expected"] = bits_text(r.type, t.expected);
      target["got"] = bits_text(r.type, t.got);
    }
    targets.push_back(std::move(target));
  }
  return {{"op", r.op},
          {"type", std::string(name_of(r.type))},
          {"stride", r.stride},
          {"inputs", r.inputs},
          {"ran", r.ran()},
          {"different", r.different()},
          {"targets", std::move(targets)},
          {"seconds", r.seconds}};
}

Result<void> record(const std::string& path, const SweepReport& report) { return record_as(path, "sweep", report); }
Result<void> record(const std::string& path, const CompareReport& report) { return record_as(path, "compare", report); }

Result<std::string> ops_document(const std::string& records_path) {
  const auto records = load(records_path);
  if (!records) return records.error();
  std::vector<Row> rows;
  for (const std::string& name : ops::built_in().names()) {
    for (const auto& types : ops::built_in().overloads(name)) {
      const ir::Definition* definition = ops::built_in().find(name, types);
      if (definition == nullptr) return Error(Status::internal, "op '" + name + "' does not parse");
      Row row = {name, signature_text(*definition), bound_text(*definition), measured_text(*records, *definition),
                 definition->doc};
      if (!rows.empty() && rows.back().same_words(row))
        rows.back().types += "; " + row.types;
      else
        rows.push_back(std::move(row));
    }
  }
  std::string text(kHead);
  for (const Row& row : rows)
    text +=
        "| `" + row.op + "` | " + row.types + " | " + row.bound + " | " + row.measured + " | " + cell(row.doc) + " |\n";
  return text;
}

}  // namespace trueno::tools
