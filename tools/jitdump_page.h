// --html: one page with everything there is to see of one kernel.
#pragma once

#include <string>

#include "tools/jitdump_study.h"

namespace trueno::tools {

struct PageOptions {
  std::string source;  ///< what was asked for, for the title
};

/// Writes the page: one file, which loads nothing. It measures speed against n first, on the targets of this host.
/// Errors: io: the file cannot be written, and is left as it was; those of time_kernels.
Result<void> write_page(const std::string& path, const KernelView& view, const ir::Catalogue& ops,
                        const PageOptions& options);

}  // namespace trueno::tools
