// The second walk: nodes, and every mistake. Names, literals and primitives; calls are in elaborate_call.cpp.
#include "ir/elaborate.h"

#include "ir/contract.h"
#include "ir/literal.h"

namespace trueno::ir {

Elaborator::Elaborator(const Syntax& syntax, const Declaration& declaration, const Environment& environment,
                       Mistakes& mistakes, TypeVariable variable)
    : syntax_(syntax),
      declaration_(declaration),
      environment_(environment),
      mistakes_(mistakes),
      variable_(variable),
      memos_(declaration.end_expr - declaration.first_expr),
      mistakes_before_(mistakes.count()) {
  kernel.name = declaration.name;
  kernel.strict = declaration.strict;
  kernel.nodes.reserve(std::min<std::size_t>(memos_.size() + declaration.params.size() + 4, kMaxNodes));
}

NodeId Elaborator::report(Position at, std::string message) {
  mistakes_.add(at, std::move(message));
  return kNoNode;
}

void Elaborator::parameter(std::string_view name, std::optional<Type> type, bool array, Position at) {
  Binding b{name, at, type ? Binding::State::typed : Binding::State::untyped};
  b.node = append(kernel, array ? Op::param_array : Op::param_scalar, type.value_or(Type::f32), {}, at,
                  kernel.params.size());
  // In a definition nothing is known of the arguments: reductions of a parameter must be possible.
  if (declaration_.kind == Declaration::Kind::op) kernel.nodes[b.node].varying = true;
  kernel.nodes[b.node].name = name;
  kernel.params.push_back({std::string(name), type.value_or(Type::f32), static_cast<std::uint8_t>(array ? 1 : 0), at});
  values_.add(b);
}

void Elaborator::statement(const Statement& s) {
  Binding b{s.name, s.at, Binding::State::failed};
  if (!is_bindable(s.name))
    report(s.at, "'" + std::string(s.name) + "' cannot name a value" +
                     (is_reserved(s.name) ? ": it is a word of the language" : ""));
  else if (const Binding* old = values_.find(s.name))
    report(s.at, "'" + std::string(s.name) + "' is already bound" +
                     (old->at.line != 0 ? " in line " + std::to_string(old->at.line) : "") +
                     "; a name stands for one value: choose another");
  else if (environment_.table(s.name) != nullptr)
    report(s.at, "'" + std::string(s.name) + "' is a table; choose another name");
  else if (s.name == variable_.name)
    report(s.at, "'" + std::string(s.name) + "' is the type variable of this op; choose another name");
  else if (infer(s.value) == kUntyped) {
    b.state = Binding::State::untyped;
    b.value = s.value;
    return values_.add(b);
  }
  b.node = infer(s.value) == kUntyped ? kNoNode : elaborate(s.value, std::nullopt);
  if (b.node != kNoNode) {
    b.state = Binding::State::typed;
    if (kernel[b.node].name.empty()) kernel.nodes[b.node].name = s.name;
  }
  if (values_.find(s.name) == nullptr) values_.add(b);
}

void Elaborator::finish() {
  if (kernel.nodes.size() > kMaxNodes)
    mistakes_.add(declaration_.at, "more than " + std::to_string(kMaxNodes) + " operations", Status::too_large);
  if (mistakes_.count() != mistakes_before_ || declaration_.broken_body) return;
  for (const Binding& b : values_.list())
    if (b.state == Binding::State::untyped && b.value != kNoExpr)
      report(b.at, "cannot find the type of '" + std::string(b.name) + "': nothing it is used with has one; write " +
                       std::string(b.name) + " = f32(...)");
}

NodeId Elaborator::elaborate(ExprId id, Known wanted) {
  if (kernel.nodes.size() > kMaxNodes) return kNoNode;  // reported at the end
  if (depth_ == 2 * kMaxDepth)
    return report(expr(id).at, "too many names without a type are built on each other; give one a type, as in f32(1)");
  ++depth_;
  const NodeId node = elaborate_one(id, wanted);
  --depth_;
  return node;
}

NodeId Elaborator::elaborate_one(ExprId id, Known wanted) {
  const Expr& e = expr(id);
  switch (e.kind) {
    case Expr::Kind::error: return salvage(children(id));
    case Expr::Kind::literal: return literal(id, wanted);
    case Expr::Kind::name: return name(id, wanted);
    case Expr::Kind::unary:
    case Expr::Kind::binary: return primitive(id, e.op, Type::f32, wanted);
    case Expr::Kind::call: return call(id, wanted);
    case Expr::Kind::lookup: break;
  }
  if (const Table* table = environment_.table(e.text)) return primitive(id, Op::table, table->type, wanted);
  if (!Environment::contains(environment_.failed_tables, e.text)) {
    Nearest nearest(e.text);
    for (const Table& t : environment_.tables) nearest.consider(t.name);
    report(e.at, "there is no table '" + std::string(e.text) + "'" + nearest.hint());
  }
  const ExprId index[] = {e.first};
  return salvage(index);
}

NodeId Elaborator::literal(ExprId id, Known wanted) {
  const Expr& e = expr(id);
  if (!wanted) return report_untyped(id);
  LiteralBits value = literal_bits(e.text, e.form, e.negative, *wanted);
  if (!value.problem.empty()) return report(e.at, std::move(value.problem));
  return append(kernel, Op::constant, *wanted, {}, e.at, value.bits);
}

NodeId Elaborator::name(ExprId id, Known wanted) {
  const Expr& e = expr(id);
  Binding* b = values_.find(e.text);
  if (b == nullptr) return report_unknown_name(e);
  b->used = true;
  if (b->state == Binding::State::failed) return kNoNode;
  if (b->state == Binding::State::typed) return b->node;
  if (!wanted) return report_untyped(id);
  if (b->value == kNoExpr) {
    if (is_mask(*wanted))
      return report(e.at, "'" + std::string(e.text) + "' is a scalar and cannot be a mask; write " +
                              std::string(e.text) + " != 0");
    b->state = Binding::State::typed;
    kernel.nodes[b->node].type = *wanted;
    kernel.params[kernel[b->node].imm].type = *wanted;
    return b->node;
  }
  b->state = Binding::State::failed;  // until it is known, so that nothing can go in circles
  const NodeId node = elaborate(b->value, wanted);
  b = values_.find(e.text);
  b->node = node;
  if (node == kNoNode) return kNoNode;
  b->state = Binding::State::typed;
  if (kernel[node].name.empty()) kernel.nodes[node].name = b->name;
  return node;
}

NodeId Elaborator::primitive(ExprId id, Op op, Type own, Known wanted) {
  ExprId ids[3];
  Known types[3];
  const std::size_t n = operands_of(id, ids);
  bool error = expr(id).where != kNoExpr && infer(expr(id).where) == kError;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int8_t known = infer(ids[i]);
    error |= known == kError;
    if (known >= 0) types[i] = static_cast<Type>(known);
  }
  if (error) {
    salvage(std::span(ids, n));
    if (expr(id).where != kNoExpr) elaborate(expr(id).where, std::nullopt);
    return kNoNode;
  }
  const bool owned = op == Op::table || op == Op::bitcast || op == Op::bitcast_raw;
  complete(op, std::span(types, n), owned ? Known(own) : wanted);
  for (std::size_t i = 0; i < n; ++i)
    if (!types[i]) return report_untyped(ids[i]);
  if (expr(id).fuse != Expr::Fuse::none && n == 2 && !is_reduction(op) && types[0] == types[1] && is_float(*types[0]))
    return fused(id, *types[0]);
  NodeId nodes[3];
  Type all[3];
  bool made = true;
  for (std::size_t i = 0; i < n; ++i) {
    nodes[i] = elaborate(ids[i], types[i]);
    made &= nodes[i] != kNoNode;
    if (nodes[i] != kNoNode) all[i] = kernel[nodes[i]].type;
  }
  if (!made) return kNoNode;
  Typed typed = type_of(op, std::span(all, n), own);
  if (!typed.ok()) {
    const ExprId about = typed.operand < 0 ? id : ids[typed.operand];
    return report(expr(about).at, std::move(typed.problem));
  }
  if (is_reduction(op)) return reduction(id, op, std::span(nodes, n), std::span(ids, n));
  const std::uint64_t imm = op == Op::table ? table_index(kernel, *environment_.table(expr(id).text)) : 0;
  return append(kernel, op, typed.type, std::span(nodes, n), expr(id).at, imm);
}

// E*F + c and its kin, of floats: one fma, signs folded into the operands (exact).
NodeId Elaborator::fused(ExprId id, Type type) {
  const Expr& e = expr(id);
  const ExprId left = e.first, right = expr(left).next;
  const bool minus = e.op == Op::sub;
  NodeId a, b, c;
  if (e.fuse == Expr::Fuse::left) {
    a = product_operand(expr(left).first, type, false);
    b = product_operand(expr(expr(left).first).next, type, false);
    c = product_operand(right, type, minus);
  } else {
    c = product_operand(left, type, false);
    a = product_operand(expr(right).first, type, minus);
    b = product_operand(expr(expr(right).first).next, type, false);
  }
  if (a == kNoNode || b == kNoNode || c == kNoNode) return kNoNode;
  const Type all[] = {kernel[a].type, kernel[b].type, kernel[c].type};
  Typed typed = type_of(Op::fma, all);
  if (!typed.ok()) return report(e.at, std::move(typed.problem));
  return append(kernel, Op::fma, type, {a, b, c}, e.at);
}

NodeId Elaborator::product_operand(ExprId id, Type type, bool negated) {
  const NodeId node = elaborate(id, type);
  if (node == kNoNode || !negated) return node;
  if (expr(id).kind != Expr::Kind::literal) return append(kernel, Op::neg, type, {node}, expr(id).at);
  kernel.nodes[node].imm ^= std::uint64_t{1} << (bits_of(type) - 1);
  return node;
}

NodeId Elaborator::salvage(Ids ids) {
  for (ExprId id : ids)
    if (infer(id) != kUntyped) elaborate(id, std::nullopt);
  return kNoNode;
}

NodeId Elaborator::report_untyped(ExprId id) {
  while (expr(id).kind != Expr::Kind::literal && expr(id).kind != Expr::Kind::name && expr(id).first != kNoExpr)
    id = expr(id).first;
  const Expr& e = expr(id);
  const std::string text = (e.negative ? "-" : "") + std::string(e.text.substr(0, kMaxName));
  if (e.kind == Expr::Kind::name)
    if (Binding* b = values_.find(e.text)) b->state = Binding::State::failed;
  return report(e.at,
                "cannot find the type of '" + text + "': nothing it is used with has one; write f32(" + text + ")");
}

NodeId Elaborator::report_unknown_name(const Expr& e) {
  const std::string quoted = "'" + std::string(e.text) + "'";
  if (environment_.table(e.text) != nullptr)
    return report(e.at, quoted + " is a table; write " + std::string(e.text) + "[index]");
  Nearest nearest(e.text);
  for (const Binding& b : values_.list()) nearest.consider(b.name);
  if (nearest.hint().empty() && (primitive_named(e.text, 1) || !environment_.overloads(e.text).empty()))
    return report(e.at, quoted + " is an operation and needs its operands: " + std::string(e.text) + "(...)");
  return report(e.at, "there is no value '" + std::string(e.text) + "'" + nearest.hint());
}

}  // namespace trueno::ir
