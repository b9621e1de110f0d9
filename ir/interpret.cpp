// Runs a kernel by walking its nodes, 256 elements at a time: slow, and plain enough to be believed.
//
// Every node has a row of 256 cells. Uniform nodes fill theirs once with copies of one value; varying nodes
// refill theirs for each stretch of 256 elements. A kernel with reductions is run pass by pass as `schedule`
// says. Array results are gathered aside and copied out at the very end: so an output may overlap an input
// in any way, and a refusal has written nothing.
#include "ir/interpret.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "ir/accumulate.h"
#include "ir/passes/passes.h"

namespace trueno::ir {
namespace {

constexpr std::size_t kStretch = 256;

// ---- memory and cells

Cell load(Type type, const void* base, std::size_t i) {
  const auto* at = static_cast<const unsigned char*>(base) + i * stored_bytes(type);
  if (is_mask(type)) return *at != 0;
  Cell cell = 0;
  std::memcpy(&cell, at, stored_bytes(type));  // little-endian: the low bytes of a cell are the value
  return cell;
}
void store(Type type, void* base, std::size_t i, Cell cell) {
  std::memcpy(static_cast<unsigned char*>(base) + i * stored_bytes(type), &cell, stored_bytes(type));
}

// ---- one call

class Run {
 public:
  Run(const Kernel& kernel, const Schedule& plan, std::span<const void* const> params, std::size_t n)
      : kernel_(kernel), plan_(plan), params_(params), n_(n), cells_(kernel.nodes.size() * kStretch) {
    results_.resize(kernel.outputs.size());
    for (std::size_t i = 0; i < results_.size(); ++i)
      results_[i].resize((kernel.outputs[i].array ? n : 1) * stored_bytes(type_of_output(i)));
  }

  void all_passes() {
    uniforms(0);
    for (std::uint32_t pass = 0; pass < plan_.passes; ++pass) {
      one_pass(pass);
      uniforms(pass + 1);
    }
    for (std::size_t i = 0; i < results_.size(); ++i)
      if (!kernel_.outputs[i].array) store(type_of_output(i), results_[i].data(), 0, *row_of(kernel_.outputs[i].value));
  }

  bool turned_out_empty() const { return empty_; }

  void copy_out(std::span<void* const> outputs) const {
    for (std::size_t i = 0; i < results_.size(); ++i)
      if (!results_[i].empty()) std::memcpy(outputs[i], results_[i].data(), results_[i].size());
  }

 private:
  Cell* row_of(NodeId id) { return cells_.data() + id * kStretch; }
  Cell* row_or_null(NodeId id) { return id == kNoNode ? nullptr : row_of(id); }
  Type type_of_output(std::size_t i) const { return kernel_[kernel_.outputs[i].value].type; }

  /// The uniform nodes that become known once `level` passes have ended.
  void uniforms(std::uint32_t level) {
    for (NodeId id = 0; id < kernel_.nodes.size(); ++id)
      if (const Node& node = kernel_[id]; !node.varying && plan_.level[id] == level) {
        if (!is_reduced(node.op)) compute(id, 0, 1);
        std::fill_n(row_of(id), kStretch, *row_of(id));
      }
  }

  void one_pass(std::uint32_t pass) {
    const bool last = pass + 1 == plan_.passes;
    const std::vector<NodeId>& reductions = plan_.reductions[pass];
    const std::vector<NodeId> needed = varying_nodes_for(reductions, last);
    std::vector<std::unique_ptr<Accumulation>> accumulations;
    for (const NodeId id : reductions)
      accumulations.push_back(std::make_unique<Accumulation>(reducer_of(kernel_, kernel_[id])));

    for (std::size_t begin = 0; begin < n_; begin += kStretch) {
      const std::size_t count = std::min(kStretch, n_ - begin);
      for (const NodeId id : needed) compute(id, begin, count);
      for (std::size_t r = 0; r < reductions.size(); ++r) {
        std::vector<const Cell*> rows;
        for (const NodeId operand : operands(kernel_, kernel_[reductions[r]])) rows.push_back(row_of(operand));
        accumulations[r]->add(rows, count);
      }
      if (last) store_arrays(begin, count);
    }
    for (std::size_t r = 0; r < reductions.size(); ++r) {
      const std::vector<Cell> state = accumulations[r]->finish();
      *row_of(reductions[r]) = state[0];
      if (std::find(plan_.guards.begin(), plan_.guards.end(), reductions[r]) != plan_.guards.end())
        empty_ = empty_ || state[*reducer_of(kernel_, kernel_[reductions[r]]).some] == 0;
      for (NodeId id = reductions[r] + 1; id < kernel_.nodes.size(); ++id)
        if (const Node& n = kernel_[id]; n.op == Op::component && n.args[0] == reductions[r])
          *row_of(id) = state[n.imm];
    }
  }

  /// What a pass has to compute per element, operands first: found by walking back from what it produces.
  std::vector<NodeId> varying_nodes_for(const std::vector<NodeId>& reductions, bool last) const {
    std::vector<bool> wanted(kernel_.nodes.size());
    const auto want_operands = [&](const Node& node) {
      for (const NodeId operand : operands(kernel_, node)) wanted[operand] = true;
    };
    for (const NodeId id : reductions) want_operands(kernel_[id]);
    if (last)
      for (const Output& out : kernel_.outputs)
        if (out.array) wanted[out.value] = true;
    std::vector<NodeId> needed;
    for (NodeId id = static_cast<NodeId>(kernel_.nodes.size()); id-- > 0;)
      if (wanted[id] && kernel_[id].varying) {
        needed.push_back(id);
        want_operands(kernel_[id]);
      }
    std::reverse(needed.begin(), needed.end());
    return needed;
  }

  void compute(NodeId id, std::size_t begin, std::size_t count) {
    const Node& node = kernel_[id];
    Cell* out = row_of(id);
    switch (node.op) {
      case Op::constant: *out = node.imm; return;
      case Op::count: *out = n_; return;
      case Op::index:
        for (std::size_t i = 0; i < count; ++i) out[i] = begin + i;
        return;
      case Op::param_scalar: *out = load(node.type, params_[node.imm], 0); return;
      case Op::param_array:
        for (std::size_t i = 0; i < count; ++i) out[i] = load(node.type, params_[node.imm], begin + i);
        return;
      default:
        evaluate(kernel_, node,
                 {row_or_null(node.args[0]), row_or_null(node.args[1]), row_or_null(node.args[2]), out, count});
    }
  }

  void store_arrays(std::size_t begin, std::size_t count) {
    for (std::size_t k = 0; k < results_.size(); ++k) {
      if (!kernel_.outputs[k].array) continue;
      const Cell* row = row_of(kernel_.outputs[k].value);
      for (std::size_t i = 0; i < count; ++i) store(type_of_output(k), results_[k].data(), begin + i, row[i]);
    }
  }

  const Kernel& kernel_;
  const Schedule& plan_;
  std::span<const void* const> params_;
  std::size_t n_;
  std::vector<Cell> cells_;                          // kStretch per node
  bool empty_ = false;                               // no element passed where one was needed
  std::vector<std::vector<unsigned char>> results_;  // per output: its bytes, until they are copied out
};

/// Our own mistakes, told apart before they can read or write where they should not.
const char* defect(const Kernel& kernel, std::size_t params, std::size_t outputs, std::int64_t n) {
  if (params != kernel.params.size()) return "not one pointer per parameter";
  if (outputs != kernel.outputs.size()) return "not one pointer per result";
  if (n < 0) return "a negative number of elements";
  for (const Node& node : kernel.nodes)
    if (node.op == Op::call) return "an op that has not been expanded";
  for (const Output& out : kernel.outputs) {
    if (out.value >= kernel.nodes.size()) return "a result without a value";
    if (!out.array && kernel[out.value].varying) return "a scalar result with one value per element";
  }
  return nullptr;
}

}  // namespace

Result<void> interpret(const Kernel& kernel, std::span<const void* const> params, std::span<void* const> outputs,
                       std::int64_t n) {
  if (const char* what = defect(kernel, params.size(), outputs.size(), n))
    return Error(Status::internal, "interpreter: kernel '" + kernel.name + "' was run with " + what);
  const Schedule plan = schedule(kernel);
  if (n == 0 && plan.needs_elements)
    return Error(Status::empty, "kernel '" + kernel.name + "': a result depends on the min or max of no elements");
  Run run(kernel, plan, params, static_cast<std::size_t>(n));
  run.all_passes();
  if (run.turned_out_empty())
    return Error(Status::empty, "kernel '" + kernel.name +
                                    "': a result depends on the min or max of elements that are all filtered out");
  run.copy_out(outputs);
  return {};
}

}  // namespace trueno::ir
