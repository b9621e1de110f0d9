// Reads TOML by toml++, header-only and without exceptions, under a name of its own: a program that links us and has a
// toml++ itself, of another version or other options, must not share its inline functions with ours.
//
// toml++ guards how deep values are nested, but not how deep dotted keys are, which it builds and takes down by
// recursion; so lines are looked at before it sees them.
#include "runtime/config_toml.h"

#include <algorithm>

#include "ir/mistakes.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#define TOML_MAX_NESTED_VALUES 16
#define toml trueno_toml
#include <toml++/toml.h>

namespace trueno::runtime {
namespace {

constexpr std::size_t kMostDots = 100;  // in a line that is no comment
constexpr int kDeepest = 4;             // [tuning.ISA.CLASS] and its keys

/// The line, from 1, with more dots than the path of any key, or 0.
std::uint32_t crowded_line(std::string_view text) {
  for (std::uint32_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view here = text.substr(0, end);
    const std::size_t first = std::min(here.find_first_not_of(" \t"), here.size());
    const bool comment = first < here.size() && here[first] == '#';
    if (!comment && static_cast<std::size_t>(std::count(here.begin(), here.end(), '.')) > kMostDots) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

/// Converts positions: toml++ counts code points, a Position counts bytes.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }

  Position position(const toml::source_region& region) const {
    const std::uint32_t line = region.begin.line;
    if (line == 0 || line > starts_.size()) return {};
    std::size_t at = starts_[line - 1];
    for (std::uint32_t column = 1; column < region.begin.column && at < text_.size() && text_[at] != '\n'; ++column)
      for (++at; at < text_.size() && (text_[at] & 0xc0) == 0x80;) ++at;
    return {line, static_cast<std::uint32_t>(at - starts_[line - 1] + 1)};
  }

  std::vector<Entry> entries(const toml::table& table, int depth) const {
    std::vector<Entry> out;
    for (const auto& [key, node] : table) {
      Entry entry;
      entry.name = key.str();
      entry.at = position(key.source());
      entry.value_at = position(node.source());
      fill(entry, node, depth);
      out.push_back(std::move(entry));
    }
    return out;
  }

 private:
  void fill(Entry& entry, const toml::node& node, int depth) const {
    if (const toml::table* table = node.as_table()) {
      entry.type = "a table", entry.is_table = true;
      if (depth < kDeepest) entry.entries = entries(*table, depth + 1);
    } else if (const auto* flag = node.as_boolean()) {
      entry.type = "a boolean", entry.value = flag->get();
    } else if (const auto* integer = node.as_integer()) {
      entry.type = "an integer", entry.value = integer->get();
    } else if (const auto* text = node.as_string()) {
      entry.type = "a string", entry.value = text->get();
    } else {
      entry.type = node.is_array() ? "an array" : node.is_floating_point() ? "a float" : "a date or time";
    }
  }

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// One line, whatever a text put into it.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

}  // namespace

std::string shown(std::string_view name) {
  constexpr std::size_t kMost = 60;
  const std::string text = toml_text(std::string(name.substr(0, kMost)));
  return "'" + text.substr(1, text.size() - 2) + (name.size() > kMost ? "..." : "") + "'";
}

Result<std::vector<Entry>> parse_toml(std::string_view text, std::string_view name) {
  ir::Mistakes mistakes(text, name);
  if (text.size() > kMostConfigBytes) {
    mistakes.add({}, "longer than " + std::to_string(kMostConfigBytes) + " bytes: no configuration is");
  } else if (const std::uint32_t line = crowded_line(text)) {
    mistakes.add({line, 1}, "more than " + std::to_string(kMostDots) + " dots in a line: no key lies so deep");
  }
  if (mistakes.none()) {
    const toml::parse_result parsed = toml::parse(text);
    const Reader reader(text);
    if (parsed) return reader.entries(parsed.table(), 1);
    const toml::parse_error& error = parsed.error();
    mistakes.add(reader.position(error.source()), "no TOML: " + one_line(std::string(error.description())));
  }
  return Error(Status::invalid_argument, mistakes.take().diagnostics);
}

}  // namespace trueno::runtime
