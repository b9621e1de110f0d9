// The body of a kernel, or of a part of a reducer, as text: what print.cpp puts between braces.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ir/kernel.h"
#include "ir/print.h"

namespace trueno::ir {

/// Names given out, so that none is given twice.
class Names {
 public:
  /// The name if it is free and can be one, else the name with the first number that makes it so.
  std::string fresh(const std::string& wanted, std::size_t number = 2);
  void take(const std::string& name) { taken_.insert(name); }

 private:
  std::unordered_set<std::string> taken_;
};

/// The tables of a text and what they are called in it.
struct TableNames {
  std::vector<std::pair<Table, std::string>> list;
  bool has(const Table& table) const { return find(table) != list.size(); }
  const std::string& name(const Table& table) const { return list[find(table)].second; }

 private:
  std::size_t find(const Table& table) const {
    std::size_t i = 0;
    while (i < list.size() && !(list[i].first == table)) ++i;
    return i;
  }
};

struct BodyText {
  std::vector<std::string> statements;
  std::string results;
};

/// How often each node stands in the text; what the results do not need: never.
std::vector<std::uint32_t> uses_of(const Kernel& kernel);

/// One statement per node that is used more than once or has a name. `strict`: nothing contracts where it will stand.
/// `params`: what the parameters are called there; all tables it uses are in `tables`.
BodyText print_body(const Kernel& kernel, bool strict, const std::vector<std::string>& params,
                    const TableNames& tables);
/// How each node stands in that text, behind a line for the header.
std::vector<PrintedNode> print_body_nodes(const Kernel& kernel, bool strict, const std::vector<std::string>& params,
                                          const TableNames& tables);

}  // namespace trueno::ir
