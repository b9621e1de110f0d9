// The header of a .npy file: magic, version, and a Python dict literal, parsed as what it is.
//
// Searching the header for "'shape'" would accept nonsense, so this is a small recursive-descent parser of
// the part of Python's literals that NumPy writes. It touches each byte once, allocates nothing that grows
// faster than the header, and cannot recurse deeper than kMaxDepth.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "tools/npy.h"

namespace trueno::tools {
namespace {

constexpr int kMaxDepth = 8;           // of nested tuples and lists in a value we only skip
constexpr std::size_t kShowMost = 60;  // characters of a foreign value quoted in a message

Error refuse(std::string message) { return Error(Status::io, std::move(message)); }

/// Foreign bytes, made fit for a terminal.
std::string shown(std::string_view raw) {
  std::string out;
  for (const char c : raw.substr(0, kShowMost)) out += c >= 32 && c < 127 ? std::string(1, c) : std::string("?");
  return raw.size() > kShowMost ? out + "..." : out;
}

struct Dict {
  std::optional<std::string> descr;  ///< the text between the quotes, or the raw value if it is no string
  bool descr_is_string = false;
  std::optional<bool> fortran_order;
  std::optional<std::string> shape_text;
  std::vector<std::uint64_t> shape;
};

class DictParser {
 public:
  explicit DictParser(std::string_view text) : text_(text) {}

  Result<Dict> parse() {
    if (!take('{')) return wrong("'{'");
    while (!take('}')) {
      if (auto done = entry(); !done) return done.error();
      if (take(',')) continue;
      if (!take('}')) return wrong("',' or '}'");
      break;
    }
    skip_space();
    if (at_ != text_.size()) return wrong("the end of the header");
    return std::move(dict_);
  }

 private:
  Error wrong(std::string_view expected) {
    skip_space();
    const std::string found = at_ < text_.size() ? "'" + shown(text_.substr(at_, 12)) + "'" : "its end";
    return refuse(fmt::format("the header is not the dict NumPy writes: expected {} at byte {} of it, found {}",
                              expected, at_, found));
  }

  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) && text_[at_] != '\0') ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  bool at_quote() {
    skip_space();
    return at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"');
  }

  /// A quoted string without escapes; NumPy writes none for what can be read here.
  std::optional<std::string> string() {
    if (!at_quote()) return std::nullopt;
    const std::size_t close = text_.find(text_[at_], at_ + 1);
    if (close == std::string_view::npos) return std::nullopt;
    std::string out(text_.substr(at_ + 1, close - at_ - 1));
    if (out.find_first_of("\\\n") != std::string::npos) return std::nullopt;
    at_ = close + 1;
    return out;
  }

  Result<void> entry() {
    const std::optional<std::string> key = string();
    if (!key) return wrong("a quoted key");
    if (!take(':')) return wrong("':'");
    if (*key == "descr") return descr();
    if (*key == "fortran_order") return fortran_order();
    if (*key == "shape") return shape();
    return refuse(fmt::format("the header has the unknown key '{}'", shown(*key)));
  }

  Result<void> descr() {
    if (dict_.descr) return refuse("the header has 'descr' twice");
    dict_.descr_is_string = at_quote();
    if (dict_.descr_is_string) {
      dict_.descr = string();
      return dict_.descr ? Result<void>() : wrong("a string");
    }
    const std::size_t begin = at_;
    if (auto done = skip_value(0); !done) return done;
    dict_.descr = std::string(text_.substr(begin, at_ - begin));
    return {};
  }

  Result<void> fortran_order() {
    if (dict_.fortran_order) return refuse("the header has 'fortran_order' twice");
    if (take_word("True"))
      dict_.fortran_order = true;
    else if (take_word("False"))
      dict_.fortran_order = false;
    else
      return wrong("True or False");
    return {};
  }

  Result<void> shape() {
    if (dict_.shape_text) return refuse("the header has 'shape' twice");
    skip_space();
    const std::size_t begin = at_;
    if (!take('(')) return wrong("a tuple");
    bool comma = true;
    while (!take(')')) {
      if (!comma) return wrong("',' or ')'");
      if (auto done = extent(); !done) return done;
      comma = take(',');
    }
    if (dict_.shape.size() == 1 && !comma) return wrong("a tuple; (N) without a comma is a number");
    dict_.shape_text = std::string(text_.substr(begin, at_ - begin));
    return {};
  }

  /// A decimal integer; Python 2 wrote some with an L behind.
  Result<void> extent() {
    skip_space();
    const std::size_t begin = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const std::uint64_t digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
        return refuse(fmt::format("the shape has an extent beyond 64 bits ({})", shown(text_.substr(begin))));
      value = value * 10 + digit;
    }
    if (at_ == begin) return wrong("a length");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    dict_.shape.push_back(value);
    return {};
  }

  /// Steps over a value whose text will only be quoted: a structured descr is a list of tuples.
  Result<void> skip_value(int depth) {
    if (at_quote()) return string() ? Result<void>() : wrong("a string");
    const bool list = take('[');
    if (list || take('(')) {
      const char close = list ? ']' : ')';
      while (!take(close)) {
        if (depth == kMaxDepth) return refuse("the header nests its values too deeply");
        if (auto done = skip_value(depth + 1); !done) return done;
        if (take(',')) continue;
        if (!take(close)) return wrong("',' or a closing bracket");
        break;
      }
      return {};
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ > begin ? Result<void>() : wrong("a value");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Dict dict_;
};

/// The type a descr names, or a refusal that says what it is.
Result<Type> type_of_descr(const Dict& dict) {
  constexpr std::string_view kReadable = "little-endian f32, f64, i32 and i64 ('<f4', '<f8', '<i4', '<i8') can be read";
  const std::string& descr = *dict.descr;
  if (!dict.descr_is_string)
    return refuse(fmt::format("its elements are of a structured type, {}; only {}", shown(descr), kReadable));
  constexpr std::pair<std::string_view, Type> kTypes[] = {
      {"f4", Type::f32}, {"f8", Type::f64}, {"i4", Type::i32}, {"i8", Type::i64}};
  if (descr.size() == 3)
    for (const auto& [name, type] : kTypes) {
      if (descr.substr(1) != name) continue;
      // This code runs on little-endian machines only, so "native" and "not applicable" say the same as '<'.
      if (std::strchr("<=|", descr[0])) return type;
      if (descr[0] == '>') return refuse(fmt::format("its elements are big-endian ('{}'); only {}", descr, kReadable));
    }
  return refuse(fmt::format("its elements have dtype '{}'; only {}", shown(descr), kReadable));
}

Result<NpyHeader> header_of_dict(const Dict& dict, std::size_t data_offset) {
  const char* missing = !dict.descr           ? "descr"
                        : !dict.fortran_order ? "fortran_order"
                        : !dict.shape_text    ? "shape"
                                              : nullptr;
  if (missing) return refuse(fmt::format("the header has no '{}'", missing));
  auto type = type_of_descr(dict);
  if (!type) return type.error();
  if (dict.shape.size() != 1 && dict.shape.size() != 2)
    return refuse(fmt::format("it is {}-D, shape {}; only 1-D and 2-D arrays can be read", dict.shape.size(),
                              shown(*dict.shape_text)));
  if (*dict.fortran_order) return refuse("it is in Fortran order; only C order can be read");
  std::uint64_t bytes = stored_bytes(*type);
  bool fits = true;
  for (const std::uint64_t extent : dict.shape) fits = !__builtin_mul_overflow(bytes, extent, &bytes) && fits;
  if (!fits || bytes > std::numeric_limits<std::int64_t>::max())
    return refuse(fmt::format("its shape {} is longer than memory can be", shown(*dict.shape_text)));
  const NpyShape shape = dict.shape.size() == 1 ? NpyShape(dict.shape[0]) : NpyShape(dict.shape[0], dict.shape[1]);
  return NpyHeader{*type, shape, data_offset};
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t kMagic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (bytes.size() < sizeof(kMagic) || !std::equal(std::begin(kMagic), std::end(kMagic), bytes.begin()))
    return refuse("it is no .npy file: it does not begin with \\x93NUMPY");
  if (bytes.size() < 8) return refuse("it ends within its header, after the magic");
  const int major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0)
    return refuse(fmt::format("it has .npy version {}.{}; versions 1.0, 2.0 and 3.0 can be read", major, minor));
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_bytes;
  if (bytes.size() < begin) return refuse("it ends within its header, before the header's length");
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) length = length << 8 | bytes[8 + i];
  if (bytes.size() - begin < length)
    return refuse(
        fmt::format("it is truncated: a header of {} bytes is announced, {} are there", length, bytes.size() - begin));
  auto dict = DictParser({reinterpret_cast<const char*>(bytes.data()) + begin, length}).parse();
  if (!dict) return dict.error();
  return header_of_dict(*dict, begin + length);
}

}  // namespace trueno::tools
