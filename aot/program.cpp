// Making a block program. Running one is call.cpp's.
#include "aot/program.h"

#include <algorithm>
#include <bit>

namespace trueno::aot {

using ir::Node;
using ir::NodeId;
using ir::Op;

namespace {

constexpr std::size_t kCacheBytes = 24576;  // for the rows of a stretch: they stay in the first cache
constexpr std::size_t kLongStretch = 8192;  // elements, where there are no buffers

/// Elements at a time: a power of two.
std::size_t stretch_of(const Block& body) {
  const std::size_t fit = std::bit_floor(kCacheBytes / std::max<std::size_t>(body.bytes_per_element(), 1));
  return std::clamp<std::size_t>(fit, 256, 2048);
}

/// All nodes of a step or a merge that are to be computed.
std::vector<NodeId> body_of(const ir::Kernel& kernel) {
  std::vector<NodeId> nodes;
  for (NodeId id = 0; id < kernel.nodes.size(); ++id)
    if (!ir::is_leaf(kernel[id].op)) nodes.push_back(id);
  return nodes;
}

std::vector<NodeId> values_of(const ir::Kernel& kernel) {
  std::vector<NodeId> values;
  for (const ir::Output& o : kernel.outputs) values.push_back(o.value);
  return values;
}

}  // namespace

Program::Program(const ir::Kernel& kernel, Isa isa)
    : kernel_(kernel), level_(&level(isa)), plan_(ir::schedule(kernel)) {}

Result<std::shared_ptr<const Program>> Program::make(const ir::Kernel& kernel, Isa isa) {
  const std::shared_ptr<Program> program(new Program(kernel, isa));
  if (const std::string why = program->build(); !why.empty())
    return Error(Status::unavailable, "the fallback declines '" + kernel.name + "': " + why);
  return std::shared_ptr<const Program>(program);
}

std::string Program::build() {
  for (const Node& n : kernel_.nodes)
    if (n.op == Op::call) return "it still calls an op";
  if (!plan_.guards.empty())
    for (const ir::Output& o : kernel_.outputs)
      if (o.array) return "array results beside a filtered min or max, which may turn out to be of nothing";
  passes_.resize(plan_.passes);
  for (std::uint32_t p = 0; p < plan_.passes; ++p)
    if (std::string why = build(p); !why.empty()) return why;
  return {};
}

std::string Program::build(std::uint32_t p) {
  Pass& pass = passes_[p];
  pass.stores = ir::stores(kernel_, plan_, p);
  std::vector<NodeId> nodes, results;
  for (NodeId id : ir::loop_nodes(kernel_, plan_, p))
    if (!ir::is_leaf(kernel_[id].op) && plan_.read_back(p, id) == ~0u) nodes.push_back(id);
  for (const ir::Store& store : pass.stores) results.push_back(store.value);
  for (NodeId id : plan_.reductions[p])
    for (NodeId operand : ir::operands(kernel_, kernel_[id])) results.push_back(operand);
  if (std::string why = pass.body.build(kernel_, nodes, results, *level_); !why.empty()) return why;
  bool only_arrays = pass.body.computes_nothing();
  for (NodeId leaf : pass.body.leaves()) only_arrays = only_arrays && kernel_[leaf].op == Op::param_array;
  pass.stretch = only_arrays ? kLongStretch : stretch_of(pass.body);
  pass.reductions.resize(plan_.reductions[p].size());
  for (std::size_t r = 0; r < pass.reductions.size(); ++r) {
    Reduction& reduction = pass.reductions[r];
    reduction.node = plan_.reductions[p][r];
    for (NodeId operand : ir::operands(kernel_, kernel_[reduction.node])) {
      reduction.operands.push_back(operand);
      reduction.types.push_back(kernel_[operand].type);
    }
    if (std::string why = build(ir::reducer_of(kernel_, kernel_[reduction.node]), reduction); !why.empty()) return why;
  }
  return {};
}

std::string Program::build(const ir::Reducer& reducer, Reduction& out) const {
  out.reducer = &reducer;
  for (const auto& [kernel, block] : {std::pair(&reducer.step, &out.step), std::pair(&reducer.merge, &out.merge)})
    if (std::string why = block->build(*kernel, body_of(*kernel), values_of(*kernel), *level_); !why.empty())
      return why;
  if (reducer.state.size() != 1) return {};
  std::vector<std::size_t> later;
  out.rows = by_rows(reducer.step, out.step, out.rows_from);
  out.join = by_rows(reducer.merge, out.merge, later);
  if (later != std::vector<std::size_t>{0}) out.join = nullptr;
  return {};
}

Rows Program::by_rows(const ir::Kernel& joint, const Block& block, std::vector<std::size_t>& from) const {
  const Node* n = block.only_node();
  if (!n) return nullptr;
  int lane = -1;
  for (int i = 0; i < n->arity; ++i) {
    const Node& operand = joint[n->args[i]];
    if (operand.op != Op::param_scalar) return nullptr;
    if (operand.imm == 0 && lane < 0)
      lane = i;
    else if (operand.imm != 0)
      from.push_back(operand.imm - 1);
  }
  const bool fused = n->op == Op::fma || n->op == Op::mad;
  if (lane < 0 || from.size() + 1 != n->arity || (fused ? lane != 2 : !ir::row(n->op).commutes)) return nullptr;
  return level_->rows(fused ? Op::fma : n->op, n->type);
}

}  // namespace trueno::aot
