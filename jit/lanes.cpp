// The lanes of reductions outside the loop: from their start, to and from the merge stack, and down to one value.
#include "jit/body.h"

namespace trueno::jit {

using ir::Op;

Operand BodyBuilder::vector_of(const Accumulator& acc, std::size_t index, Lanes lanes, std::uint32_t j) const {
  if (lanes == Lanes::registers) return {Place::fixed_reg, RegClass::vector, 0, vector_bytes(), acc.first_reg + j};
  return {Place::frame_lanes, RegClass::vector, static_cast<std::uint8_t>(j * vector_bytes() / 8), vector_bytes(),
          static_cast<std::uint32_t>(index)};
}

Operand BodyBuilder::stack_entry(std::size_t index, std::uint32_t j) const {
  return {Place::stack_lanes, RegClass::vector, static_cast<std::uint8_t>(j * vector_bytes() / 8), vector_bytes(),
          static_cast<std::uint32_t>(index)};
}

State BodyBuilder::state_at(const std::vector<Accumulator>& accs, std::size_t first, std::uint32_t j, Lanes lanes,
                            bool stack) const {
  State out;
  for (std::size_t a = first; a < accs.size() && accs[a].node == accs[first].node; ++a) {
    Value& v = out.push_back({});
    v.parts = accs[a].parts;
    for (std::uint8_t p = 0; p < v.parts; ++p)
      v.part[p] = stack ? stack_entry(a, j * v.parts + p) : vector_of(accs[a], a, lanes, j * v.parts + p);
  }
  return out;
}

namespace {

/// Half of the lanes of a value, for a section of half the lanes: as many bytes in vectors of `width` bytes.
Value half(Select& s, Type type, const Value& v, std::uint32_t lanes, std::uint8_t width, bool upper) {
  const std::uint32_t bytes = lanes * static_cast<std::uint32_t>(bits_of(type)) / 8;
  if (v.parts == 2) {
    const Operand part = s.reg(v.part[upper]);
    if (part.width == width) return {{part, {}}, 1};
    return {{part.at_width(width), upper_half(s, part)}, 2};
  }
  const Operand all = s.reg(v.part[0]);
  if (!upper) return {{all.at_width(width), {}}, 1};
  return {{bytes > 8 ? upper_half(s, all) : lane_one(s, all), {}}, 1};
}

}  // namespace

/// Lanes to one by halving: whole steps first, then within one, in ever shorter vectors. The fold pairs lane i
/// with i + V/2 however many steps the accumulators were rotated; which of the two comes first may change, so they are
/// turned back before it for a merge to which that matters (compile.cpp).
State BodyBuilder::fold(Section& out, const std::vector<Accumulator>& accs, std::size_t first, Lanes where) const {
  const ir::Node& n = layout_.kernel[accs[first].node];
  const ir::Reducer& reducer = ir::reducer_of(layout_.kernel, n);
  const auto joined = [&](Select& s, const ir::Kernel& how, State a, const State& b) {
    a.append(b);
    for (Value& v : a)
      for (std::uint8_t p = 0; p < v.parts; ++p) v.part[p] = s.reg(v.part[p]);
    return inlined(s, how, a);
  };
  std::uint32_t lanes = layout_.lanes;
  Select steps(layout_.isa, pool_, out, vector_bytes(), lanes, false);
  steps.current_node = accs[first].node;
  std::vector<State> v;
  for (std::uint32_t j = 0; j < accs[first].lanes / lanes; ++j) v.push_back(state_at(accs, first, j, where, false));
  for (std::size_t half = v.size() / 2; half > 0; half /= 2)
    for (std::size_t j = 0; j < half; ++j)
      if ((v[j] = joined(steps, reducer.merge, v[j], v[j + half])).empty()) return {};
  State all = v[0];
  // Within a vector every step waits for the one before: latency is all that counts.
  if (reducer.folding && (all = inlined(steps, reducer.folding->into, all)).empty()) return {};
  const ir::Kernel& join = reducer.folding ? reducer.folding->join : reducer.merge;
  for (std::uint32_t width = vector_bytes(); lanes > 1; lanes /= 2) {
    if (width > 16) width /= 2;
    Select s(layout_.isa, pool_, out, static_cast<std::uint8_t>(width), lanes / 2, false);
    s.current_node = accs[first].node;
    State low, high;
    for (std::size_t c = 0; c < all.size(); ++c) {
      low.push_back(half(s, reducer.state[c].type, all[c], lanes, static_cast<std::uint8_t>(width), false));
      high.push_back(half(s, reducer.state[c].type, all[c], lanes, static_cast<std::uint8_t>(width), true));
    }
    if ((all = joined(s, join, low, high)).empty()) return {};
  }
  Select s = uniform_select(out);
  s.current_node = accs[first].node;
  if (reducer.folding && (all = inlined(s, reducer.folding->back, all)).empty()) return {};
  if (reducer.zero_sum) all[0].part[0] = s.primitive(Op::add, n.type, s.reg(all[0].part[0]), s.constant(n.type, 0));
  return all;
}

bool BodyBuilder::merge(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a) {
    if (accs[a].lanes != v || accs[a].component != 0) continue;
    s.current_node = accs[a].node;
    const ir::Kernel& merge = ir::reducer_of(layout_.kernel, layout_.kernel[accs[a].node]).merge;
    for (std::uint32_t j = 0; j < v / layout_.lanes; ++j) {
      // What is on the stack came before what is at hand.
      State params = state_at(accs, a, j, lanes, true);
      const State homes = state_at(accs, a, j, lanes, false);
      params.append(homes);
      const std::uint32_t first = out.virtual_registers;
      State joined = inlined(s, merge, params);
      if (joined.empty()) return reason = s.reason, false;
      detach(s, joined, homes, first);
      for (std::size_t c = 0; c < homes.size(); ++c)
        for (std::uint8_t p = 0; p < homes[c].parts; ++p) s.settle(joined[c].part[p], homes[c].part[p]);
    }
  }
  return true;
}

void BodyBuilder::push(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a)
    for (std::uint32_t j = 0; accs[a].lanes == v && j < accs[a].vectors; ++j)
      s.move(stack_entry(a, j), s.reg(vector_of(accs[a], a, lanes, j)));
}

void BodyBuilder::pop(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a)
    for (std::uint32_t j = 0; accs[a].lanes == v && j < accs[a].vectors; ++j) {
      const Operand home = vector_of(accs[a], a, lanes, j);
      s.move(home, home.is_reg() ? stack_entry(a, j) : s.reg(stack_entry(a, j)));
    }
}

void BodyBuilder::init(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out) {
  Select s(layout_.isa, pool_, out, vector_bytes(), layout_.lanes, false);
  for (std::size_t a = 0; a < accs.size(); ++a) {
    if (accs[a].lanes != v) continue;
    s.current_node = accs[a].node;
    const ir::Reducer& reducer = ir::reducer_of(layout_.kernel, layout_.kernel[accs[a].node]);
    const std::uint64_t start = reducer.state[accs[a].component].init;
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
