// See jitdump_lists.h.
#include "tools/jitdump_lists.h"

#include <fmt/format.h>

#include "tools/jitdump.h"
#include "tools/jitdump_host.h"
#include "tools/jitdump_json.h"
#include "tools/op_words.h"

namespace trueno::tools {
namespace {

/// For people: "exp  f32 -> f32  fast: 1 ULP", and below it what the op does.
std::string ops_text(const std::vector<OpEntry>& entries) {
  std::string out;
  for (const OpEntry& entry : entries) {
    std::string types;
    for (const std::string& signature : entry.signatures) types += (types.empty() ? "" : "; ") + signature;
    out += fmt::format("{}  {}  {}\n    {}\n", entry.op, types, entry.bound,
                       entry.doc.empty() ? "(no doc line)" : entry.doc);
  }
  return out;
}

Json ops_json(const std::vector<OpEntry>& entries) {
  Json out = Json::array();
  for (const OpEntry& entry : entries)
    out.push_back({{"op", entry.op}, {"types", entry.signatures}, {"bound", entry.bound}, {"doc", entry.doc}});
  return out;
}

}  // namespace

Result<bool> print_lists(const Lists& lists, bool json, const ir::Catalogue& ops, const Streams& streams) {
  const HostReport host = lists.host || lists.isas ? look_at_host() : HostReport();
  auto entries = lists.ops ? list_ops(ops) : Result<std::vector<OpEntry>>(std::vector<OpEntry>());
  if (!entries) return entries.error();
  if (!json) {
    fmt::print(streams.out, "{}{}{}", lists.host ? host_text(host) : "", lists.isas ? isas_text(host) : "",
               ops_text(*entries));
    return false;
  }
  Json all{{"tool", kJitdumpName}, {"schema", 1}};
  if (lists.host) all["host"] = host_json(host);
  if (lists.isas) all["isas"] = isas_json(host);
  if (lists.ops) all["ops"] = ops_json(*entries);
  fmt::print(streams.out, "{}", dumped(all));
  return false;
}

}  // namespace trueno::tools
