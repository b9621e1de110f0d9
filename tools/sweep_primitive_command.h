// The parts of trueno-sweep that are about primitives, not ops, as functions with an exit code.
#pragma once

#include <string>
#include <vector>

#include "tools/options.h"
#include "tools/sweep_primitive.h"

namespace trueno::tools {

/// Sweeps and prints each as it is done; as JSON, all at the end. Exit codes: 0 the same bits; 1 a difference; 3 no
/// target asked for can run, or all declined.
int primitives_command(const std::vector<PrimitiveUse>& uses, const PrimitiveSweepOptions& options, bool json,
                       const Streams& streams);

/// Writes docs/declines.md to that path.
int declines_command(const std::string& path, const Streams& streams);

}  // namespace trueno::tools
