// The vocabulary every layer shares: element types, where a mistake is, and errors as values.
//
// This header includes nothing but the standard library and is the bottom of the house: the IR, the
// back ends and the tools all speak of `Type`, `Diagnostic` and `Result`, so they are defined once, here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "trueno/export.h"

namespace trueno {
inline namespace v0 {

/// The type of one element. A mask has the width of the compare that made it.
enum class Type : std::uint8_t { f32, f64, i32, i64, m32, m64 };

inline constexpr std::size_t kTypeCount = 6;

constexpr bool is_float(Type t) { return t == Type::f32 || t == Type::f64; }
constexpr bool is_int(Type t) { return t == Type::i32 || t == Type::i64; }
constexpr bool is_mask(Type t) { return t == Type::m32 || t == Type::m64; }
constexpr bool is_number(Type t) { return !is_mask(t); }

/// Width of a lane in bits: 32 or 64 (for masks: of the compare that made it).
constexpr int bits_of(Type t) { return t == Type::f32 || t == Type::i32 || t == Type::m32 ? 32 : 64; }

/// Bytes of one element in an array: 4 or 8; masks are stored as one byte, 0 or 1.
constexpr std::size_t stored_bytes(Type t) { return is_mask(t) ? 1 : static_cast<std::size_t>(bits_of(t)) / 8; }

/// "f32", "i64", "m32", ...
constexpr std::string_view name_of(Type t) {
  constexpr std::string_view kNames[kTypeCount] = {"f32", "f64", "i32", "i64", "m32", "m64"};
  const auto i = static_cast<std::size_t>(t);
  return i < kTypeCount ? kNames[i] : "no type";  // a number that somebody cast
}

/// The type with that name, or nothing.
constexpr std::optional<Type> type_named(std::string_view name) {
  for (std::size_t i = 0; i < kTypeCount; ++i)
    if (name_of(static_cast<Type>(i)) == name) return static_cast<Type>(i);
  return std::nullopt;
}

/// What kind of thing went wrong. Stable; new values are only added at the end.
enum class Status : std::uint8_t {
  ok,
  invalid_text,      ///< the IR text is wrong; every mistake is listed with its position
  invalid_argument,  ///< an argument of a call has the wrong type, length, count or overlap
  empty,             ///< a result depends on min or max of no elements; outputs are untouched
  too_large,         ///< more than 4,096 nodes after expansion
  unavailable,       ///< the back end that was required cannot run here; the message says why
  io,                ///< a file could not be read or written
  internal,          ///< a defect of trueno itself
  out_of_memory,     ///< memory ran out; nothing was changed, and the same call may work later
};

constexpr std::string_view name_of(Status s) {
  constexpr std::string_view kNames[] = {"ok",          "invalid_text", "invalid_argument", "empty",        "too_large",
                                         "unavailable", "io",           "internal",         "out_of_memory"};
  return kNames[static_cast<std::size_t>(s)];
}

/// A place in IR text. Lines and columns count from 1; line 0 means "nowhere in particular".
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;  ///< in bytes
  friend bool operator==(const Position&, const Position&) = default;
};

/// One mistake: what, where, and what to do about it.
struct Diagnostic {
  Position at;
  std::string message;  ///< one line, no full stop
  std::string line;     ///< the line of text the mistake is in; may be empty
  std::string file;     ///< the name the text came under; may be empty
};

/// Why something was refused. Converts to text as a compiler would print it, one block per mistake.
struct Error {
  Status status = Status::internal;
  std::vector<Diagnostic> diagnostics;

  Error() = default;
  Error(Status s, std::string message) : status(s) { diagnostics.push_back({{}, std::move(message), {}, {}}); }
  Error(Status s, std::vector<Diagnostic> d) : status(s), diagnostics(std::move(d)) {}
  /// For where memory has run out: the status alone, which takes none.
  static Error out_of_memory() {
    Error error;
    error.status = Status::out_of_memory;
    return error;
  }

  /// The first mistake, without its place; the name of the status if there is no more to say.
  std::string_view message() const {
    if (!diagnostics.empty()) return diagnostics.front().message;
    return status == Status::out_of_memory ? "out of memory" : name_of(status);
  }

  /// "file:line:column: error: message", then the line and a caret under the column, for each mistake.
  std::string text() const {
    std::string out;
    if (diagnostics.empty()) out.append("error: ").append(message()).append("\n");
    for (const Diagnostic& d : diagnostics) {
      if (!d.file.empty()) out += d.file + ":";
      if (d.at.line != 0) out += std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + ":";
      out += (out.empty() || out.back() == '\n' ? "error: " : " error: ") + d.message + "\n";
      if (d.at.line != 0 && !d.line.empty()) {
        out += "  " + d.line + "\n  ";
        for (std::uint32_t i = 1; i < d.at.column; ++i) out += i <= d.line.size() && d.line[i - 1] == '\t' ? '\t' : ' ';
        out += "^\n";
      }
    }
    return out;
  }
};

/// A value or the reason there is none. Never throws; ask before taking.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }
  Status status() const { return ok() ? Status::ok : error().status; }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the reason of a refusal; held in place, as a refusal for want of memory must not need any.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() {}  // not the default one, for which `return {}` clears the room for an error as well
  Result(Error error) : error_(std::move(error)) {}
  explicit operator bool() const { return !error_; }
  bool ok() const { return !error_; }
  Status status() const { return error_ ? error_->status : Status::ok; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace v0
}  // namespace trueno
