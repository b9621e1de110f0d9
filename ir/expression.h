// The expression half of the parser: precedence climbing over the tokens.
//
//   or  <  and  <  not  <  comparisons (do not chain)  <  + -  <  * /  <  unary -  <  calls, names, literals
//
// A newline ends an expression unless it stands inside parentheses, or after an operator or a comma.
#pragma once

#include "ir/cursor.h"
#include "ir/syntax.h"

namespace trueno::ir {

class ExpressionParser {
 public:
  ExpressionParser(Cursor& cursor, Syntax& out) : cursor_(cursor), out_(out) {}

  /// One expression. After a mistake: an error expression, the cursor somewhere at or after the mistake.
  ExprId parse();
  /// A literal with its sign, for tables.
  ExprId literal();
  /// Did the last one end in a mistake, and how many parentheses were open then?
  bool failed() const { return failed_; }
  int nesting() const { return nesting_; }

 private:
  ExprId climb(int least);
  ExprId prefix();
  ExprId stranger(std::string_view hint, ExprId left);
  ExprId primary();
  ExprId name_or_call();
  ExprId arguments(const Lexeme& name);
  ExprId lookup(const Lexeme& name);
  ExprId number(bool negative, Position at);
  ExprId parenthesised();

  ExprId add(Expr expr, std::initializer_list<ExprId> children = {});
  ExprId error(std::string_view wanted);  ///< something else was expected here
  ExprId refuse(Position at, std::string_view message);
  bool ends_here() const { return nesting_ == 0 && cursor_.peek().first_on_line; }
  Expr& at(ExprId id) { return out_.exprs[id]; }

  Cursor& cursor_;
  Syntax& out_;
  int nesting_ = 0;  ///< open parentheses and brackets: newlines do not count inside
  int depth_ = 0;    ///< recursion
  bool failed_ = false;
};

}  // namespace trueno::ir
