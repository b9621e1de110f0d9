// The kernels that trueno-bench measures where none are asked for: what each of them is bound by differs.
#pragma once

#include <string>
#include <vector>

#include "trueno/types.h"

namespace trueno::tools {

struct BenchKernel {
  std::string name;
  std::string text;
};

const std::vector<BenchKernel>& bench_kernels();
/// By the name of one of these, or a kernel as text. Errors: invalid_argument, with the names.
Result<BenchKernel> bench_kernel(const std::string& asked);

}  // namespace trueno::tools
