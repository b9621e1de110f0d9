// What is said of an op in lists and tables: its signature and its bounds, in words.
#pragma once

#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::tools {

/// "f32, f64 -> f32"
std::string signature_text(const ir::Definition& definition);
/// "fast: exact", "fast: 2.45 ULP; tight: 0.51 ULP"; "-" if nothing is promised.
std::string bound_text(const ir::Definition& definition);

/// An op in a list. Types that share bound and words share an entry.
struct OpEntry {
  std::string op;
  std::vector<std::string> signatures;
  std::string bound, doc;
};
/// Every op of a catalogue, in its order. Errors: internal: a built-in op that does not parse.
Result<std::vector<OpEntry>> list_ops(const ir::Catalogue& ops);

}  // namespace trueno::tools
