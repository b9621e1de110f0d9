// Collects mistakes while text is read, so that all of them are reported at once.
//
// One collector is shared by all steps (lex, syntax, check). It adds the line of text to each mistake, drops
// repetitions, and stops collecting at a limit: broken input must not cost unbounded memory.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trueno/types.h"

namespace trueno::ir {

class Mistakes {
 public:
  static constexpr std::size_t kMost = 100;       ///< more say nothing new to a human
  static constexpr std::size_t kLongest = 1'000;  ///< a longer line is not shown

  Mistakes(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  void add(Position at, std::string message, Status status = Status::invalid_text) {
    if (status == Status::too_large) status_ = status;
    if (list_.size() > kMost) return;
    if (list_.size() == kMost) return insert({{}, "too many mistakes; the rest is not shown", {}, std::string(file_)});
    for (const Diagnostic& d : list_)
      if (d.at == at && d.message == message) return;
    insert({at, std::move(message), std::string(line_of(at)), std::string(file_)});
  }

  /// Is there a mistake at this place already? A second one there would mostly be its echo.
  bool has(Position at) const {
    return std::any_of(list_.begin(), list_.end(), [&](const Diagnostic& d) { return d.at == at; });
  }
  std::size_t count() const { return list_.size(); }
  bool none() const { return list_.empty(); }

  /// Everything collected, in the order of the text; what has no place comes last.
  Error take() { return Error(status_, std::move(list_)); }

 private:
  void insert(Diagnostic added) {
    const auto place = [](const Diagnostic& d) { return std::pair(d.at.line == 0 ? ~0u : d.at.line, d.at.column); };
    const auto behind = std::upper_bound(list_.begin(), list_.end(), added,
                                         [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
    list_.insert(behind, std::move(added));
  }

  std::string_view line_of(Position at) const {
    if (at.line == 0) return {};
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < at.line; ++line) {
      begin = text_.find('\n', begin);
      if (begin == std::string_view::npos) return {};
      ++begin;
    }
    std::string_view line = text_.substr(begin, text_.find('\n', begin) - begin);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line.size() > kLongest ? std::string_view() : line;
  }

  std::string_view text_, file_;
  std::vector<Diagnostic> list_;
  Status status_ = Status::invalid_text;
};

}  // namespace trueno::ir
