// See op_words.h.
#include "tools/op_words.h"

#include <fmt/format.h>

namespace trueno::tools {

std::string signature_text(const ir::Definition& definition) {
  std::string text;
  for (const Type type : definition.types) text += (text.empty() ? "" : ", ") + std::string(name_of(type));
  return text + " -> " + std::string(name_of(definition.result));
}

std::string bound_text(const ir::Definition& definition) {
  std::string text;
  for (const auto& bound : definition.bounds) {
    if (!text.empty()) text += "; ";
    text += bound.tier + ": " + (bound.ulp == 0 ? std::string("exact") : fmt::format("{} ULP", bound.ulp));
    if (bound.floor != 0) text += fmt::format(" or {}", bound.floor);
  }
  return text.empty() ? "-" : text;
}

Result<std::vector<OpEntry>> list_ops(const ir::Catalogue& ops) {
  std::vector<OpEntry> entries;
  for (const std::string& name : ops.names())
    for (const auto& types : ops.overloads(name)) {
      const ir::Definition* definition = ops.find(name, types);
      if (definition == nullptr) return Error(Status::internal, "op '" + name + "' does not parse");
      OpEntry entry{name, {signature_text(*definition)}, bound_text(*definition), definition->doc};
      const bool joins = !entries.empty() && entries.back().op == name && entries.back().bound == entry.bound &&
                         entries.back().doc == entry.doc;
      if (joins)
        entries.back().signatures.push_back(entry.signatures[0]);
      else
        entries.push_back(std::move(entry));
    }
  return entries;
}

}  // namespace trueno::tools
