// trueno-run --show-config: what is configured, by whom, and what of it was not understood.
//
// As text it is a configuration itself: put into a file it gives the same values again. The log has told the mistakes
// in a line each; here they stand with the lines they are in.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/settings.h"
#include "tools/run.h"
#include "trueno/config.h"

namespace trueno::tools {
namespace {

void print_text(const Streams& streams) {
  const auto values = configuration();
  std::size_t width = 0;
  for (const ConfigurationValue& v : values) width = std::max(width, v.key.size() + v.value.size());
  for (const ConfigurationValue& v : values) {
    const std::string setting = fmt::format("{} = {}", v.key, v.value);
    fmt::print(streams.out, "{:<{}}  # {}\n", setting, width + 3, v.origin);
  }
  const auto problems = configuration_diagnostics();
  if (problems.empty()) return;
  fmt::print(streams.out, "\n# Not applied:\n");
  const std::string told = Error(Status::invalid_argument, problems).text();
  for (const std::string& line : split(std::string_view(told).substr(0, told.size() - 1), '\n'))
    fmt::print(streams.out, "# {}\n", line);
}

void print_json(const Streams& streams) {
  using nlohmann::ordered_json;
  ordered_json out{{"values", ordered_json::array()}, {"problems", ordered_json::array()}};
  for (const ConfigurationValue& v : configuration()) {
    auto value = ordered_json::parse(v.value, nullptr, false);  // the values that keys may have are JSON as well
    if (value.is_discarded()) value = v.value;                  // bytes of the environment that are no UTF-8
    out["values"].push_back({{"key", v.key}, {"value", value}, {"origin", v.origin}});
  }
  for (const Diagnostic& d : configuration_diagnostics())
    out["problems"].push_back(
        {{"file", d.file}, {"line", d.at.line}, {"column", d.at.column}, {"message", d.message}, {"text", d.line}});
  fmt::print(streams.out, "{}\n", out.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace

int show_config(bool json, const Streams& streams) {
  json ? print_json(streams) : print_text(streams);
  if (const auto& in_force = runtime::settings(); !in_force) return fail(streams, kRunName, in_force.error());
  return finish(streams, kRunName, configuration_diagnostics().empty() ? kFine : kFinding);
}

}  // namespace trueno::tools
