// TOML as a tree of our own types: the one door to toml++, whose types nobody else sees.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config_keys.h"

namespace trueno::runtime {

/// A key with its value, or a table with its entries.
struct Entry {
  std::string name{};
  Position at{};                 ///< of the name
  Position value_at{};           ///< of the value
  std::string_view type{};       ///< "a string", "a float", "a table", ...
  std::optional<Value> value{};  ///< if it is of a type that a key may have
  bool is_table = false;
  std::vector<Entry> entries{};  ///< of a table, unless it lies deeper than any that keys are in
};

/// No configuration is longer; what is read of a file is bounded by it, and what reading costs.
inline constexpr std::size_t kMostConfigBytes = 64 << 10;

/// The entries of a document. `name`: what to call it in diagnostics. Errors: invalid_argument; the first mistake in
/// it, with its position.
Result<std::vector<Entry>> parse_toml(std::string_view text, std::string_view name);

/// A name, quoted, as it may be put in a message: cut short, with no control characters.
std::string shown(std::string_view name);

}  // namespace trueno::runtime
