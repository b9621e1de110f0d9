// What trueno-jitdump found as JSON: the same as its text shows, under stable names. docs/inspecting.md has the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/jitdump_study.h"

namespace trueno::tools {

using Json = nlohmann::ordered_json;

/// A kernel with the stages that were asked for.
Json kernel_json(const KernelView& view, const std::vector<std::string>& stages);
/// The code for one target. `stages`: of alloc, asm, bytes, stats.
Json target_json(const TargetView& view, const std::vector<std::string>& stages);
Json time_json(const ElementTime& time);

/// As text; bytes that are no UTF-8 are replaced.
std::string dumped(const Json& json, int indent = 1);

}  // namespace trueno::tools
