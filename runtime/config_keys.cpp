// The table of keys, and what follows from a row; see config_keys.h.
#include "runtime/config_keys.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "ir/suggest.h"
#include "jit/host.h"

namespace trueno::runtime {
namespace {

const std::string& word(const Value& v) { return *std::get_if<std::string>(&v); }
bool is_word(const Value& v) { return std::holds_alternative<std::string>(v); }
bool flag(const Value& v) { return *std::get_if<bool>(&v); }
/// A number, or what a word in its place stands for.
template <class T>
T number(const Value& v, T of_word) {
  return is_word(v) ? of_word : static_cast<T>(*std::get_if<std::int64_t>(&v));
}
template <class T>
T named(const Value& v, std::initializer_list<T> all) {
  return *std::find_if(all.begin(), all.end() - 1, [&](T t) { return name_of(t) == word(v); });
}

constexpr std::int64_t kAny = std::int64_t{1} << 62;  // elements or bytes: more than there are
constexpr auto kFlag = Key::Kind::flag, kChoice = Key::Kind::choice, kInteger = Key::Kind::integer,
               kText = Key::Kind::text;

// clang-format off: a table. What a value is checked for comes before it is set, so the functions only convert.
constexpr Key kKeys[] = {
    {"", "schema_version", kInteger, "", 1, kSchemaVersion, "1", "",
     "The version of this list of keys that the file was written for; a file for a newer one is refused as a whole.",
     [](Settings&, const Value&) {}, nullptr},
    {"", "strict", kFlag, "", 0, 0, "false", "TRUENO_STRICT",
     "Whether what is wrong with the configuration makes compiling an error; otherwise it is told once and left out.",
     [](Settings& s, const Value& v) { s.strict = flag(v); }, nullptr},
    {"", "jit", kChoice, "auto off require", 0, 0, "\"auto\"", "TRUENO_JIT",
     "Whether code is generated: where it can be, never (kernels run on the fallback), or else compiling is an error.",
     [](Settings& s, const Value& v) {
       s.backend = word(v) == "off" ? Backend::fallback : word(v) == "require" ? Backend::jit : Backend::automatic;
     },
     nullptr},
    {"", "max_isa", kChoice, "auto sse2 sse4.2 avx2 avx512 v1 v2 v3 v4", 0, 0, "\"auto\"", "TRUENO_MAX_ISA",
     "The highest x86-64 level to use, by name or number; `auto` is what the host has.",
     [](Settings& s, const Value& v) { s.isa = jit::isa_named(word(v)); }, nullptr},
    {"", "max_vector_bits", kChoice, "auto 128 256 512", 0, 0, "\"auto\"", "TRUENO_VL",
     "The longest vectors to use, in bits; `auto` is what the level has.",
     [](Settings& s, const Value& v) { s.vector_bits = number(v, 0); }, nullptr},
    {"", "verify", kChoice, "off first always", 0, 0, "\"off\"", "TRUENO_VERIFY",
     "Which calls of generated code are compared, bit for bit, with the fallback before their results are handed out.",
     [](Settings& s, const Value& v) {
       s.verify = named(v, {VerifyPolicy::off, VerifyPolicy::first, VerifyPolicy::always});
     },
     nullptr},
    {"", "lint", kChoice, "off first", 0, 0, "\"off\"", "TRUENO_LINT",
     "Whether generated code is looked at before it is used, once, and left out if it fails; programs with a lint "
     "only.",
     [](Settings& s, const Value& v) { s.lint = word(v) == "first"; }, nullptr},
    {"", "cache_bytes", kInteger, "", 0, std::int64_t{1} << 40, "67108864", "TRUENO_CACHE_BYTES",
     "How much the cache of compiled kernels may hold, in bytes; 0 keeps none.",
     [](Settings& s, const Value& v) { s.cache_bytes = number(v, std::size_t{0}); }, nullptr},
    {"", "dump_directory", kText, "", 0, 4000, "\"\"", "TRUENO_DUMP_DIR",
     "Where kernels that failed are written, to be reproduced; nothing is written where it is empty.",
     [](Settings& s, const Value& v) { s.dump_directory = word(v); }, nullptr},
    {"", "perf", kChoice, "off map jitdump", 0, 0, "\"off\"", "TRUENO_PERF",
     "What is written of generated code so that perf can name it: nothing, its symbols, or code, symbols and lines.",
     [](Settings& s, const Value& v) {
       s.perf = word(v) == "map" ? PerfFormat::map : word(v) == "jitdump" ? PerfFormat::jitdump : PerfFormat::off;
     },
     nullptr},
    {"", "perf_directory", kText, "", 0, 4000, "\"\"", "TRUENO_PERF_DIR",
     "Where jitdump files go; where it is empty, to a directory of each process's own in ~/.debug/jit.",
     [](Settings& s, const Value& v) { s.perf_directory = word(v); }, nullptr},
    {"", "gdb", kFlag, "", 0, 0, "false", "TRUENO_GDB",
     "Whether GDB is told of generated code: names to break at and to see in backtraces.",
     [](Settings& s, const Value& v) { s.gdb = flag(v); }, nullptr},
    {"", "verbose", kFlag, "", 0, 0, "false", "TRUENO_VERBOSE", "Whether what is chosen, and why, is told on stderr.",
     [](Settings& s, const Value& v) { s.verbose = flag(v); }, nullptr},
    {"tuning", "vector_bits", kChoice, "auto 128 256 512", 0, 0, "\"auto\"", "",
     "Vector length in bits; where the level or a cap has less, that; `auto` is the longest.", nullptr,
     [](Tuned& t, const Value& v) { t.vector_bits = number(v, 0); }},
    {"tuning", "unroll", kInteger, "auto", 1, 16, "\"auto\"", "",
     "Vectors per turn of the main loop, at most; `auto` leaves it to the generator.", nullptr,
     [](Tuned& t, const Value& v) { t.tuning.unroll = number(v, 0u); }},
    {"tuning", "accumulators", kInteger, "auto", 1, 32, "\"auto\"", "",
     "Registers that hold the lanes of a reduction, at most; `auto` is as many as are free.", nullptr,
     [](Tuned& t, const Value& v) { t.tuning.accumulators = number(v, 0u); }},
    {"tuning", "peel", kInteger, "never", 0, kAny, "1024", "",
     "From so many elements on, a part of a step comes first, so that stores are aligned.", nullptr,
     [](Tuned& t, const Value& v) { t.tuning.peel = number(v, jit::Tuning::kNever); }},
    {"tuning", "nontemporal_bytes", kInteger, "never", 0, kAny, "\"never\"", "",
     "From so many bytes stored on, stores go past the caches.", nullptr,
     [](Tuned& t, const Value& v) { t.tuning.nontemporal_bytes = number(v, jit::Tuning::kNever); }},
    {"tuning", "code_offset", kInteger, "", 0, 4095, "0", "",
     "Bytes left out before generated code: for measuring only what the place of code does to its speed.", nullptr,
     [](Tuned& t, const Value& v) { t.tuning.code_offset = number(v, 0u); }},
};
// clang-format on

constexpr std::string_view kIsaTables[kIsas] = {"sse2", "sse42", "avx2", "avx512"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    words.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

/// "\"auto\"" or "128": how a word of a list is written as TOML.
std::string written(std::string_view w) {
  const bool is_number = std::all_of(w.begin(), w.end(), is_digit);
  return is_number ? std::string(w) : "\"" + std::string(w) + "\"";
}

/// "a", "b" or "c"
std::string one_of(std::string_view list) {
  std::string out;
  const auto words = words_of(list);
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + written(words[i]);
  return out;
}

bool is_one_of(std::string_view list, const Value& value) {
  const std::string text = toml_text(value);
  const auto words = words_of(list);
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return written(w) == text; });
}

bool fits(const Key& key, const Value& value) {
  const std::int64_t* integer = std::get_if<std::int64_t>(&value);
  const std::string* text = std::get_if<std::string>(&value);
  switch (key.kind) {
    case Key::Kind::flag: return std::holds_alternative<bool>(value);
    case Key::Kind::choice: return is_one_of(key.words, value);
    case Key::Kind::integer:
      return integer ? *integer >= key.least && *integer <= key.most : is_one_of(key.words, value);
    case Key::Kind::text: break;
  }
  return text && text->size() <= static_cast<std::size_t>(key.most) && text->find('\0') == text->npos;
}

}  // namespace

std::span<const Key> keys() { return kKeys; }

std::string_view table_name(Isa isa) { return kIsaTables[static_cast<std::size_t>(isa)]; }

std::string Scope::table() const {
  std::string out(kTuning);
  if (isa) out.append(".").append(table_name(*isa));
  if (kernels) out.append(".").append(name_of(*kernels));
  return out;
}

std::optional<Table> find_table(std::span<const std::string> path) {
  if (path.empty()) return Table{};
  if (path[0] != kTuning || path.size() > 3) return std::nullopt;
  Table found{kTuning, {}};
  if (path.size() > 1) {
    const auto* isa = std::find(std::begin(kIsaTables), std::end(kIsaTables), path[1]);
    if (isa == std::end(kIsaTables)) return std::nullopt;
    found.scope.isa = static_cast<Isa>(isa - kIsaTables);
  }
  if (path.size() > 2) {
    for (std::size_t i = 0; i < kKernelClasses; ++i)
      if (name_of(static_cast<KernelClass>(i)) == path[2]) found.scope.kernels = static_cast<KernelClass>(i);
    if (!found.scope.kernels) return std::nullopt;
  }
  return found;
}

const Key* find_key(const Table& table, std::string_view name) {
  for (const Key& key : kKeys)
    if (key.table == table.of && key.name == name) return &key;
  return nullptr;
}

std::vector<std::string_view> names_in(const Table& table) {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys)
    if (key.table == table.of) names.push_back(key.name);
  if (table.of.empty())
    names.push_back(kTuning);
  else if (table.scope.depth() == 0)
    names.insert(names.end(), std::begin(kIsaTables), std::end(kIsaTables));
  else if (table.scope.depth() == 1)
    for (std::size_t i = 0; i < kKernelClasses; ++i) names.push_back(name_of(static_cast<KernelClass>(i)));
  return names;
}

Value built_in(const Key& key) {
  std::string_view text = key.otherwise;
  if (text.front() != '"') return from_environment(key, text);
  return std::string(text.substr(1, text.size() - 2));
}

std::string allowed(const Key& key) {
  switch (key.kind) {
    case Key::Kind::flag: return "true or false";
    case Key::Kind::choice: return one_of(key.words);
    case Key::Kind::text: return "a string of at most " + std::to_string(key.most) + " bytes, none of them zero";
    case Key::Kind::integer: break;
  }
  std::string range = "an integer, " + std::to_string(key.least);
  if (key.most == kAny)
    range += " or more";
  else if (key.most != key.least)
    range += " to " + std::to_string(key.most);
  return key.words.empty() ? range : range + ", or " + one_of(key.words);
}

std::string complaint(const Key& key, const Value* value) {
  if (value && fits(key, *value)) return {};
  std::string out = "must be " + allowed(key);
  const std::string* text = value ? std::get_if<std::string>(value) : nullptr;
  if (!text || key.kind == Key::Kind::text) return out;
  ir::Nearest nearest(*text);
  for (const std::string_view w : words_of(key.kind == Key::Kind::flag ? "true false" : key.words)) nearest.consider(w);
  return out + nearest.hint();
}

std::string toml_text(const Value& value) {
  if (const bool* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const std::int64_t* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : word(value)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (byte < 0x20 || byte == 0x7f)
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    else
      out += c;
  }
  return out + "\"";
}

Value from_environment(const Key& key, std::string_view text) {
  if (key.kind == Key::Kind::flag) {
    for (const std::string_view yes : {"1", "true", "yes", "on"})
      if (text == yes) return true;
    for (const std::string_view no : {"0", "false", "no", "off"})
      if (text == no) return false;
  }
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && key.kind != Key::Kind::text) return number;
  return std::string(text);
}

}  // namespace trueno::runtime
