// What each ISA declines, found by asking: docs/declines.md.
//
// A back end may decline what it has no good code for; another then runs it, with the same bits. Which primitives
// these are is not written down by hand anywhere: a kernel of each is compiled for each target. Compiling looks at
// no CPU, so the page is the same wherever it is made.
#pragma once

#include <string>

#include "trueno/types.h"

namespace trueno::tools {

/// The text of docs/declines.md.
/// Errors: internal if a kernel is refused for another reason than that the back end declines it.
Result<std::string> declines_document();

}  // namespace trueno::tools
