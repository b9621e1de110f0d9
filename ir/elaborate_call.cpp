// The second walk, continued: calls of primitives and ops, conversions, reductions.
#include <algorithm>

#include "ir/elaborate.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

std::string plural(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// Which numbers of operands does a primitive of that name take? min takes 1 or 2.
std::string arities(std::string_view name) {
  std::string out;
  std::size_t last = 0;
  for (std::size_t n = 0; n <= 3; ++n)
    for (const Primitive& p : kPrimitives)
      if (p.text == name && p.operands == n && (out.empty() || last != n)) {
        out += (out.empty() ? "" : " or ") + std::to_string(n);
        last = n;
      }
  return out + (out == "1" ? " operand" : " operands");
}

}  // namespace

NodeId Elaborator::call(ExprId id, Known wanted) {
  infer(id);
  const Expr& e = expr(id);
  const Memo m = memo(id);
  if (m.callee == Callee::unresolved || m.callee == Callee::unknown) {
    report_unknown_callee(e);
    return salvage(children(id));
  }
  if (!where_fits(id)) return salvage(children(id));
  if (m.callee == Callee::op) return op_call(id, wanted);
  if (m.callee == Callee::primitive) {
    const bool known = m.op == Op::count || m.op == Op::index;
    if (known && e.count == 0) return append(kernel, m.op, Type::i64, {}, e.at);
    if (row(m.op).operands == (m.fused ? 2 : e.count)) return primitive(id, m.op, Type::f32, wanted);
    report(e.at, "'" + std::string(e.text) + "' takes " + arities(e.text) + ", not " + std::to_string(e.count));
    return salvage(children(id));
  }
  if (e.count != 1) {
    report(e.at, "'" + std::string(e.text) + "' takes 1 operand, not " + std::to_string(e.count));
    return salvage(children(id));
  }
  return m.callee == Callee::conversion ? conversion(id) : primitive(id, m.op, m.own, wanted);
}

bool Elaborator::where_fits(ExprId id) {
  const Expr& e = expr(id);
  const Memo& m = memo(id);
  if (e.where == kNoExpr || m.callee == Callee::op) return true;  // of an op: asked when its definition is known
  if (m.callee == Callee::primitive && is_reduction(m.op)) return true;
  report(expr(e.where).at, "'where' in '" + std::string(e.text) + "' is out of place; it belongs to a reduction");
  return false;
}

// The mask of a `where`, if there is one. False: it has a mistake, which is reported.
bool Elaborator::where(ExprId id, NodeId& mask) {
  const ExprId condition = expr(id).where;
  mask = kNoNode;
  if (condition == kNoExpr) return true;
  if (infer(condition) == kUntyped) return report_untyped(condition), false;
  mask = elaborate(condition, std::nullopt);
  if (mask == kNoNode) return false;
  std::string problem = problem_of_where(kernel[mask].type);
  if (problem.empty()) return true;
  return report(expr(condition).at, std::move(problem)), false;
}

// f32(x): a typed constant if x has no type, else a conversion. m32(0) and m32(1) are constant masks.
NodeId Elaborator::conversion(ExprId id) {
  const Expr& e = expr(id);
  const Type own = memo(id).own;
  const std::int8_t known = infer(e.first);
  const NodeId operand = elaborate(e.first, known == kUntyped ? Known(own) : std::nullopt);
  if (operand == kNoNode || known == kUntyped) return operand;
  const Op op = is_mask(own) ? Op::mask_convert : Op::convert;
  const Type from[] = {kernel[operand].type};
  Typed typed = type_of(op, from, own);
  if (!typed.ok()) return report(expr(e.first).at, std::move(typed.problem));
  return append(kernel, op, own, {operand}, e.at);
}

// In strict kernels sum(E*F) stays a sum of products, but i32 operands still widen before the product.
NodeId Elaborator::reduction(ExprId id, Op op, std::span<const NodeId> operands, Ids ids) {
  const Expr& e = expr(id);
  NodeId mask;
  if (!where(id, mask)) return kNoNode;
  const Node& first = kernel[operands[0]];
  const bool product = op == Op::reduce_sum && expr(ids[0]).kind == Expr::Kind::binary && first.op == Op::mul;
  if (!product || first.type != Type::i32) return append_reduction(kernel, op, operands, mask, e.at);
  const NodeId a = first.args[0], b = first.args[1];
  if (operands[0] + 1 == kernel.nodes.size()) kernel.nodes.pop_back();  // the narrow product, made for this sum alone
  const NodeId wide_a = append(kernel, Op::convert, Type::i64, {a}, e.at);
  const NodeId wide_b = append(kernel, Op::convert, Type::i64, {b}, e.at);
  const NodeId wide[] = {append(kernel, Op::mul, Type::i64, {wide_a, wide_b}, e.at)};
  return append_reduction(kernel, op, wide, mask, e.at);
}

NodeId Elaborator::op_call(ExprId id, Known wanted) {
  const Expr& e = expr(id);
  if (Environment::contains(environment_.failed_ops, e.text)) return salvage(children(id));
  const std::vector<ExprId> args = children(memo(id).fused ? e.first : id);
  if (std::any_of(args.begin(), args.end(), [&](ExprId arg) { return infer(arg) == kError; })) return salvage(args);
  if (e.where != kNoExpr && infer(e.where) == kError) return elaborate(e.where, std::nullopt), salvage(args);
  if (memo(id).known == kError && memo(id).definition == nullptr) return report_no_overload(id, args);
  const Definition* definition = memo(id).definition;
  if (definition == nullptr) definition = pick(id, args, wanted);
  if (definition == nullptr) return kNoNode;
  if (type_of_call(id) == kError) return report_no_component(e, *definition);
  std::vector<NodeId> nodes;
  nodes.reserve(args.size());
  bool made = true;
  for (std::size_t i = 0; i < args.size(); ++i) {
    nodes.push_back(elaborate(args[i], definition->types[i]));
    made &= nodes.back() != kNoNode;
    if (!made || kernel[nodes.back()].type == definition->types[i]) continue;
    report(expr(args[i]).at,
           "'" + std::string(e.text) + "' needs " + std::string(name_of(definition->types[i])) + " here, not " +
               std::string(name_of(kernel[nodes.back()].type)) +
               "; there is no implicit conversion: " + remedy(kernel[nodes.back()].type, definition->types[i]));
    made = false;
  }
  NodeId mask;
  if (!made || !where(id, mask)) return kNoNode;
  if (!memo(id).component.empty()) return append_component(kernel, *definition, memo(id).component, nodes, mask, e.at);
  if (mask != kNoNode && varies(kernel, *definition, nodes))
    return report(expr(e.where).at,
                  "'where' in '" + std::string(e.text) + "' is out of place; it belongs to a reduction");
  return append_call(kernel, *definition, std::move(nodes), mask, e.at);
}

// Arguments without a type, several overloads: the one whose result is what is wanted here.
const Definition* Elaborator::pick(ExprId id, Ids args, Known wanted) {
  const std::string name = std::string(memo(id).op_name) + (memo(id).fused ? ".fma" : "");
  const Definition* found = nullptr;
  int fitting = 0;
  if (wanted)
    for (const std::vector<Type>& types : environment_.overloads(name)) {
      bool fits = types.size() == args.size();
      for (std::size_t i = 0; fits && i < types.size(); ++i)
        fits = infer(args[i]) < 0 || static_cast<Type>(infer(args[i])) == types[i];
      const Definition* definition = fits ? environment_.find(name, types) : nullptr;
      if (definition == nullptr || definition->result != *wanted) continue;
      ++fitting;
      found = definition;
    }
  if (fitting == 1) return found;
  for (ExprId arg : args)
    if (infer(arg) == kUntyped) return report_untyped(arg), nullptr;
  return report(expr(id).at, "cannot find the type of '" + name + "(...)'"), nullptr;
}

NodeId Elaborator::report_no_overload(ExprId id, Ids args) {
  const Expr& e = expr(id);
  const std::string_view name = memo(id).op_name;
  const std::vector<std::vector<Type>> overloads = environment_.overloads(name);
  std::string wanted;
  bool count_fits = false;
  for (const std::vector<Type>& types : overloads) {
    count_fits |= types.size() == args.size();
    wanted += (wanted.empty() ? "(" : " or (") + list_of(types) + ")";
  }
  const std::string who = "'" + std::string(e.text) + "' takes ";
  if (!count_fits)
    return report(e.at, who + plural(overloads.empty() ? 0 : overloads[0].size(), "argument") + ", not " +
                            std::to_string(args.size()));
  std::vector<Type> have;
  for (ExprId arg : args)
    if (infer(arg) >= 0) have.push_back(static_cast<Type>(infer(arg)));
  for (const std::vector<Type>& types : overloads)
    if (types == have && environment_.find(name, types) == nullptr)
      return report(e.at, "the definition of '" + std::string(e.text) + "' is broken");
  std::size_t at = 0;
  while (at < args.size() && infer(args[at]) < 0) ++at;
  const std::string to(have.empty() ? "f32" : name_of(overloads[0][at]));
  return report(e.at, who + wanted + ", not (" + list_of(have) + "); there is no implicit conversion: " +
                          (have.empty() ? "write " + to + "(...)" : remedy(have[0], overloads[0][at])));
}

NodeId Elaborator::report_no_component(const Expr& e, const Definition& definition) {
  if (definition.reducer == nullptr)
    return report(e.at, "'" + std::string(e.text) + "': '" + definition.name + "' of (" + list_of(definition.types) +
                            ") is an op; only reducers have a state");
  std::string known;
  for (const Reducer::Component& c : definition.reducer->state) known += (known.empty() ? "" : ", ") + c.name;
  return report(e.at, "'" + std::string(e.text) + "': the state of '" + definition.name + "' is " + known);
}

NodeId Elaborator::report_unknown_callee(const Expr& e) {
  if (declaration_.kind == Declaration::Kind::op && e.text == declaration_.name)
    return report(e.at, "an op cannot call itself, and '" + std::string(e.text) + "' is no primitive");
  Nearest nearest(e.text);
  for (const Primitive& p : kPrimitives)
    if (p.typing != Typing::convert && p.typing != Typing::mask_convert && p.typing != Typing::table)
      nearest.consider(p.text);
  for (std::string_view to : {"f32", "f64", "i32", "i64"}) {
    nearest.consider("bitcast." + std::string(to));
    nearest.consider("bitcast.raw." + std::string(to));
  }
  environment_.suggest_ops(nearest);
  for (std::size_t i = 0; i < kTypeCount; ++i) nearest.consider(name_of(static_cast<Type>(i)));
  std::string hint = nearest.hint();
  if (e.text == "bitcast" || e.text.starts_with("bitcast.")) hint = "; write bitcast.f32, .f64, .i32 or .i64";
  if (e.text == "convert") hint = "; write f32(...), f64(...), i32(...) or i64(...)";
  if (e.text == "mask_convert") hint = "; write m32(...) or m64(...)";
  if (values_.list().size() > 0 && hint.empty())
    for (const Binding& b : values_.list())
      if (b.name == e.text) hint = "; it is a value, not an operation";
  for (const Declaration& d : syntax_.declarations)
    if (d.kind == Declaration::Kind::op && d.name == e.text)
      hint = " above; an op can use only those that stand before it, so that none can call itself by way of another";
  return report(e.at, "there is no operation '" + std::string(e.text) + "'" + hint);
}

}  // namespace trueno::ir
