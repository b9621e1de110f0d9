// Tokens of the text language.
//
// A token knows its place and whether a line ended before it: the parser, not the lexer, decides where a
// newline ends a statement. Texts are views into the input; nothing is copied.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/mistakes.h"
#include "trueno/types.h"

namespace trueno::ir {

// clang-format off
enum class Token : std::uint8_t {
  end, name, number, text,
  paren_open, paren_close, square_open, square_close, brace_open, brace_close,
  comma, colon, semicolon, assign, arrow,
  plus, minus, star, slash, less, less_equal, greater, greater_equal, equal, not_equal,
  caret, percent, ampersand, bar, bang, tilde, dot,  // not in the language: known so that the error can say what is
  bad,                                               // reported already
};
// clang-format on

/// How a number was written; it decides what it may become.
enum class Form : std::uint8_t { integer, decimal, hex_integer, hex_float, inf, nan };

struct Lexeme {
  Token kind = Token::end;
  Form form = Form::integer;
  bool first_on_line = false;
  Position at;
  std::string_view text;  ///< of a text token: without the quotes
};

inline constexpr std::size_t kMaxText = std::size_t{1} << 20;  ///< bytes of one input
inline constexpr std::size_t kMaxName = 64;                    ///< bytes of one name

/// All tokens, ended by `end`. Names may have dot suffixes: "sum.fma".
std::vector<Lexeme> lex(std::string_view text, Mistakes& mistakes);

/// Could `name` be bound to a value: an identifier, not reserved, of bearable length?
bool is_bindable(std::string_view name);
/// Words that cannot name a value.
bool is_reserved(std::string_view name);

}  // namespace trueno::ir
