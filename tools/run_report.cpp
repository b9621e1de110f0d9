// What trueno-run says: for people and as JSON; see run.h.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/verify_inputs.h"
#include "tools/run.h"
#include "tools/values.h"

namespace trueno::tools {
namespace {

constexpr std::size_t kHead = 8;  // elements shown of an array

std::string head_of(const ResultValue& r) {
  std::string out;
  for (std::size_t i = 0; i < std::min(r.length(), kHead); ++i)
    out += (i == 0 ? "" : ", ") + print_value(r.slot.type, r.bits(i));
  return r.length() > kHead ? out + ", ..." : out;
}

std::string_view type_text(Type type) { return is_mask(type) ? "mask" : name_of(type); }

/// "f32[1000]" or "f32[2][3]"
std::string array_text(const ResultValue& r) {
  const std::string rows = r.shape.rows ? fmt::format("[{}]", *r.shape.rows) : "";
  return fmt::format("{}{}[{}]", type_text(r.slot.type), rows, r.shape.columns);
}

nlohmann::ordered_json json_of(const ResultValue& r) {
  nlohmann::ordered_json out{{"name", r.slot.name}};
  if (r.slot.array) {
    out["type"] = fmt::format("{}{}", type_text(r.slot.type), r.shape.rows ? "[][]" : "[]");
    out["n"] = r.length();
    if (r.shape.rows) out["shape"] = {*r.shape.rows, r.shape.columns};
    out["file"] = r.file.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(r.file);
    if (!r.file.empty()) return out;
    out["head"] = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < std::min(r.length(), kHead); ++i)
      out["head"].push_back(json_value(r.slot.type, r.bits(i)));
    return out;
  }
  out["type"] = type_text(r.slot.type);
  out["value"] = json_value(r.slot.type, r.bits(0));
  out["bits"] = print_bits(r.slot.type, r.bits(0));
  return out;
}

}  // namespace

std::uint64_t ResultValue::bits(std::size_t i) const {
  return runtime::load_bits(slot.type, static_cast<const char*>(data.get()) + i * stored_bytes(slot.type));
}

void print_report(const Streams& streams, const Kernel& kernel, const RunReport& report) {
  for (const ResultValue& r : report.results) {
    if (!r.slot.array)
      fmt::print(streams.out, "{} = {}  (bits {})\n", r.slot.name, print_value(r.slot.type, r.bits(0)),
                 print_bits(r.slot.type, r.bits(0)));
    else if (!r.file.empty())
      fmt::print(streams.out, "{}: {} written to {}\n", r.slot.name, array_text(r), r.file);
    else
      fmt::print(streams.out, "{}: {} = {}\n", r.slot.name, array_text(r), head_of(r));
  }
  if (report.timed)
    fmt::print(streams.out, "time: {:.1f} ns per call, n = {}{}, {:.2f} GB/s\n", report.ns,
               report.extent.rows ? fmt::format("{} rows of ", *report.extent.rows) : "", report.extent.columns,
               static_cast<double>(report.bytes) / report.ns);
  fmt::print(streams.out, "ran by: {}\n", kernel.origin());
}

void print_json(const Streams& streams, const Kernel& kernel, const RunReport& report) {
  nlohmann::ordered_json out;
  out["results"] = nlohmann::ordered_json::array();
  for (const ResultValue& r : report.results) out["results"].push_back(json_of(r));
  const bool jit = kernel.backend() == Backend::jit;
  out["backend"] = name_of(kernel.backend());
  const bool interpreted = kernel.backend() == Backend::interpreter;
  out["isa"] = !interpreted ? nlohmann::ordered_json(name_of(kernel.isa())) : nlohmann::ordered_json();
  out["vl"] = jit ? nlohmann::ordered_json(kernel.vector_bits()) : nlohmann::ordered_json();
  out["origin"] = kernel.origin();
  out["n"] = report.extent.columns;
  if (report.extent.rows) out["rows"] = *report.extent.rows;
  out["ns"] = report.ns;
  // File names are bytes; what is no UTF-8 must not make the report throw.
  fmt::print(streams.out, "{}\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace trueno::tools
