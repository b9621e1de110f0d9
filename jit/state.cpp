// See state.h. A step has a handful of nodes: what is remembered of them stays on the stack.
#include "jit/state.h"

namespace trueno::jit {

using ir::NodeId;
using ir::Op;

State inlined(Select& s, const ir::Kernel& body, const State& params) {
  constexpr std::size_t kUsual = 16;
  ir::Few<Value, kUsual> few;
  std::uint32_t few_uses[kUsual] = {};
  std::vector<Value> many(body.nodes.size() > kUsual ? body.nodes.size() : 0);
  std::vector<std::uint32_t> many_uses(many.size());
  for (std::size_t i = 0; many.empty() && i < body.nodes.size(); ++i) few.push_back({});
  Value* const values = many.empty() ? few.begin() : many.data();
  std::uint32_t* const uses = many.empty() ? few_uses : many_uses.data();
  for (const ir::Node& n : body.nodes)
    for (NodeId operand : ir::operands(body, n)) ++uses[operand];
  for (NodeId id = 0; id < body.nodes.size(); ++id) {
    const ir::Node& n = body[id];
    Value& v = values[id];
    if (n.op == Op::param_scalar) {
      v = params[n.imm];
      for (std::uint8_t p = 0; uses[id] > 1 && p < v.parts; ++p) v.part[p] = s.reg(v.part[p]);
    } else if (n.op == Op::constant) {
      v.parts = s.parts(n.type);
      for (std::uint8_t p = 0; p < v.parts; ++p)
        v.part[p] = is_mask(n.type) ? s.mask_constant(n.type, n.imm != 0) : s.constant(n.type, n.imm);
    } else {
      Value args[3];
      for (int i = 0; i < n.arity; ++i) args[i] = values[n.args[i]];
      v = s.node(body, n, args);
      if (v.parts == 0) return {};
    }
  }
  State out;
  for (const ir::Output& o : body.outputs) out.push_back(values[o.value]);
  return out;
}

void detach(Select& s, State& next, const State& homes, std::uint32_t first) {
  const auto among = [](const State& state, std::size_t count, const Operand& o) {
    for (std::size_t d = 0; d < count; ++d)
      for (std::uint8_t p = 0; p < state[d].parts; ++p)
        if (state[d].part[p] == o) return true;
    return false;
  };
  for (std::size_t c = 0; c < next.size(); ++c)
    for (std::uint8_t p = 0; p < next[c].parts; ++p) {
      Operand& value = next[c].part[p];
      // Both parts of a constant that is converted are one value, too.
      const bool again = among(next, c, value) || (p == 1 && next[c].part[0] == value);
      const bool stays = value.is_virtual()  ? value.index >= first && !again
                         : value.is_memory() ? !among(homes, homes.size(), value)
                                             : false;
      if (stays || value == homes[c].part[p]) continue;
      const Operand copy = s.fresh(RegClass::vector, value.width);
      s.move(copy, value);
      value = copy;
    }
}

}  // namespace trueno::jit
