// Precedence climbing. One mistake ends the expression: the levels above stay silent, and the statement
// parser goes on behind it.
#include "ir/expression.h"

#include <algorithm>
#include <optional>

namespace trueno::ir {
namespace {

struct Infix {
  Op op;
  int level;
};

constexpr int kOr = 1, kAnd = 2, kNot = 3, kCompare = 4, kAdd = 5, kMul = 6;

std::optional<Infix> infix(const Lexeme& t) {
  switch (t.kind) {
    case Token::plus: return Infix{Op::add, kAdd};
    case Token::minus: return Infix{Op::sub, kAdd};
    case Token::star: return Infix{Op::mul, kMul};
    case Token::slash: return Infix{Op::div, kMul};
    case Token::less: return Infix{Op::lt, kCompare};
    case Token::less_equal: return Infix{Op::le, kCompare};
    case Token::greater: return Infix{Op::gt, kCompare};
    case Token::greater_equal: return Infix{Op::ge, kCompare};
    case Token::equal: return Infix{Op::eq, kCompare};
    case Token::not_equal: return Infix{Op::ne, kCompare};
    case Token::name:
      if (t.text == "and") return Infix{Op::bit_and, kAnd};
      if (t.text == "or") return Infix{Op::bit_or, kOr};
      return std::nullopt;
    default: return std::nullopt;
  }
}

/// What people write out of habit, and what it is called here.
std::string_view foreign(Token kind) {
  switch (kind) {
    case Token::caret: return "there is no '^'; write xor(a, b) for bits, pow(a, b) or a product for a power";
    case Token::percent: return "there is no '%'; write rem(a, b)";
    case Token::ampersand: return "there is no '&'; write a and b";
    case Token::bar: return "there is no '|'; write a or b";
    case Token::bang: return "there is no '!'; write not a";
    case Token::tilde: return "there is no '~'; write not a";
    default: return {};
  }
}

}  // namespace

ExprId ExpressionParser::parse() {
  failed_ = false;
  nesting_ = depth_ = 0;
  return climb(0);
}

ExprId ExpressionParser::add(Expr expr, std::initializer_list<ExprId> children) {
  const ExprId id = static_cast<ExprId>(out_.exprs.size());
  ExprId previous = kNoExpr;
  for (ExprId child : children) {
    expr.height = std::max<std::uint16_t>(expr.height, at(child).height + 1);
    (previous == kNoExpr ? expr.first : at(previous).next) = child;
    previous = child;
    ++expr.count;
  }
  out_.exprs.push_back(expr);
  if (expr.height > kMaxDepth && !failed_) {
    cursor_.fail(expr.at, "an expression of more than " + std::to_string(kMaxDepth) + " levels; name a part of it");
    failed_ = true;
  }
  return id;
}

ExprId ExpressionParser::error(std::string_view wanted) {
  if (!failed_) cursor_.expected(wanted);
  failed_ = true;
  return add(Expr{});
}

ExprId ExpressionParser::refuse(Position at, std::string_view message) {
  if (!failed_) cursor_.fail(at, std::string(message));
  failed_ = true;
  return add(Expr{});
}

ExprId ExpressionParser::climb(int least) {
  ExprId left = prefix();
  while (!failed_ && !ends_here()) {
    const Lexeme& token = cursor_.peek();
    if (const std::string_view hint = foreign(token.kind); !hint.empty()) {
      left = stranger(hint, left);
      continue;
    }
    const std::optional<Infix> op = infix(token);
    if (!op || op->level < least) break;
    cursor_.take();
    const ExprId right = climb(op->level + 1);
    if (failed_) break;
    left = add({.kind = Expr::Kind::binary, .op = op->op, .at = token.at, .text = token.text}, {left, right});
    if (op->level != kCompare || ends_here()) continue;
    if (const std::optional<Infix> next = infix(cursor_.peek()); next && next->level == kCompare)
      return refuse(cursor_.peek().at, "comparisons do not chain; write a < b and b < c");
  }
  return left;
}

// An operator that is not in the language is reported, and read as one: its operands may have mistakes too.
ExprId ExpressionParser::stranger(std::string_view hint, ExprId left) {
  cursor_.fail(cursor_.take().at, std::string(hint));
  const ExprId right = prefix();
  if (failed_) return right;
  return left == kNoExpr ? add(Expr{}, {right}) : add(Expr{}, {left, right});
}

ExprId ExpressionParser::prefix() {
  if (depth_ == kMaxDepth)
    return refuse(cursor_.peek().at, "nested more than " + std::to_string(kMaxDepth) + " levels deep");
  ++depth_;
  ExprId result;
  const Lexeme& token = cursor_.peek();
  if (token.kind == Token::minus) {
    cursor_.take();
    if (cursor_.sees(Token::number)) {
      result = number(true, token.at);
    } else {
      const ExprId operand = prefix();
      result =
          failed_ ? operand : add({.kind = Expr::Kind::unary, .op = Op::neg, .at = token.at, .text = "-"}, {operand});
    }
  } else if (cursor_.sees_word("not") && cursor_.peek(1).kind != Token::paren_open) {
    cursor_.take();
    const ExprId operand = climb(kNot);
    result = failed_ ? operand
                     : add({.kind = Expr::Kind::unary, .op = Op::bit_not, .at = token.at, .text = "not"}, {operand});
  } else {
    result = primary();
  }
  --depth_;
  return result;
}

ExprId ExpressionParser::primary() {
  const Lexeme& token = cursor_.peek();
  if (const std::string_view hint = foreign(token.kind); !hint.empty()) return stranger(hint, kNoExpr);
  switch (token.kind) {
    case Token::number: return number(false, token.at);
    case Token::name:
      // A new statement, though a parenthesis is open or an operator waits: the last one was not finished.
      if (token.first_on_line && cursor_.peek(1).kind == Token::assign) return error("an expression");
      return name_or_call();
    case Token::paren_open: return parenthesised();
    case Token::bad: return cursor_.take(), add(Expr{});
    default: return error("an expression");
  }
}

ExprId ExpressionParser::parenthesised() {
  cursor_.take();
  ++nesting_;
  const ExprId inner = climb(0);
  if (failed_) return inner;
  if (!cursor_.sees(Token::paren_close)) return error("')' or an operator");
  cursor_.take();
  --nesting_;
  return inner;
}

ExprId ExpressionParser::number(bool negative, Position at) {
  const Lexeme& token = cursor_.take();
  std::string_view text = token.text;
  if (token.form == Form::nan && !ends_here() && cursor_.sees(Token::paren_open)) {
    const Lexeme& bits = cursor_.peek(1);
    const Lexeme& close = cursor_.peek(2);
    text = std::string_view(text.data(), static_cast<std::size_t>(close.text.data() - text.data()) + 1);
    if (bits.kind != Token::number || bits.form != Form::hex_integer || close.kind != Token::paren_close ||
        text.size() != bits.text.size() + 5)
      return refuse(cursor_.peek().at, "nan is a literal; its bits can be given as in nan(0x7fc00001), without spaces");
    for (int i = 0; i < 3; ++i) cursor_.take();
  }
  return add({.kind = Expr::Kind::literal, .form = token.form, .negative = negative, .at = at, .text = text});
}

ExprId ExpressionParser::literal() {
  failed_ = false;
  const Position at = cursor_.peek().at;
  const bool negative = cursor_.accept(Token::minus);
  if (cursor_.sees(Token::number)) return number(negative, at);
  return error("a literal");
}

ExprId ExpressionParser::name_or_call() {
  const Lexeme& name = cursor_.take();
  const bool goes_on = !ends_here();
  if (goes_on && cursor_.sees(Token::paren_open)) return arguments(name);
  if (is_reserved(name.text)) {
    return refuse(name.at, "expected an expression, found '" + std::string(name.text) + "', a word of the language");
  }
  if (goes_on && cursor_.sees(Token::square_open)) return lookup(name);
  return add({.kind = Expr::Kind::name, .at = name.at, .text = name.text});
}

ExprId ExpressionParser::lookup(const Lexeme& name) {
  cursor_.take();
  ++nesting_;
  const ExprId index = climb(0);
  if (failed_) return index;
  if (!cursor_.sees(Token::square_close)) return error("']' or an operator");
  cursor_.take();
  --nesting_;
  return add({.kind = Expr::Kind::lookup, .at = name.at, .text = name.text}, {index});
}

ExprId ExpressionParser::arguments(const Lexeme& name) {
  cursor_.take();
  ++nesting_;
  Expr call{.kind = Expr::Kind::call, .at = name.at, .text = name.text};
  for (ExprId last = kNoExpr; !cursor_.sees(Token::paren_close);) {
    if (last != kNoExpr && !cursor_.accept(Token::comma)) return error("',', ')' or an operator");
    if (call.count == kMaxSlots)
      return refuse(cursor_.peek().at, "more than " + std::to_string(kMaxSlots) + " arguments");
    const ExprId argument = climb(0);
    if (failed_) return argument;
    call.height = std::max<std::uint16_t>(call.height, at(argument).height + 1);
    (last == kNoExpr ? call.first : at(last).next) = argument;
    last = argument;
    ++call.count;
    if (!cursor_.accept_word("where")) continue;
    call.where = climb(0);
    if (failed_) return call.where;
    call.height = std::max<std::uint16_t>(call.height, at(call.where).height + 1);
    if (!cursor_.sees(Token::paren_close)) return error("')' after the condition of 'where'");
  }
  cursor_.take();
  --nesting_;
  return add(call);
}

}  // namespace trueno::ir
