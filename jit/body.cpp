// Walks the nodes of a loop or section in order and asks the ISA's rows for each.
#include "jit/body.h"

namespace trueno::jit {

using ir::NodeId;
using ir::Op;

namespace {

constexpr Operand fixed_mask(std::uint32_t k) { return {Place::fixed_reg, RegClass::mask, 0, 8, k}; }

bool is_fma(const ir::Node& n) { return n.op == Op::fma || n.op == Op::mad; }

}  // namespace

/// One walk over the nodes of a section: remembers the value of each.
struct BodyBuilder::Step {
  Step(const Layout& l, Select& select, bool is_tail)
      : layout(l), s(select), tail(is_tail), values(l.kernel.nodes.size()) {}

  const Layout& layout;
  Select& s;
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
    return v;
  }

  Operand leaf(NodeId id, const ir::Node& n, std::uint8_t part) {
    if (n.op == Op::constant) return is_mask(n.type) ? s.mask_constant(n.type, n.imm != 0) : s.constant(n.type, n.imm);
    if (n.op == Op::param_array) {
      const Operand memory = array(layout.array_of[n.imm], part);
      s.current_node = id;
      if (tail && layout.isa.load_masked) return layout.isa.load_masked(s, n.type, tail_mask(n.type, part), memory);
      return uses[id] > 1 ? s.reg(memory) : memory;
    }
    if (!s.uniform())
      return {Place::uniform, RegClass::vector, static_cast<std::uint8_t>(bits_of(n.type) / 8), s.width(),
              layout.slot_of[id]};
    return s.reg(
        {Place::slot, RegClass::vector, 0, static_cast<std::uint8_t>(bits_of(n.type) / 8), layout.slot_of[id]});
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

  /// What an accumulator becomes with this step's elements; nothing: declined.
  Operand stepped(const ir::Node& n, Operand acc, std::uint8_t part) {
    const Operand x = get(n.args[0]).part[part];
    if (n.op != Op::reduce_sum_fma) return s.primitive(reducer_of(n.op, n.type).merge, n.type, acc, x);
    const Operand y = get(n.args[1]).part[part];
    if (is_float(n.type)) return s.isa().table[Op::fma].lane(s, {layout.kernel, n, n.type, x, y, acc});
    const Operand product = s.primitive(Op::mul, n.type, x, y);
    return product.exists() ? s.primitive(Op::add, n.type, acc, product) : Operand{};
  }

  /// Takes this step's elements into accumulator `index`; in the tail, only those that exist.
  bool accumulate(const Accumulator& acc, std::uint32_t index, Lanes lanes) {
    const ir::Node& n = layout.kernel[acc.node];
    s.current_node = acc.node;
    for (std::uint8_t p = 0; p < acc.parts; ++p) {
      const auto offset = static_cast<std::uint8_t>(p * s.width() / 8);
      const Operand reg{Place::accumulator, RegClass::vector, p, s.width(), index};
      const Operand home =
          lanes == Lanes::registers ? reg : Operand{Place::lanes, RegClass::vector, offset, s.width(), index};
      const Operand next = stepped(n, s.reg(home), p);
      if (!next.exists()) return false;
      if (lanes == Lanes::registers && !tail)
        s.redirect(next, home);
      else if (lanes == Lanes::registers)
        layout.isa.accumulate_masked(s, n.type, tail_mask(n.type, p), home, next);
      else if (tail)
        layout.isa.store_masked(s, n.type, tail_mask(n.type, p), home, next);
      else
        s.move(home, next);
    }
    return true;
  }

  void count_uses(const std::vector<NodeId>& nodes) {
    uses.assign(values.size(), 0);
    for (NodeId id : nodes)
      for (NodeId arg : ir::operands(layout.kernel, layout.kernel[id])) {
        while (layout.folded_neg[arg]) arg = layout.kernel[arg].args[0];
        ++uses[arg];
      }
  }
};

Select BodyBuilder::uniform_select(Section& out) const { return Select(layout_.isa, pool_, out, 16, 4, true); }

bool BodyBuilder::loop(std::uint32_t pass, const std::vector<Accumulator>& accs, Lanes lanes, bool tail, Section& out) {
  const ir::Kernel& k = layout_.kernel;
  const std::vector<NodeId> nodes = layout_.loop_nodes(pass);
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  Step step(layout_, s, tail);
  step.count_uses(nodes);
  for (const Accumulator& acc : accs)
    for (NodeId arg : ir::operands(k, k[acc.node])) ++step.uses[arg];
  if (layout_.last(pass))
    for (const ir::Output& o : k.outputs) step.uses[o.value] += o.array;
  if (tail) load_tail_masks(step, pass, nodes, accs);

  for (NodeId id : nodes)
    if (!ir::is_leaf(k[id].op) && !step.select(id)) return reason = s.reason, false;
  for (std::uint32_t a = 0; a < accs.size(); ++a)
    if (!step.accumulate(accs[a], a, lanes))
      return reason = "no code for the step of '" + std::string(ir::row(k[accs[a].node].op).text) + "'", false;
  if (!layout_.last(pass)) return true;
  // Everything is read before anything is stored: a result may be the array another result comes from.
  for (const ir::Output& o : k.outputs)
    if (o.array) step.load(o.value);
  for (std::size_t i = 0; i < k.outputs.size(); ++i)
    if (k.outputs[i].array) step.store_array(k.outputs[i].value, layout_.output_array[i]);
  return true;
}

void BodyBuilder::load_tail_masks(Step& step, std::uint32_t pass, const std::vector<NodeId>& nodes,
                                  const std::vector<Accumulator>& accs) const {
  const ir::Kernel& k = layout_.kernel;
  bool need32 = false, need64 = false;
  const auto note = [&](Type t) { (bits_of(t) == 32 ? need32 : need64) = true; };
  for (NodeId id : nodes)
    if (k[id].op == Op::param_array) note(k[id].type);
  for (const Accumulator& acc : accs) note(acc.type);
  for (const ir::Output& o : k.outputs)
    if (o.array && layout_.last(pass)) note(k[o.value].type);
  step.load_tail_masks(need32, need64);
}

Operand BodyBuilder::vector_of(const Accumulator& acc, std::size_t index, Lanes lanes, std::uint32_t j) const {
  if (lanes == Lanes::registers) return {Place::fixed_reg, RegClass::vector, 0, vector_bytes(), acc.first_reg + j};
  return {Place::frame_lanes, RegClass::vector, static_cast<std::uint8_t>(j * vector_bytes() / 8), vector_bytes(),
          static_cast<std::uint32_t>(index)};
}

Operand BodyBuilder::stack_entry(std::size_t index, std::uint32_t j) const {
  return {Place::stack_lanes, RegClass::vector, static_cast<std::uint8_t>(j * vector_bytes() / 8), vector_bytes(),
          static_cast<std::uint32_t>(index)};
}

/// Lanes to one value by halving: whole vectors first, then within one. The fold pairs lane i with i + V/2,
/// so it does not matter by how many vectors the accumulators were rotated.
Operand BodyBuilder::fold(Select& s, const Accumulator& acc, std::size_t index, Lanes lanes) const {
  const Op merge = reducer_of(layout_.kernel[acc.node].op, acc.type).merge;
  std::vector<Operand> v;
  for (std::uint32_t j = 0; j < acc.vectors; ++j) v.push_back(vector_of(acc, index, lanes, j));
  for (std::size_t half = v.size() / 2; half > 0; half /= 2)
    for (std::size_t j = 0; j < half; ++j) v[j] = s.primitive(merge, acc.type, s.reg(v[j]), v[j + half]);
  Operand one = s.reg(v[0]);
  while (one.exists() && one.width > 16) {
    const Operand upper = upper_half(s, one);
    one = s.primitive(merge, acc.type, one.at_width(static_cast<std::uint8_t>(one.width / 2)), upper);
  }
  one = s.primitive(merge, acc.type, one, upper_half(s, one));
  if (bits_of(acc.type) == 32) one = s.primitive(merge, acc.type, one, lane_one(s, one));
  // Products that underflow can leave -0 in every lane; a zero sum is +0.
  if (layout_.kernel[acc.node].op == Op::reduce_sum_fma && is_float(acc.type))
    one = s.primitive(Op::add, acc.type, one, s.constant(acc.type, 0));
  return one;
}

bool BodyBuilder::between(std::uint32_t q, const std::vector<Accumulator>* folded, Lanes lanes, Section& out) {
  Select s = uniform_select(out);
  Step step(layout_, s, false);
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
      const NodeId id = (*folded)[a].node;
      s.current_node = id;
      const Operand value = fold(s, (*folded)[a], a, lanes);
      if (!value.exists())
        return reason = "no code to fold the lanes of " + std::string(name_of((*folded)[a].type)), false;
      step.values[id] = {{value, {}}, 1};
      if (layout_.crosses[id]) store(id, value);
    }
  const std::vector<NodeId> nodes = layout_.section_nodes(q);
  step.count_uses(nodes);
  for (NodeId id : nodes) {
    if (!step.select(id)) return reason = s.reason, false;
    if (layout_.crosses[id] && layout_.slot_of[id] != ~0u && step.values[id].parts) store(id, step.values[id].part[0]);
  }
  if (q == layout_.schedule.passes)
    for (const ir::Output& o : layout_.kernel.outputs) {
      if (!o.array && layout_.kernel[o.value].op == Op::constant) store(o.value, step.get(o.value).part[0]);
    }
  return true;
}

bool BodyBuilder::merge(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a) {
    if (bits_of(accs[a].type) != bits) continue;
    const Op op = reducer_of(layout_.kernel[accs[a].node].op, accs[a].type).merge;
    for (std::uint32_t j = 0; j < accs[a].vectors; ++j) {
      const Operand home = vector_of(accs[a], a, lanes, j);
      const Operand joined = s.primitive(op, accs[a].type, s.reg(home), stack_entry(a, j));
      if (!joined.exists()) return reason = "no code to merge lanes of " + std::string(name_of(accs[a].type)), false;
      s.redirect(joined, home);
    }
  }
  return true;
}

void BodyBuilder::push(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a)
    for (std::uint32_t j = 0; bits_of(accs[a].type) == bits && j < accs[a].vectors; ++j)
      s.move(stack_entry(a, j), s.reg(vector_of(accs[a], a, lanes, j)));
}

void BodyBuilder::pop(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a)
    for (std::uint32_t j = 0; bits_of(accs[a].type) == bits && j < accs[a].vectors; ++j) {
      const Operand home = vector_of(accs[a], a, lanes, j);
      s.move(home, home.is_reg() ? stack_entry(a, j) : s.reg(stack_entry(a, j)));
    }
}

void BodyBuilder::init(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a) {
    if (bits_of(accs[a].type) != bits) continue;
    const std::uint64_t start = reducer_of(layout_.kernel[accs[a].node].op, accs[a].type).init;
    for (std::uint32_t j = 0; j < accs[a].vectors; ++j) {
      const Operand home = vector_of(accs[a], a, lanes, j);
      if (lanes == Lanes::registers && start == 0)
        s.zero(home);
      else
        s.move(home, lanes == Lanes::frame ? s.reg(s.constant(accs[a].type, start)) : s.constant(accs[a].type, start));
    }
  }
}

}  // namespace trueno::jit
