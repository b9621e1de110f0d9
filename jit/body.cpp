// Walks the nodes of a loop or section in order and asks the ISA's rows for each.
#include "jit/body.h"

#include <algorithm>

namespace trueno::jit {

using ir::NodeId;
using ir::Op;

namespace {

constexpr Operand fixed_mask(std::uint32_t k) { return {Place::fixed_reg, RegClass::mask, 0, 8, k}; }

bool is_fma(const ir::Node& n) { return n.op == Op::fma || n.op == Op::mad; }

}  // namespace

/// One walk over the nodes of a section: remembers the value of each.
struct BodyBuilder::Step {
  Step(const Layout& l, Select& select, std::uint32_t of_pass, bool is_tail)
      : layout(l), s(select), pass(of_pass), tail(is_tail), values(l.kernel.nodes.size()) {}

  const Layout& layout;
  Select& s;
  std::uint32_t pass;  ///< for code between passes: the one that follows
  bool tail;
  std::vector<Value> values;
  std::vector<std::uint32_t> uses;
  Operand mask32[1], mask64[2];

  /// The masks of a tail: k registers set up by the loop, or vectors from a sliding window.
  void load_tail_masks(bool need32, bool need64) {
    if (layout.isa.opmasks()) {
      mask32[0] = mask64[0] = fixed_mask(kTailMask);
      mask64[1] = fixed_mask(kTailMaskUpper);
      return;
    }
    const auto window = [&](std::uint8_t part, std::uint32_t bytes) {
      return s.reg({Place::tail_window, RegClass::vector, part, s.width(), bytes});
    };
    if (need32) mask32[0] = window(0, 4);
    for (std::uint8_t p = 0; need64 && p < s.parts(Type::i64); ++p)  // the 8-byte window follows the 4-byte one
      mask64[p] = window(static_cast<std::uint8_t>(s.lanes() + p * s.width() / 8u), 8);
  }
  Operand tail_mask(Type t, std::uint8_t part) const { return bits_of(t) == 32 ? mask32[0] : mask64[part]; }

  Operand array(std::uint32_t index, std::uint8_t part) const {
    return {Place::array, RegClass::vector, static_cast<std::uint8_t>(part * s.width() / 8), s.width(), index};
  }

  /// The value of an operand; leaves become memory operands, loaded once if they are used more than once.
  const Value& get(NodeId id) {
    Value& v = values[id];
    if (v.parts) return v;
    const ir::Node& n = layout.kernel[id];
    v.parts = s.parts(n.type);
    for (std::uint8_t p = 0; p < v.parts; ++p) v.part[p] = leaf(id, n, p);
    if (const std::uint32_t from = array_read(id); from != ~0u && !masked_loads()) v.array = array(from, 0);
    return v;
  }
  bool masked_loads() const { return tail && layout.isa.load_masked; }

  Operand leaf(NodeId id, const ir::Node& n, std::uint8_t part) {
    if (n.op == Op::constant) return is_mask(n.type) ? s.mask_constant(n.type, n.imm != 0) : s.constant(n.type, n.imm);
    if (n.op == Op::index) return s.current_node = id, s.index(part);
    if (const std::uint32_t from = array_read(id); from != ~0u) {
      const Operand memory = array(from, part);
      s.current_node = id;
      if (masked_loads()) return layout.isa.load_masked(s, n.type, tail_mask(n.type, part), memory);
      return uses[id] > 1 ? s.reg(memory) : memory;
    }
    if (!s.uniform())
      return {Place::uniform, RegClass::vector, static_cast<std::uint8_t>(bits_of(n.type) / 8), s.width(),
              layout.slot_of[id]};
    return s.reg(
        {Place::slot, RegClass::vector, 0, static_cast<std::uint8_t>(bits_of(n.type) / 8), layout.slot_of[id]});
  }

  /// The array a value is read from: that of an argument, or that of the result it is kept in. ~0u: it is computed.
  std::uint32_t array_read(NodeId id) const {
    const ir::Node& n = layout.kernel[id];
    if (n.op == Op::param_array) return layout.array_of[n.imm];
    const std::uint32_t output = layout.schedule.read_back(pass, id);
    return output == ~0u ? ~0u : layout.output_array[output];
  }

  /// Selects a node. Negations that belong to an fma are looked through.
  bool select(NodeId id) {
    const ir::Node& n = layout.kernel[id];
    if (layout.folded_neg[id]) return true;
    bool negated[3] = {};
    Value args[3];
    for (int i = 0; i < n.arity; ++i) {
      NodeId arg = n.args[i];
      while (is_fma(n) && layout.folded_neg[arg]) negated[i] = !negated[i], arg = layout.kernel[arg].args[0];
      args[i] = get(arg);
    }
    s.current_node = id;
    values[id] = s.node(layout.kernel, n, args, negated[0] != negated[1], negated[2]);
    return values[id].parts != 0;
  }

  /// The value of a node in registers if it comes from an array.
  void load(NodeId id) {
    get(id);
    for (std::uint8_t p = 0; p < values[id].parts; ++p)
      if (values[id].part[p].place == Place::array) values[id].part[p] = s.reg(values[id].part[p]);
  }

  void store_array(NodeId id, std::uint32_t index) {
    const Type type = layout.kernel[id].type;
    const Value& v = get(id);
    s.current_node = id;
    const auto store = [&](Operand mask, Operand memory, Operand value) {
      if (tail && mask.exists())
        layout.isa.store_masked(s, type, mask, memory, value);
      else
        s.move(memory, s.reg(value));
    };
    if (is_mask(type)) {  // bytes 0 and 1; AVX-512 masks them by its mask of 4-byte lanes
      const Operand memory{Place::array, RegClass::vector, 0, static_cast<std::uint8_t>(s.lanes()), index};
      const bool masked = tail && layout.isa.opmasks();
      const Operand bytes = layout.isa.mask_bytes(s, type, v);
      store(masked ? fixed_mask(kTailMask) : Operand{}, masked ? memory.at_width(16) : memory, bytes);
      return;
    }
    for (std::uint8_t p = 0; p < v.parts; ++p) store(tail_mask(type, p), array(index, p), v.part[p]);
  }

  /// Takes this step's elements into the state of a reduction, accumulators `first` on; in the tail, only those
  /// that exist.
  bool accumulate(const std::vector<Accumulator>& accs, std::uint32_t first, Lanes lanes) {
    const ir::Node& n = layout.kernel[accs[first].node];
    const ir::Reducer& reducer = ir::reducer_of(layout.kernel, n);
    const auto count = static_cast<std::uint32_t>(reducer.state.size());
    s.current_node = accs[first].node;
    State params, homes;
    for (std::uint32_t c = 0; c < count; ++c) {
      homes.push_back(home(accs[first + c], first + c, lanes));
      Value& before = params.push_back(homes[c]);
      for (std::uint8_t p = 0; p < before.parts; ++p) before.part[p] = s.reg(before.part[p]);
    }
    for (NodeId operand : ir::operands(layout.kernel, n)) params.push_back(get(operand));
    s.current_node = accs[first].node;  // loading an operand was that one's
    const std::uint32_t own = s.section().virtual_registers;
    State next = inlined(s, reducer.step, params);
    if (next.empty()) return false;
    detach(s, next, homes, own);
    for (std::uint32_t c = 0; c < count; ++c)
      for (std::uint8_t p = 0; p < homes[c].parts; ++p)
        keep(accs[first + c].type, p, homes[c].part[p], s.reg(next[c].part[p]));
    return true;
  }

  Value home(const Accumulator& acc, std::uint32_t index, Lanes lanes) const {
    Value out;
    out.parts = acc.parts;
    for (std::uint8_t p = 0; p < acc.parts; ++p)
      out.part[p] = lanes == Lanes::registers ? Operand{Place::accumulator, RegClass::vector, p, s.width(), index}
                                              : Operand{Place::lanes, RegClass::vector,
                                                        static_cast<std::uint8_t>(p * s.width() / 8), s.width(), index};
    return out;
  }

  void keep(Type type, std::uint8_t part, Operand home, Operand next) {
    if (!tail)
      s.settle(next, home);
    else if (home.is_reg())
      layout.isa.accumulate_masked(s, type, tail_mask(type, part), home, next);
    else
      layout.isa.store_masked(s, type, tail_mask(type, part), home, next);
  }

  void count_uses(const std::vector<NodeId>& nodes) {
    uses.assign(values.size(), 0);
    for (NodeId id : nodes)
      for (NodeId arg : ir::operands(layout.kernel, layout.kernel[id])) {
        if (array_read(id) != ~0u) continue;
        while (layout.folded_neg[arg]) arg = layout.kernel[arg].args[0];
        ++uses[arg];
      }
  }
};

Select BodyBuilder::uniform_select(Section& out) const { return Select(layout_.isa, pool_, out, 16, 4, true); }

bool BodyBuilder::loop(std::uint32_t pass, const std::vector<Accumulator>& accs, Lanes lanes, bool tail, Section& out) {
  const ir::Kernel& k = layout_.kernel;
  const std::vector<NodeId> nodes = ir::loop_nodes(k, layout_.schedule, pass);
  const std::vector<ir::Store> stores = ir::stores(k, layout_.schedule, pass);
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  Step step(layout_, s, pass, tail);
  step.count_uses(nodes);
  for (const Accumulator& acc : accs)
    for (NodeId arg : ir::operands(k, k[acc.node])) ++step.uses[arg];
  for (const ir::Store& store : stores) ++step.uses[store.value];
  if (tail) load_tail_masks(step, nodes, accs, stores);

  for (NodeId id : nodes)
    if (!ir::is_leaf(k[id].op) && step.array_read(id) == ~0u && !step.select(id)) return reason = s.reason, false;
  for (std::uint32_t a = 0; a < accs.size(); ++a)
    if (accs[a].component == 0 && !step.accumulate(accs, a, lanes)) return reason = s.reason, false;
  // Everything is read before anything is stored: a result may be the array another result comes from.
  for (const ir::Store& store : stores) step.load(store.value);
  for (const ir::Store& store : stores) step.store_array(store.value, layout_.output_array[store.output]);
  return true;
}

void BodyBuilder::load_tail_masks(Step& step, const std::vector<NodeId>& nodes, const std::vector<Accumulator>& accs,
                                  const std::vector<ir::Store>& stores) const {
  const ir::Kernel& k = layout_.kernel;
  bool need32 = false, need64 = false;
  const auto note = [&](Type t) { (bits_of(t) == 32 ? need32 : need64) = true; };
  for (NodeId id : nodes)
    if (step.array_read(id) != ~0u) note(k[id].type);
  for (const Accumulator& acc : accs) note(acc.type);
  for (const ir::Store& store : stores) note(k[store.value].type);
  step.load_tail_masks(need32, need64);
}

bool BodyBuilder::between(std::uint32_t q, bool left_out, const std::vector<Accumulator>* folded, Lanes lanes,
                          Section& out) {
  Select s = uniform_select(out);
  Step step(layout_, s, q, false);
  const auto store = [&](NodeId id, Operand v) {
    const Type t = layout_.kernel[id].type;
    const Operand slot{Place::slot, RegClass::vector, 0, static_cast<std::uint8_t>(bits_of(t) / 8),
                       layout_.slot_of[id]};
    if (is_mask(t))
      layout_.isa.store_mask_slot(s, v, slot);
    else
      s.move(slot, s.reg(v));
  };
  if (folded)
    for (std::size_t a = 0; a < folded->size(); ++a) {
      if ((*folded)[a].component != 0) continue;
      s.current_node = (*folded)[a].node;
      const State value = fold(out, *folded, a, lanes);
      if (value.empty()) return reason = "no code to fold the lanes of a reduction", false;
      const std::vector<NodeId>& guards = layout_.schedule.guards;
      if (const auto g = std::find(guards.begin(), guards.end(), s.current_node); g != guards.end()) {
        const auto& reducer = ir::reducer_of(layout_.kernel, layout_.kernel[*g]);
        const Type flag = reducer.state[*reducer.some].type;
        s.move({Place::slot, RegClass::vector, 0, static_cast<std::uint8_t>(bits_of(flag) / 8),
                layout_.slots.guards[static_cast<std::size_t>(g - guards.begin())]},
               s.reg(value[*reducer.some].part[0]));
      }
      for (NodeId id = (*folded)[a].node; id < layout_.kernel.nodes.size(); ++id) {
        const ir::Node& n = layout_.kernel[id];
        const bool component = n.op == Op::component && n.args[0] == (*folded)[a].node;
        if (id != (*folded)[a].node && !component) continue;
        step.values[id] = {{s.reg(value[component ? n.imm : 0].part[0]), {}}, 1};
        if (layout_.crosses[id]) store(id, step.values[id].part[0]);
      }
    }
  const std::vector<NodeId> nodes = layout_.section_nodes(q, left_out);
  step.count_uses(nodes);
  for (NodeId id : nodes) {
    if (!step.select(id)) return reason = s.reason, false;
    const bool known = layout_.schedule.level[id] != q;  // a mask, stored where it became known
    if (!known && layout_.crosses[id] && layout_.slot_of[id] != ~0u && step.values[id].parts)
      store(id, step.values[id].part[0]);
  }
  if (q == layout_.schedule.passes && !left_out)
    for (const ir::Output& o : layout_.kernel.outputs) {
      if (!o.array && layout_.kernel[o.value].op == Op::constant) store(o.value, step.get(o.value).part[0]);
    }
  return true;
}

}  // namespace trueno::jit
