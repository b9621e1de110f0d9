// What type an expression has by itself: the first walk of the elaborator. It reports nothing.
#include <algorithm>

#include "ir/contract.h"
#include "ir/elaborate.h"
#include "ir/reducer.h"

namespace trueno::ir {

std::optional<Type> Elaborator::type_named(std::string_view text) const {
  if (!variable_.name.empty() && text == variable_.name) return variable_.type;
  return trueno::type_named(text);
}

/// The expressions that are the operands: the children, or E and F of sum(E*F).
std::vector<ExprId> Elaborator::children(ExprId id) const {
  std::vector<ExprId> out;
  out.reserve(expr(id).count);
  for (ExprId c = expr(id).first; c != kNoExpr; c = expr(c).next) out.push_back(c);
  return out;
}

std::size_t Elaborator::operands_of(ExprId id, ExprId (&out)[3]) {
  std::size_t n = 0;
  const ExprId parent = memo(id).fused ? expr(id).first : id;
  for (ExprId c = expr(parent).first; c != kNoExpr && n < 3; c = expr(c).next) out[n++] = c;
  return n;
}

std::int8_t Elaborator::infer(ExprId id) {
  const std::int8_t known = memo(id).known;
  if (known != kUnvisited) return known;
  const std::int8_t fresh = infer_fresh(id);
  memo(id).known = fresh;
  return fresh;
}

std::int8_t Elaborator::infer_fresh(ExprId id) {
  const Expr& e = expr(id);
  switch (e.kind) {
    case Expr::Kind::error: return kError;
    case Expr::Kind::literal: return kUntyped;
    case Expr::Kind::name: return infer_name(id);
    case Expr::Kind::unary:
    case Expr::Kind::binary: return infer_primitive(id, e.op, Type::f32);
    case Expr::Kind::call: return infer_call(id);
    case Expr::Kind::lookup: {
      const Table* table = environment_.table(e.text);
      return table == nullptr ? kError : infer_primitive(id, Op::table, table->type);
    }
  }
  return kError;
}

std::int8_t Elaborator::infer_name(ExprId id) {
  Binding* b = values_.find(expr(id).text);
  if (b == nullptr || b->state == Binding::State::failed) return kError;
  b->used = true;
  return b->state == Binding::State::untyped ? kUntyped : static_cast<std::int8_t>(kernel[b->node].type);
}

std::int8_t Elaborator::infer_primitive(ExprId id, Op op, Type own) {
  ExprId ids[3];
  Known types[3];
  Type all[3];
  const std::size_t n = operands_of(id, ids);
  bool error = false;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int8_t known = infer(ids[i]);
    error |= known == kError;
    if (known >= 0) types[i] = static_cast<Type>(known);
  }
  if (expr(id).where != kNoExpr) error |= infer(expr(id).where) == kError;
  if (error || n != row(op).operands) return kError;
  const bool owned = op == Op::table || op == Op::bitcast || op == Op::bitcast_raw;
  complete(op, std::span(types, n), owned ? Known(own) : std::nullopt);
  for (std::size_t i = 0; i < n; ++i) {
    if (!types[i]) return kUntyped;
    all[i] = *types[i];
  }
  const Typed typed = type_of(op, std::span(all, n), own);
  return typed.ok() ? static_cast<std::int8_t>(typed.type) : kError;
}

// Who is called, by name and number of operands. In an op's own body its name means the primitive, if there is one.
void Elaborator::resolve(ExprId id) {
  const Expr& e = expr(id);
  Memo& m = memo(id);
  m.callee = Callee::unknown;
  if (const std::optional<Type> type = type_named(e.text)) {
    m.callee = Callee::conversion;
    m.own = *type;
    return;
  }
  if (e.text.starts_with("bitcast.")) {
    const bool raw = e.text.starts_with("bitcast.raw.");
    const std::optional<Type> type = type_named(e.text.substr(raw ? 12 : 8));
    if (!type || is_mask(*type)) return;
    m.callee = Callee::bitcast;
    m.own = *type;
    m.op = raw ? Op::bitcast_raw : Op::bitcast;
    return;
  }
  // count() is the primitive beside the op count(m).
  const std::optional<Op> named = primitive_named(e.text, e.count);
  const bool leaf = named && row(*named).operands == 0 && e.count == 0;
  const bool own_name = declaration_.kind == Declaration::Kind::op && e.text == declaration_.name && named &&
                        row(*named).operands == e.count;
  m.op_name = e.text;
  m.component = {};
  if (!own_name && !leaf &&
      (!environment_.overloads(e.text).empty() || Environment::contains(environment_.failed_ops, e.text))) {
    m.callee = Callee::op;
    return;
  }
  // NAME.COMPONENT of a reducer: one component of its state, as kernels are printed once they are expanded.
  if (const std::size_t dot = e.text.rfind('.'); dot != std::string_view::npos) {
    m.op_name = e.text.substr(0, dot);
    m.component = e.text.substr(dot + 1);
    for (const std::vector<Type>& types : environment_.overloads(m.op_name)) {
      const Definition* definition = environment_.find(m.op_name, types);
      if (definition == nullptr || definition->reducer == nullptr) continue;
      m.callee = Callee::op;
      return;
    }
  }
  if (const std::optional<Op> op = primitive_named(e.text, e.count)) {
    m.callee = Callee::primitive;
    m.op = *op;
    if (*op == Op::reduce_sum && e.fuse == Expr::Fuse::product) {
      m.fused = true;
      m.op = Op::reduce_sum_fma;
    }
  }
}

std::int8_t Elaborator::infer_call(ExprId id) {
  resolve(id);
  const Expr& e = expr(id);
  switch (memo(id).callee) {
    case Callee::unresolved:
    case Callee::unknown: return kError;
    case Callee::conversion:
      if (e.count != 1 || infer(e.first) == kError) return kError;
      return static_cast<std::int8_t>(memo(id).own);
    case Callee::bitcast: return infer_primitive(id, memo(id).op, memo(id).own);
    case Callee::primitive:
      if (row(memo(id).op).operands != (memo(id).fused ? 2 : e.count)) return kError;
      if (memo(id).op == Op::count || memo(id).op == Op::index) return static_cast<std::int8_t>(Type::i64);
      return infer_primitive(id, memo(id).op, Type::f32);
    case Callee::op: return infer_op(id);
  }
  return kError;
}

/// The type of a call whose overload is known: of its result, or of the component asked for.
std::int8_t Elaborator::type_of_call(ExprId id) const {
  const Memo& m = memos_[id - declaration_.first_expr];
  if (m.definition == nullptr) return kUntyped;
  if (m.component.empty()) return static_cast<std::int8_t>(m.definition->result);
  if (m.definition->reducer == nullptr) return kError;
  for (const Reducer::Component& c : m.definition->reducer->state)
    if (c.name == m.component) return static_cast<std::int8_t>(c.type);
  return kError;
}

// mean(E*F) means mean.fma(E, F) where there is such an op for these types. Of i32, in strict kernels too:
// there it does not fuse a rounding away, it widens the operands before the product.
std::int8_t Elaborator::infer_op(ExprId id) {
  const Expr& e = expr(id);
  if (Environment::contains(environment_.failed_ops, e.text)) return kError;
  if (e.where != kNoExpr && infer(e.where) == kError) return kError;
  const auto types_of = [&](const std::vector<ExprId>& args) {
    std::vector<std::int8_t> known;
    known.reserve(args.size());
    for (ExprId arg : args) known.push_back(infer(arg));
    return known;
  };
  const auto broken = [](const std::vector<std::int8_t>& known) {
    return std::find(known.begin(), known.end(), kError) != known.end();
  };
  if (e.count == 1 && memo(id).component.empty() && is_product(syntax_, e.first)) {
    const std::vector<ExprId> factors = children(e.first);
    const std::vector<std::int8_t> known = types_of(factors);
    const bool widens = e.text == "mean" && infer(e.first) == static_cast<std::int8_t>(Type::i32);
    if (!broken(known) && (e.fuse == Expr::Fuse::product || widens) &&
        match(id, std::string(e.text) + ".fma", factors, known)) {
      memo(id).fused = true;
      return type_of_call(id);
    }
  }
  const std::vector<ExprId> args = children(id);
  const std::vector<std::int8_t> known = types_of(args);
  if (broken(known) || !match(id, memo(id).op_name, args, known)) return kError;
  return type_of_call(id);
}

// Is there an overload that takes these types? If exactly one: it is remembered.
bool Elaborator::match(ExprId id, std::string_view name, Ids args, std::span<const std::int8_t> known) {
  const std::vector<Type>* only = nullptr;
  int fitting = 0;
  const std::vector<std::vector<Type>> overloads = environment_.overloads(name);
  for (const std::vector<Type>& types : overloads) {
    if (types.size() != args.size()) continue;
    bool fits = true;
    for (std::size_t i = 0; i < types.size(); ++i) fits &= known[i] < 0 || static_cast<Type>(known[i]) == types[i];
    if (!fits) continue;
    ++fitting;
    only = &types;
  }
  if (fitting == 0) return false;
  if (fitting > 1) return true;
  memo(id).definition = environment_.find(name, *only);
  return memo(id).definition != nullptr;
}

}  // namespace trueno::ir
