// The typing rules, one case per value of `Typing`.
#include "ir/typing.h"

#include "ir/reducer.h"

#include <algorithm>

namespace trueno::ir {
namespace {

using Known = std::optional<Type>;

/// The operands that share one type T; the rest follows from T by a rule of its own.
std::span<Known> alike(Typing typing, std::span<Known> operands) {
  return typing == Typing::select ? operands.subspan(1) : operands;
}

std::string quoted(Op op) { return "'" + std::string(spelling(op)) + "'"; }

Typed problem(int operand, std::string text) { return {Type::f32, std::move(text), operand}; }

/// The first operand of another type than the first, or -1.
int odd_one(std::span<const Type> operands) {
  for (std::size_t i = 1; i < operands.size(); ++i)
    if (operands[i] != operands[0]) return static_cast<int>(i);
  return -1;
}

/// Of two types that should be one, is the second the one to convert? Towards floats, and towards the wider.
bool converts_second(Type a, Type b) {
  if (is_mask(a) != is_mask(b)) return is_mask(b);
  if (is_float(a) != is_float(b)) return is_float(a);
  return bits_of(a) >= bits_of(b);
}

Typed must_agree(Op op, std::span<const Type> operands, std::size_t first = 0) {
  const int odd = odd_one(operands);
  const Type a = operands[0], b = operands[static_cast<std::size_t>(odd)];
  const bool second = converts_second(a, b);
  return problem(static_cast<int>(first) + (second ? odd : 0),
                 quoted(op) + " needs operands of one type, not " + list_of(operands) +
                     "; there is no implicit conversion: " + (second ? remedy(b, a) : remedy(a, b)));
}

/// All operands of one type out of those `allowed`.
Typed uniform(Op op, std::span<const Type> operands, bool (*allowed)(Type), std::string_view what, Type wanted) {
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (!allowed(operands[i]))
      return problem(static_cast<int>(i), quoted(op) + " takes " + std::string(what) + ", not " +
                                              std::string(name_of(operands[i])) + "; " + remedy(operands[i], wanted));
  if (odd_one(operands) > 0) return must_agree(op, operands);
  return {operands[0], {}, -1};
}

/// What an operand of a class it must not have could be converted to: of its own width, if it has one.
Type nearest_float(std::span<const Type> operands) {
  for (Type t : operands)
    if (is_float(t)) return t;
  return float_of(bits_of(operands[0]));
}
Type nearest_int(std::span<const Type> operands) {
  for (Type t : operands)
    if (is_int(t)) return t;
  return int_of(bits_of(operands[0]));
}
Type nearest_number(std::span<const Type> operands) {
  for (Type t : operands)
    if (is_number(t)) return t;
  return Type::f32;
}

Typed type_of_select(std::span<const Type> operands) {
  if (operands[1] != operands[2]) return must_agree(Op::select, operands.subspan(1), 1);
  if (!is_mask(operands[0]))
    return problem(0, "'select' needs a mask first, not " + std::string(name_of(operands[0])) + "; " +
                          remedy(operands[0], mask_of(operands[0])));
  if (operands[0] != mask_of(operands[1]))
    return problem(0, "'select' of " + std::string(name_of(operands[1])) + " needs a mask of its width, not " +
                          std::string(name_of(operands[0])) + "; " + remedy(operands[0], mask_of(operands[1])));
  return {operands[1], {}, -1};
}

Typed type_of_scaling(Op op, std::span<const Type> operands) {
  const Type a = operands[0], b = operands[1];
  if (!is_float(a))
    return problem(
        0, quoted(op) + " scales f32 or f64, not " + std::string(name_of(a)) + "; " + remedy(a, float_of(bits_of(a))));
  if (is_mask(b) || bits_of(b) != bits_of(a))
    return problem(1, quoted(op) + " of " + std::string(name_of(a)) + " needs an exponent of its width, not " +
                          std::string(name_of(b)) + "; " + remedy(b, int_of(bits_of(a))));
  return {a, {}, -1};
}

Typed type_of_conversion(Op op, Type from, Type own) {
  const std::string to(name_of(own));
  if (op == Op::mask_convert)
    return is_mask(from)
               ? Typed{own, {}, -1}
               : problem(0, to + "(...) converts masks, not " + std::string(name_of(from)) + "; write x != 0");
  if (is_mask(from)) return problem(0, to + "(...) cannot convert a mask; " + remedy(from, own));
  if (op == Op::convert || from == other_of(own)) return {own, {}, -1};
  return problem(0, quoted(op) + " to " + to + " needs " + std::string(name_of(other_of(own))) + ", not " +
                        std::string(name_of(from)) +
                        ": it keeps the bits, so the widths must be equal and the kinds differ");
}

}  // namespace

std::optional<Op> primitive_named(std::string_view name, std::size_t operands) {
  std::optional<Op> found;
  for (std::size_t i = 0; i < kPrimitiveCount; ++i) {
    if (kPrimitives[i].text != name || name.empty()) continue;
    const Op op = static_cast<Op>(i);
    switch (kPrimitives[i].typing) {
      case Typing::convert:
      case Typing::mask_convert:
      case Typing::bitcast:
      case Typing::table: continue;
      default: break;
    }
    if (kPrimitives[i].operands == operands) return op;
    if (!found) found = op;
  }
  return found;
}

std::string_view spelling(Op op) {
  switch (op) {
    case Op::add: return "+";
    case Op::sub: return "-";
    case Op::mul: return "*";
    case Op::div: return "/";
    case Op::eq: return "==";
    case Op::ne: return "!=";
    case Op::lt: return "<";
    case Op::le: return "<=";
    case Op::gt: return ">";
    case Op::ge: return ">=";
    default: return row(op).text;
  }
}

void complete(Op op, std::span<Known> operands, Known result) {
  const Typing typing = row(op).typing;
  if (operands.empty()) return;
  if (typing == Typing::scaling) {
    if (!operands[0] && operands[1] && is_number(*operands[1])) operands[0] = float_of(bits_of(*operands[1]));
    if (!operands[0] && result && is_float(*result)) operands[0] = result;
    if (!operands[1] && operands[0]) operands[1] = int_of(bits_of(*operands[0]));  // a float exponent must be known
    return;
  }
  if (typing == Typing::table) {
    if (!operands[0] && result) operands[0] = int_of(bits_of(*result));
    return;
  }
  if (typing == Typing::bitcast) {
    if (!operands[0] && result && is_number(*result)) operands[0] = other_of(*result);
    return;
  }
  if (typing == Typing::convert || typing == Typing::mask_convert) return;
  Known known;
  for (const Known& t : alike(typing, operands))
    if (t && !known) known = t;
  if (!known && typing != Typing::compare) known = result;
  if (!known) return;
  for (Known& t : alike(typing, operands))
    if (!t) t = known;
  if (typing == Typing::select && !operands[0]) operands[0] = mask_of(*known);
}

Typed type_of(Op op, std::span<const Type> operands, Type own) {
  const auto number = [](Type t) { return is_number(t); };
  const auto real = [](Type t) { return is_float(t); };
  const auto integer = [](Type t) { return is_int(t); };
  const auto bits = [](Type t) { return !is_float(t); };
  switch (row(op).typing) {
    case Typing::leaf: return {own, {}, -1};
    case Typing::number: return uniform(op, operands, number, "numbers", nearest_number(operands));
    case Typing::real: return uniform(op, operands, real, "f32 or f64", nearest_float(operands));
    case Typing::integer: return uniform(op, operands, integer, "i32 or i64", nearest_int(operands));
    case Typing::logic: return uniform(op, operands, bits, "integers or masks", nearest_int(operands));
    case Typing::compare: {
      Typed t = uniform(op, operands, number, "numbers", nearest_number(operands));
      t.type = mask_of(t.type);
      return t;
    }
    case Typing::select: return type_of_select(operands);
    case Typing::scaling: return type_of_scaling(op, operands);
    case Typing::convert:
    case Typing::mask_convert:
    case Typing::bitcast: return type_of_conversion(op, operands[0], own);
    case Typing::table:
      if (operands[0] == int_of(bits_of(own))) return {own, {}, -1};
      return problem(0, "the index of a table of " + std::string(name_of(own)) + " must be " +
                            std::string(name_of(int_of(bits_of(own)))) + ", not " + std::string(name_of(operands[0])) +
                            "; " + remedy(operands[0], int_of(bits_of(own))));
    case Typing::reduce: {
      Typed t = uniform(op, operands, number, "numbers", nearest_number(operands));
      if ((op == Op::reduce_sum || op == Op::reduce_sum_fma) && t.type == Type::i32) t.type = Type::i64;
      return t;
    }
  }
  return problem(-1, "an unknown primitive");
}

std::string problem_of_where(Type mask) {
  if (!is_mask(mask)) return "'where' needs a mask, not " + std::string(name_of(mask)) + "; write x != 0";
  return {};
}

std::string remedy(Type from, Type to) {
  const std::string target(name_of(to));
  if (is_mask(from) == is_mask(to)) return "write " + target + "(...)";
  if (!is_mask(from)) return "write ... != 0";
  return "write select(..., " + target + "(1), 0)";
}

std::string list_of(std::span<const Type> types) {
  std::string out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i > 0) out += i + 1 == types.size() ? " and " : ", ";
    out += name_of(types[i]);
  }
  return out;
}

NodeId append(Kernel& kernel, Op op, Type type, std::span<const NodeId> operands, Position at, std::uint64_t imm) {
  const NodeId id = static_cast<NodeId>(kernel.nodes.size());
  Node& node = kernel.nodes.emplace_back();
  node.op = op;
  node.type = type;
  node.varying = op == Op::param_array || op == Op::index;
  node.arity = static_cast<std::uint8_t>(operands.size());
  node.imm = imm;
  node.at = at;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    node.args[i] = operands[i];
    node.varying |= kernel.nodes[operands[i]].varying && !is_reduced(op);
  }
  return id;
}

NodeId append_reduction(Kernel& kernel, Op op, std::span<const NodeId> operands, NodeId mask, Position at) {
  Type type = kernel[operands[0]].type;
  NodeId wide[2] = {operands[0], operands.back()};
  if (type == Type::i32 && (op == Op::reduce_sum || op == Op::reduce_sum_fma)) {
    type = Type::i64;
    for (std::size_t i = 0; i < operands.size(); ++i) wide[i] = append(kernel, Op::convert, type, {operands[i]}, at);
  }
  if (mask != kNoNode && kernel[mask].type != mask_of(type))
    mask = append(kernel, Op::mask_convert, mask_of(type), {mask}, at);
  const NodeId id = append(kernel, op, type, std::span(wide, operands.size()), at);
  kernel.nodes[id].mask = mask;
  return id;
}

bool reduces(const Definition& op) {
  const std::vector<Output>& outputs = op.body.outputs;
  return op.reducer != nullptr ||
         (!outputs.empty() && outputs[0].value != kNoNode && !op.body[outputs[0].value].varying);
}

std::vector<bool> find_spreads(const Definition& op) {
  std::vector<bool> out(op.types.size());
  for (std::size_t param = 0; param < out.size() && !reduces(op); ++param) {
    std::vector<bool> varying(op.body.nodes.size());
    for (NodeId id = 0; id < op.body.nodes.size(); ++id) {
      const Node& n = op.body[id];
      varying[id] = (n.op == Op::param_scalar && n.imm == param) || n.op == Op::index;
      if (is_reduced(n.op)) continue;
      const Operands all = operands(op.body, n);
      const std::vector<bool>* spreads = n.op == Op::call ? &op.body.calls[n.imm].spreads : nullptr;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (spreads == nullptr || (i < spreads->size() && (*spreads)[i])) varying[id] = varying[id] || varying[all[i]];
    }
    out[param] = varying[op.body.outputs[0].value];
  }
  return out;
}

bool varies(const Kernel& kernel, const Definition& op, std::span<const NodeId> args) {
  const std::vector<bool> fresh = op.spreads.empty() ? find_spreads(op) : std::vector<bool>();
  const std::vector<bool>& spreads = op.spreads.empty() ? fresh : op.spreads;
  for (std::size_t i = 0; i < args.size(); ++i)
    if (spreads[i] && kernel[args[i]].varying) return true;
  return false;
}

NodeId append_call(Kernel& kernel, const Definition& op, std::vector<NodeId> args, NodeId mask, Position at) {
  const NodeId id = append(kernel, Op::call, op.result, {}, at, kernel.calls.size());
  kernel.nodes[id].varying = varies(kernel, op, args);
  if (mask != kNoNode) args.push_back(mask);
  kernel.calls.push_back(
      {op.name, std::move(args), mask != kNoNode, op.spreads.empty() ? find_spreads(op) : op.spreads});
  return id;
}

NodeId append_reduce(Kernel& kernel, const std::shared_ptr<const Reducer>& reducer, std::span<const NodeId> args,
                     NodeId mask, Position at) {
  std::uint64_t index = 0;
  const auto is = [&](const Reducer& known) { return known.mask == reducer->mask && same_reducer(known, *reducer); };
  while (index < kernel.reducers.size() && !is(*kernel.reducers[index])) ++index;
  if (index == kernel.reducers.size()) kernel.reducers.push_back(reducer);
  for (NodeId id = 0; id < kernel.nodes.size(); ++id) {
    const Node& n = kernel[id];
    if (n.op == Op::reduce && n.imm == index && n.mask == mask && std::equal(args.begin(), args.end(), n.args))
      return id;
  }
  const NodeId id = append(kernel, Op::reduce, reducer->state[0].type, args, at, index);
  kernel.nodes[id].mask = mask;
  return id;
}

NodeId append_component(Kernel& kernel, NodeId reduce, std::size_t component, Position at) {
  if (component == 0) return reduce;
  const Type type = kernel.reducers[kernel[reduce].imm]->state[component].type;
  return append(kernel, Op::component, type, {reduce}, at, component);
}

NodeId append_component(Kernel& kernel, const Definition& reducer, std::string_view component,
                        std::span<const NodeId> args, NodeId mask, Position at) {
  const NodeId node = append_reduce(kernel, reducer.reducer, args, mask, at);
  std::size_t i = 0;
  while (i + 1 < reducer.reducer->state.size() && reducer.reducer->state[i].name != component) ++i;
  return append_component(kernel, node, i, at);
}

std::uint64_t table_index(Kernel& kernel, const Table& table) {
  const auto found = std::find(kernel.tables.begin(), kernel.tables.end(), table);
  if (found == kernel.tables.end()) return kernel.tables.push_back(table), kernel.tables.size() - 1;
  return static_cast<std::uint64_t>(found - kernel.tables.begin());
}

}  // namespace trueno::ir
