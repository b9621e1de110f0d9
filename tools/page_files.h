// The files of tools/page/ as they are compiled into trueno-jitdump; see ops/embedded.h.
#pragma once

#include "ops/embedded.h"

namespace trueno::tools {

extern const std::span<const ops::EmbeddedText> kPageFiles;

}  // namespace trueno::tools
