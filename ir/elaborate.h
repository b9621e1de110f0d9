// From expressions to typed nodes: names, overloads and types, by local inference.
//
// Two walks. `infer` asks what type an expression has by itself and remembers the answer: a type, untyped
// (built of literals and untyped names only), or an error. `elaborate` makes the nodes and hands the type
// of a typed operand to an untyped one; it is also the one that reports. Each expression is inferred once
// and elaborated once, so the work is linear in the text. What is built on an error is silent.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/mistakes.h"
#include "ir/scope.h"
#include "ir/syntax.h"
#include "ir/typing.h"

namespace trueno::ir {

/// The type variable of an op while it is checked for one of its types; no name if there is none.
struct TypeVariable {
  std::string_view name;
  Type type = Type::f32;
};

class Elaborator {
 public:
  Elaborator(const Syntax& syntax, const Declaration& declaration, const Environment& environment, Mistakes& mistakes,
             TypeVariable variable);

  Kernel kernel;

  /// Adds a parameter and binds its name. Without a type: it is found from the first typed use.
  void parameter(std::string_view name, std::optional<Type> type, bool array, Position at);
  /// Binds a name whose declaration was wrong: uses of it are silent.
  void broken_name(std::string_view name, Position at) {
    if (!values_.contains(name)) values_.add({name, at, Binding::State::failed});
  }
  void statement(const Statement& s);
  /// The node of a result expression, or kNoNode after a mistake; `wanted` types what has no type.
  NodeId result(ExprId id, std::optional<Type> wanted) { return elaborate(id, wanted); }
  /// Reports names that never got a type.
  void finish();

  const Values& values() const { return values_; }
  Declaration::Kind kind() const { return declaration_.kind; }
  /// "f32" or the type variable; nothing if it is no type.
  std::optional<Type> type_named(std::string_view text) const;

 private:
  enum class Callee : std::uint8_t { unresolved, conversion, bitcast, primitive, op, unknown };
  /// What is known about an expression, kept from `infer` to `elaborate`.
  struct Memo {
    std::int8_t known = -3;  ///< Known, or a Type
    Callee callee = Callee::unresolved;
    Op op = Op::constant;
    Type own = Type::f32;                 ///< conversions, bitcasts: the type asked for
    bool fused = false;                   ///< sum(E*F): the operands are E and F
    std::string_view op_name, component;  ///< of argmin.key(x): "argmin" and "key"
    const Definition* definition = nullptr;
  };
  static constexpr std::int8_t kUnvisited = -3, kError = -2, kUntyped = -1;
  using Known = std::optional<Type>;
  using Ids = std::span<const ExprId>;

  const Expr& expr(ExprId id) const { return syntax_[id]; }
  Memo& memo(ExprId id) { return memos_[id - declaration_.first_expr]; }
  std::vector<ExprId> children(ExprId id) const;
  std::size_t operands_of(ExprId id, ExprId (&out)[3]);

  std::int8_t infer(ExprId id);
  std::int8_t infer_fresh(ExprId id);
  std::int8_t infer_name(ExprId id);
  std::int8_t infer_call(ExprId id);
  std::int8_t infer_primitive(ExprId id, Op op, Type own);
  std::int8_t infer_op(ExprId id);
  bool match(ExprId id, std::string_view name, Ids args, std::span<const std::int8_t> known);
  void resolve(ExprId id);

  NodeId elaborate(ExprId id, Known wanted);
  NodeId elaborate_one(ExprId id, Known wanted);
  NodeId literal(ExprId id, Known wanted);
  NodeId name(ExprId id, Known wanted);
  NodeId call(ExprId id, Known wanted);
  NodeId primitive(ExprId id, Op op, Type own, Known wanted);
  NodeId fused(ExprId id, Type type);
  NodeId product_operand(ExprId id, Type type, bool negated);
  NodeId conversion(ExprId id);
  NodeId reduction(ExprId id, Op op, std::span<const NodeId> operands, Ids ids);
  NodeId op_call(ExprId id, Known wanted);
  std::int8_t type_of_call(ExprId id) const;
  bool where(ExprId id, NodeId& mask);
  const Definition* pick(ExprId id, Ids args, Known wanted);
  bool where_fits(ExprId id);

  /// Reports the mistakes inside operands, when their parent cannot be made.
  NodeId salvage(Ids ids);
  NodeId report(Position at, std::string message);
  NodeId report_untyped(ExprId id);
  NodeId report_unknown_name(const Expr& e);
  NodeId report_unknown_callee(const Expr& e);
  NodeId report_no_overload(ExprId id, Ids args);
  NodeId report_no_component(const Expr& e, const Definition& definition);

  const Syntax& syntax_;
  const Declaration& declaration_;
  const Environment& environment_;
  Mistakes& mistakes_;
  TypeVariable variable_;
  Values values_;
  std::vector<Memo> memos_;
  std::size_t mistakes_before_;
  int depth_ = 0;
};

}  // namespace trueno::ir
