// The keys of the configuration: one table, from which all else about them follows: what is accepted, what is said of
// the rest, the environment variables, what `trueno-run --show-config` prints, configs/default.toml and the reference
// in docs/configuration.md. A new key is a row of it, and a field of Settings that the row's function sets.
//
// Keys of [tuning] hold for all kernels; said again in [tuning.ISA] or [tuning.ISA.CLASS], for those.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/settings.h"

namespace trueno::runtime {

/// What a key may be given. Other TOML types (floats, dates, arrays) are no key's.
using Value = std::variant<bool, std::int64_t, std::string>;

/// As TOML: `true`, `64`, `"never"`.
std::string toml_text(const Value& value);

struct Key {
  enum class Kind : std::uint8_t {
    flag,     ///< true or false
    choice,   ///< one of `words`; those that are numbers are written as such
    integer,  ///< from `least` to `most`, or one of `words`
    text,     ///< any string of at most `most` bytes
  };
  std::string_view table;  ///< "" or "tuning"
  std::string_view name;   ///< in its table
  Kind kind;
  std::string_view words;  ///< separated by blanks
  std::int64_t least, most;
  std::string_view otherwise;    ///< the default, as TOML
  std::string_view environment;  ///< the variable that sets it, from a literal; may be empty
  std::string_view doc;          ///< one line
  void (*set)(Settings&, const Value&);
  void (*tune)(Tuned&, const Value&);  ///< in place of `set`, in [tuning]
};

std::span<const Key> keys();

inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr std::string_view kTuning = "tuning";

/// For which kernels a key of [tuning] is set. Not given: for all.
struct Scope {
  std::optional<Isa> isa{};
  std::optional<KernelClass> kernels{};
  /// 0: all kernels, 1: those of an ISA, 2: those of an ISA and a class.
  int depth() const { return (isa ? 1 : 0) + (kernels ? 1 : 0); }
  /// "tuning", "tuning.avx2", "tuning.avx2.reduction"
  std::string table() const;
};

/// Names of ISAs as tables: "sse4.2" has a dot, which TOML takes for a table in a table.
std::string_view table_name(Isa isa);

/// A table by its path: {} is the document, {"tuning", "avx2"} is [tuning.avx2].
struct Table {
  std::string_view of{};  ///< which keys: Key::table
  Scope scope{};
};
std::optional<Table> find_table(std::span<const std::string> path);
/// The key of that name there, or nullptr.
const Key* find_key(const Table& table, std::string_view name);
/// What may stand there: keys, then tables.
std::vector<std::string_view> names_in(const Table& table);

/// The default.
Value built_in(const Key& key);
/// "an integer, 1 to 16, or \"auto\""
std::string allowed(const Key& key);
/// "must be ...; did you mean 'x'?", or nothing if the value is fine. `value`: nullptr if it is of a type no key has.
std::string complaint(const Key& key, const Value* value);
/// What an environment variable says, as the key's type where it can be read as such: "1" is true, "64" a number.
Value from_environment(const Key& key, std::string_view text);

}  // namespace trueno::runtime
