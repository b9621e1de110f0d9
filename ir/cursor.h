// A place in the token list, and what both halves of the parser (expressions, declarations) ask of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/lex.h"

namespace trueno::ir {

class Cursor {
 public:
  Cursor(const std::vector<Lexeme>& tokens, Mistakes& mistakes) : tokens_(tokens), mistakes_(mistakes) {}

  const Lexeme& peek(std::size_t ahead = 0) const {
    return tokens_[at_ + ahead < tokens_.size() ? at_ + ahead : tokens_.size() - 1];
  }
  bool sees(Token kind) const { return peek().kind == kind; }
  bool sees_word(std::string_view word) const { return sees(Token::name) && peek().text == word; }
  const Lexeme& take() {
    const Lexeme& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool accept(Token kind) { return sees(kind) ? (take(), true) : false; }
  bool accept_word(std::string_view word) { return sees_word(word) ? (take(), true) : false; }
  bool expect(Token kind, std::string_view what) { return accept(kind) || (expected(what), false); }

  /// Reports that something else was found here. What the lexer has reported already is not reported again.
  void expected(std::string_view what) {
    if (sees(Token::bad) || mistakes_.has(peek().at)) return;
    fail(peek().at, "expected " + std::string(what) + ", found " + found());
  }
  void fail(Position at, std::string message) { mistakes_.add(at, std::move(message)); }
  Mistakes& mistakes() { return mistakes_; }
  std::size_t index() const { return at_; }

 private:
  std::string found() const {
    const Lexeme& t = peek();
    if (t.kind == Token::end) return "the end of the text";
    if (t.kind == Token::text) return "a text in quotes";
    return "'" + std::string(t.text.substr(0, kMaxName)) + "'";
  }

  const std::vector<Lexeme>& tokens_;
  Mistakes& mistakes_;
  std::size_t at_ = 0;
};

}  // namespace trueno::ir
