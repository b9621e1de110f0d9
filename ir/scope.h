// What names mean while a declaration is checked: values, tables, and the ops in sight.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/kernel.h"
#include "ir/suggest.h"
#include "ir/syntax.h"

namespace trueno::ir {

/// A name for a value. An untyped one (`c = 2`, or a free scalar) gets its type at its first typed use.
struct Binding {
  enum class State : std::uint8_t { typed, untyped, failed };
  std::string_view name;
  Position at{};
  State state = State::failed;
  bool used = false;
  ExprId value = kNoExpr;  ///< of an untyped named value
  NodeId node = kNoNode;   ///< of a typed one; of a free scalar also before
};

/// The values of one body. Few names are searched one by one; many through a hash table.
class Values {
 public:
  Binding* find(std::string_view name) {
    if (list_.size() > kFew) {
      const auto found = index_.find(name);
      return found == index_.end() ? nullptr : &list_[found->second];
    }
    for (Binding& b : list_)
      if (b.name == name) return &b;
    return nullptr;
  }
  bool contains(std::string_view name) const { return const_cast<Values*>(this)->find(name) != nullptr; }
  void add(const Binding& b) {
    list_.push_back(b);
    if (list_.size() == kFew + 1)
      for (std::size_t i = 0; i < list_.size(); ++i) index_.emplace(list_[i].name, i);
    else if (list_.size() > kFew)
      index_.emplace(b.name, list_.size() - 1);
  }
  const std::vector<Binding>& list() const { return list_; }

 private:
  static constexpr std::size_t kFew = 24;
  std::vector<Binding> list_;
  std::unordered_map<std::string_view, std::size_t> index_;
};

/// What a module has declared so far, before what the catalogue has.
class Environment {
 public:
  explicit Environment(const Catalogue& ops) : ops_(ops) {}

  std::vector<Table> tables;
  std::vector<Definition> ops;
  std::vector<std::string_view> failed_ops;     ///< calls of them are silently wrong
  std::vector<std::string_view> failed_tables;  ///< likewise

  const Table* table(std::string_view name) const {
    for (const Table& t : tables)
      if (t.name == name) return &t;
    return nullptr;
  }
  static bool contains(const std::vector<std::string_view>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  }
  const Definition* find(std::string_view name, const std::vector<Type>& types) const {
    for (const Definition& d : ops)
      if (d.name == name && d.types == types) return &d;
    return ops_.find(name, types);
  }
  std::vector<std::vector<Type>> overloads(std::string_view name) const {
    std::vector<std::vector<Type>> out = ops_.overloads(name);
    for (const Definition& d : ops)
      if (d.name == name && std::find(out.begin(), out.end(), d.types) == out.end()) out.push_back(d.types);
    return out;
  }
  void suggest_ops(Nearest& nearest) const {
    for (const Definition& d : ops) nearest.consider(d.name);
    for (const std::string& name : ops_.names()) nearest.consider(name);
  }

 private:
  const Catalogue& ops_;
};

}  // namespace trueno::ir
