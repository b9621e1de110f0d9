// A configuration under construction: layers are added from the weakest to the strongest, then it is asked what holds.
//
// It knows nothing of the process: which files and variables there are, its users tell it. For each key (of [tuning]:
// for all kernels, and for each ISA and class) it keeps the value and who said it. Within a layer, what is said for
// fewer kernels is applied later; a layer above overrides only what it says, but that for all the kernels it says it
// of.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config_keys.h"
#include "runtime/host.h"
#include "trueno/config.h"

namespace trueno::runtime {

class Configuration {
 public:
  using Problems = std::vector<Diagnostic>;

  Configuration();  ///< what is built in

  /// A layer of TOML. Nothing: it is no TOML, or for a newer schema_version, and none of it applies; `problems()` says
  /// so. Else what was wrong with it, which `problems()` says, too.
  Result<Problems> add_toml(std::string_view text, std::string_view name);
  /// The environment: `lookup` gives a variable's value, or nullptr. An empty one counts as not set.
  void add_environment(const std::function<const char*(const char*)>& lookup);
  /// Whether add_environment would find anything.
  static bool in_environment(const std::function<const char*(const char*)>& lookup);
  void add_problem(Diagnostic problem) { problems_.push_back(std::move(problem)); }
  /// What is an error even if the configuration is not strict.
  void fail(Error error);

  const Problems& problems() const { return problems_; }
  Settings settings() const;
  /// The settings, or why there are none.
  Result<Settings> outcome() const;
  /// A host under the caps that are configured.
  Host capped(std::optional<Isa> detected) const;
  std::vector<ConfigurationValue> values() const;

 private:
  struct Cell {
    Value value;
    std::string origin;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  /// A key's values: for all kernels, then by ISA and class. A key outside [tuning] has only the first.
  struct Row {
    const Key* key;
    Cell all;
    std::array<std::array<Cell, kKernelClasses>, kIsas> by{};
  };
  struct Assignment {
    const Key* key;
    Scope scope;
    Cell cell;
  };
  struct Reading;  // of one layer of TOML
  void assign(const Assignment& what);
  const Cell& cell_of(std::string_view name) const;

  std::vector<Row> rows_;
  Problems problems_;
  Error failure_{Status::ok, Problems{}};
};

}  // namespace trueno::runtime
