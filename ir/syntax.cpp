// The declaration half of the parser: kernels, ops, tables and the statements of a body.
//
// After a mistake it skips to where the next statement or declaration begins, so that one slip does not
// hide the next.
#include "ir/syntax.h"

#include <charconv>

#include "ir/expression.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

class Parser {
 public:
  Parser(const std::vector<Lexeme>& tokens, Mistakes& mistakes)
      : cursor_(tokens, mistakes), expressions_(cursor_, out_) {
    out_.exprs.reserve(tokens.size());
  }

  Syntax declarations() {
    while (!cursor_.sees(Token::end)) declaration();
    return std::move(out_);
  }

  Syntax bare_body() {
    begin(Declaration::Kind::body);
    decl().at = cursor_.peek().at;
    statements(Token::end);
    decl().end_expr = static_cast<ExprId>(out_.exprs.size());
    return std::move(out_);
  }

 private:
  Declaration& decl() { return out_.declarations.back(); }
  void begin(Declaration::Kind kind) {
    Declaration& d = out_.declarations.emplace_back();
    d.kind = kind;
    d.first_expr = static_cast<ExprId>(out_.exprs.size());
  }

  bool at_declaration() const {
    return cursor_.peek().first_on_line &&
           (cursor_.sees_word("kernel") || cursor_.sees_word("op") || cursor_.sees_word("table") ||
            cursor_.sees_word("strict") || cursor_.sees_word("reduce"));
  }

  void declaration() {
    const bool strict = cursor_.accept_word("strict");
    if (cursor_.accept_word("kernel")) return finish(Declaration::Kind::kernel, strict, &Parser::kernel);
    if (strict) {
      cursor_.expected("'kernel' after 'strict'");
    } else {
      if (cursor_.accept_word("op")) return finish(Declaration::Kind::op, false, &Parser::op);
      if (cursor_.accept_word("reduce")) return finish(Declaration::Kind::reduce, false, &Parser::reducer);
      if (cursor_.accept_word("table")) return finish(Declaration::Kind::table, false, &Parser::table);
      cursor_.expected("a declaration: 'kernel', 'op', 'reduce' or 'table'");
    }
    skip_declaration();
  }

  // A declaration that could not be read to its end is dropped: its mistake is reported already, and half
  // a declaration would only cause more. Ops leave their name, so that calls of them are not unknown.
  void finish(Declaration::Kind kind, bool strict, bool (Parser::*read)()) {
    begin(kind);
    decl().strict = strict;
    decl().at = cursor_.peek().at;
    if (!cursor_.sees(Token::name) || !is_declarable(cursor_.peek().text)) {
      cursor_.expected("a name");
      decl().broken = true;
    } else {
      decl().name = cursor_.take().text;
      decl().broken = !(this->*read)();
    }
    decl().end_expr = static_cast<ExprId>(out_.exprs.size());
    if (decl().broken) skip_declaration();
  }

  // Ops and reducers may have a dot suffix; kernels and tables are plain names.
  bool is_declarable(std::string_view name) {
    const bool dotted = decl().kind == Declaration::Kind::op || decl().kind == Declaration::Kind::reduce;
    return dotted ? !is_reserved(name) : is_bindable(name);
  }

  void skip_declaration() {
    while (!cursor_.sees(Token::end) && !at_declaration()) cursor_.take();
  }

  bool kernel() { return parameters() && cursor_.expect(Token::arrow, "'->'") && results() && braces(); }

  bool op() { return op_header() && braces(); }

  bool op_header() {
    if (!parameters() || !cursor_.expect(Token::arrow, "'->'")) return false;
    Declared result;
    if (!type(result.type)) return false;
    decl().results.push_back(result);
    while (!cursor_.sees(Token::brace_open))
      if (!attribute()) return false;
    return true;
  }

  bool attribute() {
    if (cursor_.accept_word("for")) return type_variable();
    if (cursor_.accept_word("doc")) {
      decl().doc = cursor_.peek().text;
      return cursor_.expect(Token::text, "a text in quotes");
    }
    if (cursor_.accept_word("ref")) {
      decl().reference = cursor_.peek().text;
      return cursor_.expect(Token::name, "the name of a reference");
    }
    if (cursor_.accept_word("bound")) return bound();
    const bool reducer = decl().kind == Declaration::Kind::reduce;
    if (reducer && cursor_.accept_word("state")) return state();
    if (reducer && cursor_.accept_word("empty")) {
      decl().needs_elements = true;
      if (cursor_.accept_word("refused")) return true;
      return cursor_.expected("'refused'"), false;
    }
    cursor_.expected(reducer ? "'{', or one of 'for', 'doc', 'bound', 'ref', 'state', 'empty'"
                             : "'{', or one of 'for', 'doc', 'bound', 'ref'");
    return false;
  }

  // state (NAME: TYPE = LITERAL, ...)
  bool state() {
    if (!cursor_.expect(Token::paren_open, "'('")) return false;
    do {
      Declared one;
      one.at = cursor_.peek().at;
      one.name = cursor_.peek().text;
      if (!cursor_.expect(Token::name, "a name") || !cursor_.expect(Token::colon, "':' and a type") ||
          !type(one.type) || !cursor_.expect(Token::assign, "'=' and what it starts from"))
        return false;
      if (decl().state.size() == kMaxState)
        return cursor_.fail(one.at, "more than " + std::to_string(kMaxState) + " components"), false;
      decl().state.push_back(one);
      decl().values.push_back(expressions_.literal());
      if (expressions_.failed()) return false;
    } while (cursor_.accept(Token::comma));
    return cursor_.expect(Token::paren_close, "',' or ')'");
  }

  bool reducer() {
    if (!op_header()) return false;
    if (!cursor_.expect(Token::brace_open, "'{'")) return false;
    if (decl().state.empty())
      return cursor_.fail(decl().at, "a reducer needs 'state (NAME: TYPE = START, ...)'"), false;
    return part("step") && part("merge") && part("finish") && cursor_.expect(Token::brace_close, "'}'");
  }

  // step { ... }, merge (NAMES OF THE LATER STATE) { ... }, finish { ... }: each read like the body of an op.
  bool part(std::string_view word) {
    if (!cursor_.accept_word(word)) return cursor_.expected("'" + std::string(word) + "'"), false;
    const Declaration reducer = decl();  // by value: the list of declarations grows
    begin(Declaration::Kind::op);
    Declaration& own = decl();
    own.name = reducer.name;
    own.at = reducer.at;
    own.params = reducer.state;
    own.results = word == "finish" ? reducer.results : reducer.state;
    for (Declared& r : own.results) r.name = {};
    if (word == "step") own.params.insert(own.params.end(), reducer.params.begin(), reducer.params.end());
    const bool read = (word != "merge" || later_state(reducer)) && braces();
    decl().end_expr = static_cast<ExprId>(out_.exprs.size());
    Declaration done = std::move(decl());
    out_.declarations.pop_back();
    decl().parts.push_back(std::move(done));
    return read;
  }

  bool later_state(const Declaration& reducer) {
    if (!cursor_.expect(Token::paren_open, "'(' and names for the later state")) return false;
    for (std::size_t i = 0; i < reducer.state.size(); ++i) {
      if (i > 0 &&
          !cursor_.expect(Token::comma, "',' and a name for the later '" + std::string(reducer.state[i].name) + "'"))
        return false;
      Declared later = reducer.state[i];
      later.at = cursor_.peek().at;
      later.name = cursor_.peek().text;
      if (!cursor_.expect(Token::name, "a name for the later '" + std::string(reducer.state[i].name) + "'"))
        return false;
      decl().params.push_back(later);
    }
    return cursor_.expect(Token::paren_close, "')'");
  }

  bool type_variable() {
    decl().variable = cursor_.peek().text;
    if (is_reserved(decl().variable) || !cursor_.expect(Token::name, "a name for the type")) {
      if (is_reserved(decl().variable)) cursor_.expected("a name for the type");
      return false;
    }
    if (!cursor_.accept_word("in")) return cursor_.expected("'in'"), false;
    do {
      TypeText t{cursor_.peek().text, cursor_.peek().at, false};
      if (!cursor_.expect(Token::name, "a type")) return false;
      if (decl().types.size() < kTypeCount + 1) decl().types.push_back(t);  // more are repetitions: reported
    } while (cursor_.accept(Token::comma));
    return true;
  }

  bool bound() {
    BoundText b;
    b.tier = cursor_.peek().text;
    if (!cursor_.expect(Token::name, "a tier: fast, tight or exact") || !real(b.ulp)) return false;
    if (!cursor_.accept_word("ulp")) return cursor_.expected("'ulp'"), false;
    if (cursor_.accept_word("floor") && !real(b.floor)) return false;
    decl().bounds.push_back(b);
    return true;
  }

  bool real(double& value) {
    const Lexeme& t = cursor_.peek();
    const bool decimal = t.kind == Token::number && (t.form == Form::integer || t.form == Form::decimal);
    if (!decimal) return cursor_.expected("a number"), false;
    std::from_chars(t.text.data(), t.text.data() + t.text.size(), value);
    cursor_.take();
    return true;
  }

  bool table() {
    if (!cursor_.expect(Token::colon, "':' and the type, as in f32[16]")) return false;
    decl().element = {cursor_.peek().text, cursor_.peek().at, true};
    if (!cursor_.expect(Token::name, "a type") || !cursor_.expect(Token::square_open, "'['")) return false;
    const Lexeme& size = cursor_.peek();
    if (size.kind != Token::number || size.form != Form::integer) return cursor_.expected("a number of entries"), false;
    std::from_chars(size.text.data(), size.text.data() + size.text.size(), decl().size);
    cursor_.take();
    if (!cursor_.expect(Token::square_close, "']'") || !cursor_.expect(Token::assign, "'='") ||
        !cursor_.expect(Token::square_open, "'[' and the entries"))
      return false;
    do {
      if (cursor_.sees(Token::square_close)) break;  // a comma may stand behind the last entry
      decl().values.push_back(expressions_.literal());
      if (expressions_.failed()) return false;
    } while (cursor_.accept(Token::comma));
    return cursor_.expect(Token::square_close, "',' or ']'");
  }

  bool parameters() {
    if (!cursor_.expect(Token::paren_open, "'('")) return false;
    return cursor_.accept(Token::paren_close) || list(decl().params, "parameters", true);
  }

  bool results() {
    if (cursor_.accept(Token::paren_open)) return list(decl().results, "results", false);
    Declared result;
    result.at = cursor_.peek().at;
    if (!type(result.type)) return false;
    decl().results.push_back(result);
    return true;
  }

  // NAME: TYPE, ... ) where names may be left out if they are not `required`.
  bool list(std::vector<Declared>& out, std::string_view what, bool required) {
    do {
      Declared one;
      one.at = cursor_.peek().at;
      if (required || cursor_.peek(1).kind == Token::colon) {
        one.name = cursor_.peek().text;
        if (!cursor_.expect(Token::name, "a name") || !cursor_.expect(Token::colon, "':' and a type")) return false;
      }
      if (!type(one.type)) return false;
      if (out.size() == kMaxSlots)
        return cursor_.fail(one.at, "more than " + std::to_string(kMaxSlots) + " " + std::string(what)), false;
      out.push_back(one);
    } while (cursor_.accept(Token::comma));
    return cursor_.expect(Token::paren_close, "',' or ')'");
  }

  bool type(TypeText& out) {
    out.at = cursor_.peek().at;
    out.text = cursor_.peek().text;
    if (!cursor_.expect(Token::name, "a type: f32, f64, i32, i64 or mask, with [] if it is an array")) return false;
    if (cursor_.accept(Token::square_open)) {
      out.array = true;
      return cursor_.expect(Token::square_close, "']'");
    }
    return true;
  }

  bool braces() {
    if (!cursor_.expect(Token::brace_open, "'{'")) return false;
    statements(Token::brace_close);
    if (!cursor_.expect(Token::brace_close, "'}'")) decl().broken_body = true;
    return true;
  }

  bool at_end(Token close) const { return cursor_.sees(close) || cursor_.sees(Token::end) || at_declaration(); }

  void statements(Token close) {
    while (cursor_.accept(Token::semicolon)) {
    }
    while (!at_end(close)) {
      const std::size_t start = cursor_.index();
      const bool named = cursor_.sees(Token::name) && cursor_.peek(1).kind == Token::assign;
      if (!decl().values.empty())
        cursor_.fail(cursor_.peek().at, "the result expressions come last, together, separated by commas");
      const bool read = named ? statement() : result_values();
      if (!read || !(cursor_.peek().first_on_line || cursor_.sees(Token::semicolon) || at_end(close))) {
        if (read) cursor_.expected("an operator, or the end of the line");
        decl().broken_body = true;
        skip_statement(read ? 0 : expressions_.nesting(), cursor_.index() == start, close);
      }
      while (cursor_.accept(Token::semicolon)) {
      }
    }
  }

  bool statement() {
    Statement s;
    s.name = cursor_.peek().text;
    s.at = cursor_.take().at;
    cursor_.take();
    s.value = expressions_.parse();
    if (expressions_.failed()) s.value = error_expression();
    decl().statements.push_back(s);
    return !expressions_.failed();
  }

  bool result_values() {
    do {
      const ExprId value = expressions_.parse();
      if (decl().values.size() == kMaxSlots) {
        cursor_.fail(cursor_.peek().at, "more than " + std::to_string(kMaxSlots) + " results");
        return false;
      }
      decl().values.push_back(expressions_.failed() ? error_expression() : value);
      if (expressions_.failed()) return false;
    } while (cursor_.accept(Token::comma));
    return true;
  }

  ExprId error_expression() {
    out_.exprs.push_back(Expr{});
    return static_cast<ExprId>(out_.exprs.size() - 1);
  }

  // To the end of the line on which all parentheses are closed, or to what looks like the next statement.
  void skip_statement(int open, bool stuck, Token close) {
    for (; !at_end(close) && !cursor_.sees(Token::semicolon); stuck = false) {
      if (!stuck && cursor_.peek().first_on_line &&
          (open <= 0 || (cursor_.sees(Token::name) && cursor_.peek(1).kind == Token::assign)))
        return;
      const Token kind = cursor_.take().kind;
      if (kind == Token::paren_open || kind == Token::square_open) ++open;
      if (kind == Token::paren_close || kind == Token::square_close) --open;
    }
  }

  Syntax out_;
  Cursor cursor_;
  ExpressionParser expressions_;
};

}  // namespace

Syntax parse_declarations(std::string_view text, Mistakes& mistakes) {
  const std::vector<Lexeme> tokens = lex(text, mistakes);
  return Parser(tokens, mistakes).declarations();
}

Syntax parse_body(std::string_view text, Mistakes& mistakes) {
  const std::vector<Lexeme> tokens = lex(text, mistakes);
  return Parser(tokens, mistakes).bare_body();
}

}  // namespace trueno::ir
