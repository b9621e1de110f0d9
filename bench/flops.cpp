// See flops.h.
#include "bench/flops.h"

#include "runtime/impl.h"

namespace trueno::bench {
namespace {

double flops_of(ir::Op op) {
  switch (op) {
    case ir::Op::fma:
    case ir::Op::mad:
    case ir::Op::reduce_sum_fma: return 2;
    case ir::Op::add:
    case ir::Op::sub:
    case ir::Op::mul:
    case ir::Op::div:
    case ir::Op::sqrt:
    case ir::Op::min:
    case ir::Op::max:
    case ir::Op::min_num:
    case ir::Op::max_num:
    case ir::Op::floor:
    case ir::Op::ceil:
    case ir::Op::trunc:
    case ir::Op::rint:
    case ir::Op::ldexp:
    case ir::Op::ldexp_near:
    case ir::Op::reduce_sum:
    case ir::Op::reduce_min:
    case ir::Op::reduce_max: return 1;
    default: return 0;
  }
}

}  // namespace

double flops_per_element(std::string_view text) {
  const Result<Kernel> kernel = compile(text);
  if (!kernel) return 0;
  const ir::Kernel& k = kernel->impl().optimized;
  double flops = 0;
  for (const ir::Node& node : k.nodes)
    if (node.varying || ir::is_reduction(node.op)) flops += flops_of(node.op);
  return flops;
}

}  // namespace trueno::bench
