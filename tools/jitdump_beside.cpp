// Code of two targets side by side: instructions of the same IR node stand at the same height; see jitdump_views.h.
//
// Each part is cut into groups of one node and one vector of the turn. The longest common sequence of the two lists of
// groups says which of them face each other; what only one side has stands alone.
#include <fmt/format.h>

#include <algorithm>

#include "tools/jitdump_views.h"

namespace trueno::tools {
namespace {

using inspect::Part;
using inspect::Study;

struct Group {
  ir::NodeId node = ir::kNoNode;
  std::uint32_t copy = 0;
  std::vector<std::string> lines;
  bool faces(const Group& other) const { return node == other.node && copy == other.copy; }
};

std::vector<Group> groups_of(const Study& study, const Part& part) {
  std::vector<Group> groups;
  for (std::size_t i = part.first; i < part.first + part.steps; ++i) {
    const inspect::Note& note = study.notes[i];
    const std::uint32_t copy = note.node == ir::kNoNode ? 0 : note.copy;
    if (groups.empty() || groups.back().node != note.node || groups.back().copy != copy)
      groups.push_back({note.node, copy, {}});
    groups.back().lines.push_back(fmt::format("{:5x}  {}", study.instructions[i].offset, study.instructions[i].text));
  }
  return groups;
}

/// Lengths of the longest common sequences of the rests of both lists.
class Common {
 public:
  Common(const std::vector<Group>& a, const std::vector<Group>& b)
      : width_(b.size() + 1), length_((a.size() + 1) * width_, 0) {
    for (std::size_t i = a.size(); i-- > 0;)
      for (std::size_t j = b.size(); j-- > 0;)
        length_[i * width_ + j] = a[i].faces(b[j]) ? 1 + at(i + 1, j + 1) : std::max(at(i + 1, j), at(i, j + 1));
  }
  std::uint32_t at(std::size_t i, std::size_t j) const { return length_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> length_;
};

/// Two columns and what is said of both.
class Columns {
 public:
  explicit Columns(std::size_t width) : width_(width) {}
  void row(const std::string& left, const std::string& right, const std::string& value) {
    std::string line =
        fmt::format("{:<{}} | {:<{}} | {}", shortened(left, width_), width_, shortened(right, width_), width_, value);
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += line + "\n";
  }
  void group(const Group* left, const Group* right, const std::string& value) {
    static const std::vector<std::string> kNone;
    const auto &a = left != nullptr ? left->lines : kNone, &b = right != nullptr ? right->lines : kNone;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
      row(i < a.size() ? a[i] : "", i < b.size() ? b[i] : "", i == 0 ? value : "");
  }
  std::string take() { return std::move(text_); }

 private:
  std::size_t width_;
  std::string text_;
};

std::string value_of(const Study& study, const Group& group) {
  if (group.node == ir::kNoNode) return "";
  const std::string copy = group.copy == 0 ? "" : fmt::format(" [{}]", group.copy);
  const Position at = study.kernel[group.node].at;
  return shortened(study.names[group.node].text, 28) + copy +
         (at.line == 0 ? "" : fmt::format(" {}:{}", at.line, at.column));
}

void append_parts(Columns& out, const Study& a, const Part& left, const Study& b, const Part& right) {
  const std::vector<Group> x = groups_of(a, left), y = groups_of(b, right);
  const Common common(x, y);
  const auto turn = [](const Part& p) { return p.elements > 0 ? fmt::format(" {} elements a turn", p.elements) : ""; };
  out.row(left.name + ":" + turn(left), right.name + ":" + turn(right), "");
  for (std::size_t i = 0, j = 0; i < x.size() || j < y.size();) {
    if (i < x.size() && j < y.size() && x[i].faces(y[j])) {
      out.group(&x[i], &y[j], value_of(a, x[i]));
      ++i, ++j;
    } else if (j == y.size() || (i < x.size() && common.at(i + 1, j) >= common.at(i, j + 1))) {
      out.group(&x[i], nullptr, value_of(a, x[i]));
      ++i;
    } else {
      out.group(nullptr, &y[j], value_of(b, y[j]));
      ++j;
    }
  }
}

bool shown(const Part& part) {
  using inspect::Purpose;
  return part.purpose != Purpose::between && part.purpose != Purpose::entry && part.purpose != Purpose::block &&
         part.purpose != Purpose::merge && part.purpose != Purpose::realign;
}

}  // namespace

std::string beside_text(const Study& a, const Study& b, std::size_t columns) {
  constexpr std::size_t kValueWidth = 40, kNarrowest = 36;
  Columns out(std::max(kNarrowest, columns > kValueWidth ? (columns - kValueWidth) / 2 : 0));
  out.row(title(a.code.target), title(b.code.target), "value");
  const auto alone = [&](const Study& study, const Part& part, bool left) {
    out.row(left ? part.name + ":" : "", left ? "" : part.name + ":", "");
    for (const Group& group : groups_of(study, part))
      out.group(left ? &group : nullptr, left ? nullptr : &group, value_of(study, group));
  };
  for (const Part& left : a.parts) {
    if (!shown(left)) continue;
    if (const Part* right = find_part(b.parts, left.purpose, left.pass))
      append_parts(out, a, left, b, *right);
    else
      alone(a, left, true);
  }
  for (const Part& right : b.parts)
    if (shown(right) && find_part(a.parts, right.purpose, right.pass) == nullptr) alone(b, right, false);
  return out.take();
}

}  // namespace trueno::tools
