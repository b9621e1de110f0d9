// See layout.h. Every uniform value has a slot in the caller's memory, so that sections, passes and functions
// can hand it on; values used only where they are computed are never stored there.
#include "jit/layout.h"

#include <algorithm>

namespace trueno::jit {

using ir::NodeId;
using ir::Op;

Layout::Layout(const ir::Kernel& k, const Target& t)
    : kernel(k), target(t), isa(rows_of(t.isa)), schedule(ir::schedule(k)) {
  for (const ir::Node& n : k.nodes) {
    if (n.varying) note(n.type);
    if (ir::is_reduction(n.op)) note_reduction(n);
  }
  for (const ir::Param& p : k.params) {
    array_of.push_back(p.is_array() ? arrays++ : ~0u);
    if (p.is_array()) note(p.type);
  }
  for (const ir::Output& o : k.outputs) {
    output_array.push_back(o.array ? arrays++ : ~0u);
    if (o.array) note(is_mask(k[o.value].type) ? Type::m32 : k[o.value].type);  // a step stores 4 bytes or more
  }
  lanes = static_cast<std::uint32_t>(t.vector_bytes()) / (narrow_ ? 4 : 8);
  find_folded_negations();
  assign_slots();
}

void Layout::note_reduction(const ir::Node& n) {
  const ir::Reducer& reducer = ir::reducer_of(kernel, n);
  for (const ir::Kernel* part : {&reducer.step, &reducer.merge})
    for (const ir::Node& inner : part->nodes) note(inner.type);
  const auto rows = static_cast<std::int64_t>(reducer.lanes()) * 128;
  block = block ? std::min(block, rows) : rows;
}

void Layout::assign_slots() {
  slot_of.assign(kernel.nodes.size(), ~0u);
  crosses.assign(kernel.nodes.size(), false);
  for (const ir::Param& p : kernel.params) slots.scalars.push_back(p.is_array() ? ~0u : slots.size++);
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    const ir::Node& n = kernel[id];
    if (n.op == Op::count)
      slot_of[id] = SlotMap::kCount;
    else if (n.op == Op::param_scalar)
      slot_of[id] = slots.scalars[n.imm];
    else if (!n.varying && n.op != Op::constant && !is_mask(n.type))
      slot_of[id] = slots.size++;
    for (NodeId arg : ir::operands(kernel, n))
      if (ir::in_loop(n) || ir::is_reduction(n.op) || !schedule.together(arg, id)) crosses[arg] = true;
  }
  for (const NodeId condition : schedule.condition) {
    if (condition == ir::kNoNode) continue;
    crosses[condition] = true;
    if (slot_of[condition] == ~0u) slot_of[condition] = slots.size++;
  }
  for (std::size_t i = 0; i < schedule.guards.size(); ++i) slots.guards.push_back(slots.size++);
  for (const ir::Output& o : kernel.outputs) {
    crosses[o.value] = true;
    if (!o.array && slot_of[o.value] == ~0u) slot_of[o.value] = slots.size++;
    slots.outputs.push_back(o.array ? ~0u : slot_of[o.value]);
  }
}

void Layout::find_folded_negations() {
  const auto is_fma = [](const ir::Node& n) { return n.op == Op::fma || n.op == Op::mad; };
  folded_neg.assign(kernel.nodes.size(), false);
  for (NodeId id = 0; id < kernel.nodes.size(); ++id)
    folded_neg[id] = kernel[id].op == Op::neg && is_float(kernel[id].type);
  for (const ir::Node& n : kernel.nodes)
    if (!is_fma(n))
      for (NodeId arg : ir::operands(kernel, n)) folded_neg[arg] = false;
  // A uniform negation used by a loop or a later section is read from its slot, which its operand may not have.
  for (NodeId id = 0; id < kernel.nodes.size(); ++id)
    for (NodeId arg : ir::operands(kernel, kernel[id]))
      if (!kernel[arg].varying && (kernel[id].varying || !schedule.together(arg, id))) folded_neg[arg] = false;
  for (const ir::Output& o : kernel.outputs) folded_neg[o.value] = false;
  for (const NodeId kept : schedule.kept)
    if (kept != ir::kNoNode) folded_neg[kept] = false;
}

std::vector<NodeId> Layout::section_nodes(std::uint32_t q, bool left_out) const {
  std::vector<bool> needed(kernel.nodes.size(), false);
  std::vector<NodeId> out;
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;) {
    const ir::Node& n = kernel[id];
    if (n.varying || ir::is_leaf(n.op) || ir::is_reduced(n.op)) continue;
    // Masks have no slots: one of an earlier section is computed again.
    const bool own = schedule.level[id] == q && schedule.is_left_out(id) == left_out;
    if (!own && !(needed[id] && is_mask(n.type))) continue;
    out.push_back(id);
    for (NodeId arg : ir::operands(kernel, n)) needed[arg] = true;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace trueno::jit
