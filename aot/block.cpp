// See block.h.
#include "aot/block.h"

#include <algorithm>
#include <numeric>

namespace trueno::aot {

using ir::Node;
using ir::NodeId;
using ir::Op;

namespace {

constexpr std::uint32_t kNone = ~0u;

/// The last step that reads each node; results live on.
std::vector<std::size_t> last_uses(const ir::Kernel& kernel, std::span<const NodeId> nodes,
                                   std::span<const NodeId> results) {
  std::vector<std::size_t> last(kernel.nodes.size(), 0);
  for (std::size_t s = 0; s < nodes.size(); ++s)
    for (NodeId operand : ir::operands(kernel, kernel[nodes[s]])) last[operand] = s;
  for (NodeId id : results) last[id] = nodes.size();
  return last;
}

/// The node whose row a value lies in: its own, unless it is another's bits under a new type. `last` becomes that of
/// all values in a row. Results have rows of their own.
std::vector<NodeId> homes(const ir::Kernel& kernel, std::span<const NodeId> nodes, const std::vector<bool>& computed,
                          std::vector<std::size_t>& last) {
  std::vector<NodeId> home(kernel.nodes.size());
  std::iota(home.begin(), home.end(), NodeId{0});
  for (NodeId id : nodes) {
    const Node& n = kernel[id];
    if (n.op != Op::bitcast_raw || !computed[n.args[0]] || last[id] == nodes.size()) continue;
    home[id] = home[n.args[0]];
    last[home[id]] = std::max(last[home[id]], last[id]);
  }
  return home;
}

Shape shape_of(const ir::Kernel& kernel, const Node& n) {
  const auto type = [&](int i) { return i < n.arity ? kernel[n.args[i]].type : n.type; };
  return {n.op, n.type, type(0), type(1)};
}

}  // namespace

std::string Block::build(const ir::Kernel& kernel, std::span<const NodeId> nodes, std::span<const NodeId> results,
                         const Level& level) {
  row_of_.assign(kernel.nodes.size(), kNone);
  std::vector<bool> computed(kernel.nodes.size());
  for (NodeId id : nodes) computed[id] = true;
  const auto leaf = [&](NodeId id) {
    if (computed[id] || row_of_[id] != kNone) return;
    row_of_[id] = static_cast<std::uint32_t>(leaves_.size());
    leaves_.push_back(id);
    if (kernel[id].op == Op::param_array) ++arrays_;
  };
  for (NodeId id : nodes)
    for (NodeId operand : ir::operands(kernel, kernel[id])) leaf(operand);
  for (NodeId id : results) leaf(id);
  const auto tables = static_cast<std::uint32_t>(
      std::count_if(nodes.begin(), nodes.end(), [&](NodeId id) { return kernel[id].op == Op::table; }));
  const auto first_buffer = static_cast<std::uint32_t>(leaves_.size()) + tables;

  std::vector<std::size_t> last = last_uses(kernel, nodes, results);
  const std::vector<NodeId> home = homes(kernel, nodes, computed, last);
  std::vector<std::uint32_t> free;
  for (std::size_t s = 0; s < nodes.size(); ++s) {
    const Node& n = kernel[nodes[s]];
    if (home[nodes[s]] != nodes[s]) {
      row_of_[nodes[s]] = row_of_[home[nodes[s]]];
      continue;
    }
    Step step{level.loop(shape_of(kernel, n)), {0, 0, 0}, 0};
    if (!step.loop) return "no loop for '" + std::string(ir::row(n.op).id) + "' of " + std::string(name_of(n.type));
    for (int i = 0; i < n.arity; ++i) step.in[i] = row_of_[n.args[i]];
    if (n.op == Op::table) {
      step.in[1] = static_cast<std::uint32_t>(leaves_.size() + tables_.size());
      Table& table = *tables_.emplace_back(std::make_unique<Table>());
      const ir::Table& from = kernel.tables[n.imm];
      for (std::uint64_t entry : from.entries)
        for (std::size_t byte = 0; byte < bytes_in_row(from.type); ++byte)
          table.entries.push_back(static_cast<std::uint8_t>(entry >> 8 * byte));
      table.view = {table.entries.data(), from.entries.size() - 1};
    }
    // A result has a row of its own, which may be bound to where the result goes.
    const bool result = last[nodes[s]] == nodes.size();
    if (result || free.empty()) {
      step.out = first_buffer + buffers_++;
    } else {
      step.out = free.back();
      free.pop_back();
    }
    row_of_[nodes[s]] = step.out;
    widest_ = std::max(widest_, bytes_in_row(n.type));
    steps_.push_back(step);
    only_ = &n;
    // Operands go only now: a loop's result is none of its operands.
    const ir::Operands operands = ir::operands(kernel, n);
    std::vector<NodeId> gone{nodes[s]};
    for (NodeId id : operands) gone.push_back(home[id]);
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
    for (NodeId id : gone)
      if (computed[id] && last[id] <= s) free.push_back(row_of_[id]);
  }
  return {};
}

Frame::Frame(const Block& block, std::size_t most) : block_(&block) {
  const std::size_t lines = lines_for(most);
  memory_ = std::make_unique_for_overwrite<Line[]>(block.buffers_ * lines);
  rows_.reserve(block.leaves_.size() + block.tables_.size() + block.buffers_);
  rows_.resize(block.leaves_.size());
  for (const auto& table : block.tables_) rows_.push_back({&table->view, 0});
  for (std::uint32_t b = 0; b < block.buffers_; ++b) rows_.push_back({memory_.get() + b * lines, kChunk});
}

void Frame::run(std::size_t n) const {
  for (const Block::Step& step : block_->steps_) {
    const Operand* const in[3] = {&rows_[step.in[0]], &rows_[step.in[1]], &rows_[step.in[2]]};
    step.loop(in, const_cast<void*>(rows_[step.out].row), n);
  }
}

}  // namespace trueno::aot
