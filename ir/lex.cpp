// The lexer: one pass over the bytes, no allocation but the token list.
#include "ir/lex.h"

#include <algorithm>
#include <string>

namespace trueno::ir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || is_digit(c); }

class Lexer {
 public:
  Lexer(std::string_view text, Mistakes& mistakes) : text_(text), mistakes_(mistakes) {
    out_.reserve(text.size() / 3 + 8);
  }

  std::vector<Lexeme> run() {
    for (skip_space(); at_ < text_.size(); skip_space()) next();
    emit(Token::end, 0);
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Position here() const { return {line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)}; }

  void skip_space() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
        fresh_line_ = true;
      } else if (c == '#') {
        while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  void emit(Token kind, std::size_t length, Form form = Form::integer) {
    out_.push_back({kind, form, fresh_line_, here(), text_.substr(at_, length)});
    fresh_line_ = false;
    at_ += length;
  }

  void next() {
    const char c = peek();
    if (starts_name(c)) return name();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '"') return quoted();
    symbol(c);
  }

  void name() {
    std::size_t length = 1;
    while (in_name(peek(length)) || (peek(length) == '.' && starts_name(peek(length + 1)))) ++length;
    const std::string_view text = text_.substr(at_, length);
    if (length > kMaxName) {
      mistakes_.add(
          here(), "a name of " + std::to_string(length) + " bytes; the longest allowed is " + std::to_string(kMaxName));
      return emit(Token::bad, length);
    }
    if (text == "inf") return emit(Token::number, length, Form::inf);
    if (text == "nan") return emit(Token::number, length, Form::nan);
    emit(Token::name, length);
  }

  // A sign belongs to a number only after its exponent letter: e in decimal, p in hexadecimal.
  void number() {
    const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    Form form = hex ? Form::hex_integer : Form::integer;
    std::size_t length = hex ? 2 : 0, digits = 0, points = 0;
    const auto take_digits = [&](auto is_one) {
      for (; is_one(peek(length)) || peek(length) == '.'; ++length) ++(peek(length) == '.' ? points : digits);
    };
    hex ? take_digits(is_hex) : take_digits(is_digit);
    bool good = digits > 0 && points <= 1;
    const char e = peek(length);
    if (hex ? e == 'p' || e == 'P' : e == 'e' || e == 'E') {
      length += peek(length + 1) == '+' || peek(length + 1) == '-' ? 2 : 1;
      good = good && is_digit(peek(length));
      while (is_digit(peek(length))) ++length;
      form = hex ? Form::hex_float : Form::decimal;
    } else if (points > 0) {
      form = hex ? Form::hex_float : Form::decimal;
    }
    for (; in_name(peek(length)); ++length) good = false;
    if (!good)
      mistakes_.add(here(), "'" + std::string(text_.substr(at_, std::min(length, kMaxName))) + "' is not a number");
    emit(good ? Token::number : Token::bad, length, form);
  }

  void quoted() {
    const std::size_t end = text_.find_first_of("\"\n", at_ + 1);
    if (end == std::string_view::npos || text_[end] == '\n') {
      mistakes_.add(here(), "a text in quotes must end on its line");
      return emit(Token::bad, std::min(end, text_.size()) - at_);
    }
    emit(Token::text, end + 1 - at_);
    out_.back().text.remove_prefix(1);
    out_.back().text.remove_suffix(1);
  }

  void symbol(char c) {
    const auto either = [&](char second, Token both, Token one) {
      return peek(1) == second ? emit(both, 2) : emit(one, 1);
    };
    switch (c) {
      case '(': return emit(Token::paren_open, 1);
      case ')': return emit(Token::paren_close, 1);
      case '[': return emit(Token::square_open, 1);
      case ']': return emit(Token::square_close, 1);
      case '{': return emit(Token::brace_open, 1);
      case '}': return emit(Token::brace_close, 1);
      case ',': return emit(Token::comma, 1);
      case ':': return emit(Token::colon, 1);
      case ';': return emit(Token::semicolon, 1);
      case '+': return emit(Token::plus, 1);
      case '*': return emit(Token::star, 1);
      case '/': return emit(Token::slash, 1);
      case '^': return emit(Token::caret, 1);
      case '%': return emit(Token::percent, 1);
      case '~': return emit(Token::tilde, 1);
      case '.': return emit(Token::dot, 1);
      case '-': return either('>', Token::arrow, Token::minus);
      case '=': return either('=', Token::equal, Token::assign);
      case '<': return either('=', Token::less_equal, Token::less);
      case '>': return either('=', Token::greater_equal, Token::greater);
      case '!': return either('=', Token::not_equal, Token::bang);
      case '&': return either('&', Token::ampersand, Token::ampersand);
      case '|': return either('|', Token::bar, Token::bar);
      default: return unknown();
    }
  }

  // One report for a run of such bytes: a stray word in another script is one mistake.
  void unknown() {
    const auto strange = [](char c) { return static_cast<unsigned char>(c) >= 0x7f || (c < ' ' && c != '\n'); };
    std::size_t length = 1;
    while (strange(text_[at_]) && at_ + length < text_.size() && strange(text_[at_ + length])) ++length;
    if (strange(text_[at_]))
      mistakes_.add(here(), "only ASCII text can stand outside comments");
    else
      mistakes_.add(here(), std::string("unexpected character '") + text_[at_] + "'");
    emit(Token::bad, length);
  }

  std::string_view text_;
  Mistakes& mistakes_;
  std::vector<Lexeme> out_;
  std::size_t at_ = 0, line_start_ = 0;
  std::uint32_t line_ = 1;
  bool fresh_line_ = true;
};

}  // namespace

std::vector<Lexeme> lex(std::string_view text, Mistakes& mistakes) {
  if (text.size() <= kMaxText) return Lexer(text, mistakes).run();
  mistakes.add(
      {}, "a text of " + std::to_string(text.size()) + " bytes; the longest allowed is " + std::to_string(kMaxText),
      Status::too_large);
  return {Lexeme{}};
}

bool is_reserved(std::string_view name) {
  if (name.size() < 2 || name.size() > 6) return false;  // asked for every name in a text
  static constexpr std::string_view kWords[] = {"and",  "or",     "not", "where", "inf",    "nan",
                                                "mask", "kernel", "op",  "table", "strict", "reduce"};
  return type_named(name) || std::find(std::begin(kWords), std::end(kWords), name) != std::end(kWords);
}

bool is_bindable(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && starts_name(name[0]) &&
         std::all_of(name.begin(), name.end(), in_name) && !is_reserved(name);
}

}  // namespace trueno::ir
