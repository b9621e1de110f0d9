// The parse tree: what was written, before anything is known about names and types.
//
// Expressions live in one vector and refer to each other by index (first child, next sibling), so that a
// tree costs one allocation and dies at once. Parentheses leave no trace: "parentheses aside" is how the
// contract speaks of products. A mistake leaves an `error` expression, on which later steps are silent.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/lex.h"
#include "ir/primitives.h"

namespace trueno::ir {

using ExprId = std::uint32_t;
inline constexpr ExprId kNoExpr = ~ExprId{0};

inline constexpr int kMaxDepth = 256;         ///< height of an expression, chains like a + b + c included
inline constexpr std::size_t kMaxSlots = 64;  ///< parameters, results, arguments of one call

struct Expr {
  enum class Kind : std::uint8_t {
    error,    // reported already; children: what could be read
    literal,  // text, form, negative
    name,     // text
    unary,    // op: neg, bit_not
    binary,   // op
    call,     // text(children...), `where` may be set
    lookup,   // text[child]
  };
  /// What contraction decided (contract.h). The children stay as they were written.
  enum class Fuse : std::uint8_t {
    none,
    left,     // E*F + c, E*F - c
    right,    // c + E*F, c - E*F
    product,  // sum(E*F), mean(E*F)
  };
  Kind kind = Kind::error;
  Op op = Op::constant;
  Form form = Form::integer;
  bool negative = false;
  Fuse fuse = Fuse::none;
  std::uint8_t count = 0;  ///< children
  std::uint16_t height = 1;
  Position at;  ///< of the name, the literal or the operator
  std::string_view text;
  ExprId first = kNoExpr, next = kNoExpr, where = kNoExpr;
};

struct TypeText {
  std::string_view text;  ///< "f32", "mask", "T"; empty after a mistake
  Position at;
  bool array = false;
};

struct Declared {  ///< a parameter or a result; a result may have no name
  std::string_view name;
  Position at;
  TypeText type;
};

struct Statement {
  std::string_view name;
  Position at;
  ExprId value = kNoExpr;
};

struct BoundText {
  std::string_view tier;
  double ulp = 0, floor = 0;
};

/// A table, an op, a reducer, a kernel, or the bare body of an expression.
struct Declaration {
  enum class Kind : std::uint8_t { table, op, reduce, kernel, body };
  Kind kind = Kind::body;
  bool strict = false;
  bool broken = false;       ///< could not be read: nothing but its name counts
  bool broken_body = false;  ///< statements are missing
  std::string_view name;
  Position at;
  std::vector<Declared> params, results;  ///< an op has one result; a body has none declared
  std::vector<Statement> statements;
  std::vector<ExprId> values;           ///< the result expressions; a table's entries; a state's starts
  ExprId first_expr = 0, end_expr = 0;  ///< every expression of this declaration
  std::string_view variable;            ///< op ... for T in f32, f64
  std::vector<TypeText> types;
  std::string_view doc, reference;
  std::vector<BoundText> bounds;
  TypeText element;  ///< of a table
  std::uint64_t size = 0;
  // Of a reducer: its state, and step, merge and finish with the parameters each has of its own.
  std::vector<Declared> state;
  bool needs_elements = false;
  std::vector<Declaration> parts;
};

struct Syntax {
  std::vector<Expr> exprs;
  std::vector<Declaration> declarations;
  const Expr& operator[](ExprId id) const { return exprs[id]; }
};

/// Any number of declarations.
Syntax parse_declarations(std::string_view text, Mistakes& mistakes);
/// Statements and result expressions, as between the braces of a kernel: one declaration of kind body.
Syntax parse_body(std::string_view text, Mistakes& mistakes);

}  // namespace trueno::ir
