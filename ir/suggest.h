// The nearest known name to one that is not known, for error messages.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace trueno::ir {

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`; `most` + 1 if more.
inline std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return most + 1;
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return std::min(row[b.size()], most + 1);
}

/// Keeps the best of the names it is shown.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted) : wanted_(wanted), best_(std::min<std::size_t>(wanted.size() / 3 + 1, 3)) {}

  void consider(std::string_view name) {
    if (name.empty() || name == wanted_) return;
    const std::size_t d = distance(wanted_, name, best_);
    if (d > best_ || d >= wanted_.size() || (d == best_ && !name_.empty())) return;
    best_ = d;
    name_ = name;
  }

  /// "; did you mean 'exp'?", or nothing.
  std::string hint() const { return name_.empty() ? std::string() : "; did you mean '" + name_ + "'?"; }

 private:
  std::string wanted_, name_;
  std::size_t best_;
};

}  // namespace trueno::ir
