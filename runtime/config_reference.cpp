// Writes the table of keys as TOML and as markdown; see config_reference.h.
#include "runtime/config_reference.h"

#include <algorithm>

#include "runtime/config_keys.h"

namespace trueno::runtime {
namespace {

constexpr std::string_view kHead =
    "# What trueno does where nobody configures it: every key with its default. Made from the table of keys\n"
    "# (runtime/config_keys.cpp) and held against it by a test. docs/configuration.md says which files are read,\n"
    "# and which wins. Nothing here can change a bit of a result.\n";

constexpr std::string_view kScopes =
    "\n# Keys of [tuning] may be given again for one ISA (sse2, sse42, avx2, avx512), and for one class of kernels on "
    "it:\n# reduction (only scalar results), elementwise (only arrays, nothing reduced), mixed. For example:\n"
    "#\n# [tuning.avx512]\n# vector_bits = 256\n#\n# [tuning.avx512.reduction]\n# unroll = 4\n";

std::string full_name(const Key& key) {
  return std::string(key.table) + (key.table.empty() ? "" : ".") + std::string(key.name);
}

/// Code in a cell of a table of markdown.
std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

}  // namespace

std::string reference_toml() {
  std::string out(kHead);
  std::string_view table;
  for (const Key& key : keys()) {
    out += "\n";
    if (key.table != table) out.append("[").append(key.table).append("]\n\n");
    table = key.table;
    out.append("# ").append(key.doc).append("\n# Allowed: ").append(allowed(key)).append(".");
    if (!key.environment.empty()) out.append(" Environment: ").append(key.environment).append(".");
    out.append("\n").append(key.name).append(" = ").append(key.otherwise).append("\n");
  }
  return out.append(kScopes);
}

std::string reference_markdown() {
  std::string out = "| key | allowed | default | environment | what for |\n|---|---|---|---|---|\n";
  for (const Key& key : keys()) {
    out.append("| ").append(code(full_name(key))).append(" | ").append(allowed(key)).append(" | ");
    out.append(code(key.otherwise)).append(" | ");
    out.append(key.environment.empty() ? "" : code(key.environment)).append(" | ").append(key.doc).append(" |\n");
  }
  return out;
}

}  // namespace trueno::runtime
