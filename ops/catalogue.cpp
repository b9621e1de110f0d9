// The catalogue: a scan that finds blocks, and parsing on first use (catalogue.h says why).
//
// A block is parsed outside any lock, then published by one compare-and-swap; two threads that meet parse it
// twice and the second result is dropped. Parsing a block may look up other ops, and so parse them.
#include "ops/catalogue.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <utility>

#include "ir/once.h"
#include "ir/reducer.h"

namespace trueno::ops {
namespace {

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

/// A cursor over one header line. What does not fit the pattern leaves the block without overloads, which
/// check() reports with the parser's own words.
struct Scanner {
  std::string_view rest;

  void skip_blanks() {
    const std::size_t at = rest.find_first_not_of(" \t");
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at);
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (!rest.starts_with(token)) return false;
    rest.remove_prefix(token.size());
    return true;
  }
  std::string_view name() {
    skip_blanks();
    const std::size_t length =
        static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_name_char) - rest.begin());
    const std::string_view found = rest.substr(0, length);
    rest.remove_prefix(length);
    return found;
  }
};

/// The overloads a header line declares: "op clamp(x: T, lo: T, hi: T) -> T for T in f32, f64".
std::vector<std::vector<Type>> overloads_of(std::string_view header) {
  Scanner in{header};
  std::vector<std::string_view> parameters;
  if (!in.take("op ")) in.take("reduce ");
  in.name();
  if (!in.take("(")) return {};
  while (!in.take(")")) {
    if (in.name().empty() || !in.take(":")) return {};
    parameters.push_back(in.name());
    in.take(",");
  }
  std::vector<Type> choices = {Type::f32};  // without `for`, the one pass of the loop below needs no choice
  std::string_view variable;
  if (in.take("->") && !in.name().empty() && in.take("for")) {
    variable = in.name();
    choices.clear();
    if (!in.take("in")) return {};
    do {
      const auto type = type_named(in.name());
      if (!type) return {};
      choices.push_back(*type);
    } while (in.take(","));
  }
  std::vector<std::vector<Type>> result;
  for (const Type choice : choices) {
    std::vector<Type>& types = result.emplace_back();
    for (const std::string_view parameter : parameters) {
      const auto type = !variable.empty() && parameter == variable ? std::optional(choice) : type_named(parameter);
      if (!type) return {};
      types.push_back(*type);
    }
  }
  return result;
}

/// Does `text` use `name` as a whole word?
bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_name_char(text[at - 1])) && (end == text.size() || !is_name_char(text[end]))) return true;
  }
  return false;
}

bool contains(const std::vector<std::vector<Type>>& lists, const std::vector<Type>& types) {
  return std::find(lists.begin(), lists.end(), types) != lists.end();
}

/// The blocks this thread is parsing, innermost first: an op that needs itself finds nothing instead of recursing for
/// ever. A chain of scopes needs no memory, and nothing at the end of the thread (which would keep a library from being
/// unloaded).
class Parsing {
 public:
  explicit Parsing(const void* block) : block_(block), outer_(innermost) { innermost = this; }
  ~Parsing() { innermost = outer_; }
  Parsing(const Parsing&) = delete;
  Parsing& operator=(const Parsing&) = delete;
  static bool is_parsing(const void* block) {
    for (const Parsing* p = innermost; p; p = p->outer_)
      if (p->block_ == block) return true;
    return false;
  }

 private:
  static thread_local const Parsing* innermost;
  const void* block_;
  const Parsing* outer_;
};
thread_local const Parsing* Parsing::innermost = nullptr;

}  // namespace

struct TextCatalogue::Block {
  std::string_view file, name, text;
  std::vector<std::vector<Type>> overloads;
  mutable std::atomic<const std::vector<ir::Definition>*> parsed{nullptr};
  ~Block() { delete parsed.load(); }
};

struct TextCatalogue::Table {
  std::string_view name, text;
};

TextCatalogue::TextCatalogue(std::span<const EmbeddedText> files) {
  for (const EmbeddedText& file : files) {
    std::vector<std::size_t> starts;  // of declarations
    for (std::size_t at = 0; at < file.text.size();) {
      const std::string_view line = file.text.substr(at);
      if (line.starts_with("op ") || line.starts_with("reduce ") || line.starts_with("table ")) starts.push_back(at);
      const std::size_t end = line.find('\n');
      at = end == std::string_view::npos ? file.text.size() : at + end + 1;
    }
    starts.push_back(file.text.size());
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      const std::string_view text = file.text.substr(starts[i], starts[i + 1] - starts[i]);
      Scanner header{text.substr(0, text.find('\n'))};
      if (header.take("table ")) {
        tables_.push_back({header.name(), text});
        continue;
      }
      if (!header.take("op ")) header.take("reduce ");
      auto block = std::make_unique<Block>();
      block->file = file.file;
      block->name = header.name();
      block->text = text;
      block->overloads = overloads_of(text.substr(0, text.find('\n')));
      blocks_.push_back(std::move(block));
    }
  }
}

TextCatalogue::~TextCatalogue() = default;

/// Parses a block behind the tables it mentions.
Result<ir::Module> TextCatalogue::parse(const Block& block) const {
  std::string text;
  for (const Table& table : tables_)
    if (mentions(block.text, table.name)) text.append(table.text).append("\n");
  text.append(block.text);
  const Parsing scope(&block);
  return ir::parse_module(text, *this, block.file);
}

const std::vector<ir::Definition>* TextCatalogue::definitions(const Block& block) const {
  if (const auto* known = block.parsed.load(std::memory_order_acquire)) return known;
  if (Parsing::is_parsing(&block)) return nullptr;
  auto module = parse(block);
  if (!module) return nullptr;  // a defect of the library; check() says what
  for (ir::Definition& definition : module->definitions) {
    if (definition.reducer == nullptr) continue;
    auto reducer = std::make_shared<ir::Reducer>(*definition.reducer);
    reducer->built_in = true;
    definition.reducer = std::move(reducer);
  }
  auto fresh = std::make_unique<const std::vector<ir::Definition>>(std::move(module->definitions));
  const std::vector<ir::Definition>* published = nullptr;
  if (!block.parsed.compare_exchange_strong(published, fresh.get(), std::memory_order_acq_rel)) return published;
  return fresh.release();
}

const ir::Definition* TextCatalogue::find(std::string_view name, const std::vector<Type>& types) const {
  for (const auto& block : blocks_) {
    if (block->name != name || !contains(block->overloads, types)) continue;
    const auto* all = definitions(*block);
    if (all == nullptr) return nullptr;
    for (const ir::Definition& definition : *all)
      if (definition.name == name && definition.types == types) return &definition;
  }
  return nullptr;
}

std::vector<std::vector<Type>> TextCatalogue::overloads(std::string_view name) const {
  std::vector<std::vector<Type>> result;
  for (const auto& block : blocks_)
    if (block->name == name) result.insert(result.end(), block->overloads.begin(), block->overloads.end());
  return result;
}

std::vector<std::string> TextCatalogue::names() const {
  std::vector<std::string> result;
  for (const auto& block : blocks_) {
    if (block->name.starts_with(kPartPrefix)) continue;
    if (std::find(result.begin(), result.end(), block->name) == result.end()) result.emplace_back(block->name);
  }
  return result;
}

std::string TextCatalogue::source(std::string_view name) const {
  std::string result;
  for (const auto& block : blocks_) {
    if (block->name != name) continue;
    const std::size_t end = block->text.find("\n}");  // what follows is the comment of the next block
    result += std::string(block->text.substr(0, end == std::string_view::npos ? end : end + 2)) + "\n";
  }
  return result;
}

std::string_view TextCatalogue::file_of(std::string_view name) const {
  for (const auto& block : blocks_)
    if (block->name == name) return block->file;
  return {};
}

Result<void> TextCatalogue::check() const {
  std::vector<Diagnostic> mistakes;
  const auto complain = [&](const Block& block, std::string what) {
    mistakes.push_back({{}, "op " + std::string(block.name) + ": " + what, {}, std::string(block.file)});
  };
  std::vector<std::pair<std::string_view, std::vector<Type>>> seen;
  for (const auto& block : blocks_) {
    for (const auto& types : block->overloads) {
      if (std::find(seen.begin(), seen.end(), std::pair(block->name, types)) != seen.end())
        complain(*block, "defined twice for the same types");
      seen.emplace_back(block->name, types);
    }
    const auto module = parse(*block);
    if (!module) {
      mistakes.insert(mistakes.end(), module.error().diagnostics.begin(), module.error().diagnostics.end());
      continue;
    }
    bool fits = module->definitions.size() == block->overloads.size();
    for (const ir::Definition& d : module->definitions)
      fits = fits && d.name == block->name && contains(block->overloads, d.types);
    if (!fits)
      complain(*block, "its header must stand on one line, \"op NAME(PARAMETER: TYPE, ...) -> TYPE\" (or reduce)");
  }
  if (mistakes.empty()) return {};
  return Error(Status::invalid_text, std::move(mistakes));
}

namespace {
constinit ir::Once<TextCatalogue> embedded;
}

const TextCatalogue& built_in() {
  return embedded.get([] { return TextCatalogue(kEmbedded); });
}

const ir::Definition* UserCatalogue::find(std::string_view name, const std::vector<Type>& types) const {
  for (const ir::Definition& definition : definitions_)
    if (definition.name == name && definition.types == types) return &definition;
  return base_->find(name, types);
}

std::vector<std::vector<Type>> UserCatalogue::overloads(std::string_view name) const {
  std::vector<std::vector<Type>> result = base_->overloads(name);
  for (const ir::Definition& definition : definitions_)
    if (definition.name == name && !contains(result, definition.types)) result.push_back(definition.types);
  return result;
}

std::vector<std::string> UserCatalogue::names() const {
  std::vector<std::string> result = base_->names();
  for (const ir::Definition& definition : definitions_)
    if (std::find(result.begin(), result.end(), definition.name) == result.end()) result.push_back(definition.name);
  return result;
}

}  // namespace trueno::ops
