// What sweeps found, kept: a JSON file of records, and the table of docs/ops.md made from it and the .tir text.
//
// A record names the definition it measured by hash. When a formula changes, its old figures vanish from the
// table by themselves, until somebody sweeps again: a figure in the documentation is always a measured one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tools/sweep.h"

namespace trueno::tools {

nlohmann::ordered_json to_json(const SweepReport& report);
nlohmann::ordered_json to_json(const CompareReport& report);

/// Puts a sweep over all inputs, or a comparison over all inputs, into the record of its op in the file, which
/// is made if missing. Errors: io; invalid_argument for a strided one, which proves nothing, or a broken file.
Result<void> record(const std::string& path, const SweepReport& report);
Result<void> record(const std::string& path, const CompareReport& report);

/// docs/ops.md: every op of the catalogue with types, bound, what was measured, and its doc line.
/// Errors: io, invalid_argument: the file of records.
Result<std::string> ops_document(const std::string& records_path);

}  // namespace trueno::tools
