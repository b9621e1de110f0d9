// trueno-sweep --primitive, --primitives and --declines: what they print and what they exit with.
#include "tools/sweep_primitive_command.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/sweep_declines.h"

namespace trueno::tools {
namespace {

constexpr std::string_view kTool = "trueno-sweep";

void print(std::FILE* out, const PrimitiveReport& r) {
  fmt::print(out, "{} {}: {} inputs, {:.1f} s, {} targets compared with the interpreter, {} declined: {}\n",
             r.use.name(), r.use.types(), r.inputs, r.seconds, r.ran(),
             r.targets.size() - static_cast<std::size_t>(r.ran()), r.different() == 0 ? "the same bits" : "DIFFERENT");
  const int in = bits_of(r.use.operands[0]) / 4, result = bits_of(r.use.result) / 4;
  for (const PrimitiveTarget& t : r.targets) {
    if (!t.ran()) fmt::print(out, "  {}\n", t.declined);
    if (t.different != 0)
      fmt::print(out, "  {:<14} DIFFERENT for {} inputs, first x = 0x{:0{}x}: 0x{:0{}x} instead of 0x{:0{}x}\n",
                 t.target, t.different, t.input, in, t.got, result, t.expected, result);
  }
  std::fflush(out);  // a run over everything takes minutes
}

}  // namespace

int primitives_command(const std::vector<PrimitiveUse>& uses, const PrimitiveSweepOptions& options, bool json,
                       const Streams& streams) {
  nlohmann::ordered_json reports = nlohmann::ordered_json::array();
  std::uint64_t different = 0;
  int ran = 0;
  for (const PrimitiveUse& use : uses) {
    const auto report = sweep_primitive(use, options);
    if (!report) return fail(streams, kTool, report.error());
    different += report->different();
    ran += report->ran();
    if (json)
      reports.push_back(to_json(*report));
    else
      print(streams.out, *report);
  }
  if (json) fmt::print(streams.out, "{}\n", reports.dump(2));
  if (ran == 0) return fail(streams, kTool, Error(Status::unavailable, "every target declined: nothing was compared"));
  return finish(streams, kTool, different == 0 ? kFine : kFinding);
}

int declines_command(const std::string& path, const Streams& streams) {
  const auto text = declines_document();
  if (!text) return fail(streams, kTool, text.error());
  std::ofstream out(path, std::ios::binary);
  out << *text;
  out.close();
  if (!out) return fail(streams, kTool, Error(Status::io, "cannot write '" + path + "'"));
  return finish(streams, kTool, kFine);
}

}  // namespace trueno::tools
