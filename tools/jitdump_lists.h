// --host, --list-isas, --list-ops: what there is, rather than what becomes of a kernel.
#pragma once

#include "ir/kernel.h"
#include "tools/options.h"

namespace trueno::tools {

struct Lists {
  bool host = false, isas = false, ops = false;
  bool any() const { return host || isas || ops; }
};

/// Prints those that are asked for: as text one after the other, as JSON in one document. False: nothing was found
/// wrong. Errors: internal: a built-in op that does not parse.
Result<bool> print_lists(const Lists& lists, bool json, const ir::Catalogue& ops, const Streams& streams);

}  // namespace trueno::tools
