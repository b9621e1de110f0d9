// Layers: what each says is checked against the table of keys, then applied over the ones before; see config.h.
#include "runtime/config.h"

#include <algorithm>

#include "ir/mistakes.h"
#include "ir/suggest.h"
#include "runtime/config_toml.h"

namespace trueno::runtime {

/// One layer of TOML on its way: what it says, and what is wrong with it.
struct Configuration::Reading {
  Reading(std::string_view text, std::string_view file) : mistakes(text, file), name(file) {}

  void table(const std::vector<Entry>& entries, std::vector<std::string>& path) {
    const Table here = *find_table(path);
    for (const Entry& entry : entries) {
      path.push_back(entry.name);
      if (const Key* key = find_key(here, entry.name))
        value(*key, here.scope, entry, path);
      else if (!find_table(path))
        unknown(here, entry, path);
      else if (!entry.is_table)
        mistakes.add(entry.value_at, shown(joined(path)) + " must be a table, not " + std::string(entry.type));
      else
        table(entry.entries, path);
      path.pop_back();
    }
  }

  ir::Mistakes mistakes;
  std::string_view name;
  std::vector<Assignment> said{};

 private:
  void value(const Key& key, const Scope& scope, const Entry& entry, const std::vector<std::string>& path) {
    const std::string wrong = complaint(key, entry.value ? &*entry.value : nullptr);
    if (wrong.empty())
      return said.push_back({&key, scope, {*entry.value, std::string(name) + ":" + std::to_string(entry.at.line)}});
    constexpr std::size_t kLongest = 60;  // a longer value need not be repeated
    const std::string given = entry.value ? toml_text(*entry.value) : "";
    const bool told = entry.value && given.size() <= kLongest;
    mistakes.add(entry.value_at,
                 joined(path) + (told ? " = " + given : " is " + std::string(entry.type)) + ": " + wrong);
  }

  void unknown(const Table& here, const Entry& entry, const std::vector<std::string>& path) {
    const auto known = names_in(here);
    std::string list;
    for (const std::string_view one : known) list.append(list.empty() ? "" : ", ").append(one);
    ir::Nearest nearest(entry.name);  // of those as near, the last: 'sse4' is what is left of [tuning.sse4.2]
    std::for_each(known.rbegin(), known.rend(), [&](std::string_view one) { nearest.consider(one); });
    std::string hint = nearest.hint();
    for (const Key& key : keys())
      if (hint.empty() && key.name == entry.name)
        hint = "; did you mean '" + std::string(key.table) + (key.table.empty() ? "" : ".") + entry.name + "'?";
    const std::string where = path.size() > 1 ? " in [" + here.scope.table() + "]" : "";
    mistakes.add(entry.at, std::string(entry.is_table ? "unknown table " : "unknown key ") + shown(entry.name) + where +
                               ": must be one of " + list + hint);
  }

  static std::string joined(const std::vector<std::string>& path) {
    std::string out;
    for (const std::string& part : path) out.append(out.empty() ? "" : ".").append(part);
    return out;
  }
};

namespace {

/// The version a text says it is for, if that is one that is not known yet.
const Entry* newer_version(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries)
    if (entry.name == "schema_version" && entry.value)
      if (const auto* version = std::get_if<std::int64_t>(&*entry.value); version && *version > kSchemaVersion)
        return &entry;
  return nullptr;
}

}  // namespace

Configuration::Configuration() {
  rows_.reserve(keys().size());
  for (const Key& key : keys()) {
    rows_.push_back({&key, {built_in(key), "built-in"}, {}});
    if (!key.table.empty())
      for (auto& classes : rows_.back().by) classes.fill(rows_.back().all);
  }
}

Result<Configuration::Problems> Configuration::add_toml(std::string_view text, std::string_view name) {
  Reading reading(text, name);
  const auto refuse = [&](std::vector<Diagnostic> why) {
    problems_.insert(problems_.end(), why.begin(), why.end());
    return Error(Status::invalid_argument, std::move(why));
  };
  const auto parsed = parse_toml(text, name);
  if (!parsed) return refuse(parsed.error().diagnostics);
  if (const Entry* newer = newer_version(*parsed)) {
    reading.mistakes.add(newer->value_at, "schema_version = " + toml_text(*newer->value) + " is newer than " +
                                              std::to_string(kSchemaVersion) +
                                              ", which this library knows: nothing of it applies");
    return refuse(reading.mistakes.take().diagnostics);
  }
  std::vector<std::string> path;
  reading.table(*parsed, path);
  for (int depth = 0; depth <= 2; ++depth)  // what is said for fewer kernels comes later
    for (const Assignment& what : reading.said)
      if (what.scope.depth() == depth) assign(what);
  Problems found = reading.mistakes.take().diagnostics;
  problems_.insert(problems_.end(), found.begin(), found.end());
  return found;
}

bool Configuration::in_environment(const std::function<const char*(const char*)>& lookup) {
  const auto is_set = [&](const Key& key) {
    const char* text = key.environment.empty() ? nullptr : lookup(key.environment.data());
    return text != nullptr && *text != '\0';
  };
  return std::any_of(keys().begin(), keys().end(), is_set);
}

void Configuration::add_environment(const std::function<const char*(const char*)>& lookup) {
  for (const Key& key : keys()) {
    if (key.environment.empty()) continue;
    const std::string variable(key.environment);
    const char* text = lookup(key.environment.data());
    if (text == nullptr || *text == '\0') continue;
    Value value = from_environment(key, text);
    const std::string wrong = complaint(key, &value);
    if (wrong.empty())
      assign({&key, {}, {std::move(value), "environment " + variable}});
    else
      problems_.push_back({{}, variable + "=" + shown(text) + ": " + wrong, {}, {}});
  }
}

void Configuration::fail(Error error) {
  problems_.insert(problems_.end(), error.diagnostics.begin(), error.diagnostics.end());
  failure_ = std::move(error);
}

void Configuration::assign(const Assignment& what) {
  Row& row = *std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.key == what.key; });
  if (what.scope.depth() == 0) row.all = what.cell;
  if (what.key->table.empty()) return;
  for (std::size_t i = 0; i < kIsas; ++i)
    for (std::size_t c = 0; c < kKernelClasses; ++c)
      if ((!what.scope.isa || *what.scope.isa == static_cast<Isa>(i)) &&
          (!what.scope.kernels || *what.scope.kernels == static_cast<KernelClass>(c)))
        row.by[i][c] = what.cell;
}

const Configuration::Cell& Configuration::cell_of(std::string_view name) const {
  return std::find_if(rows_.begin(), rows_.end(),
                      [&](const Row& r) { return r.key->table.empty() && r.key->name == name; })
      ->all;
}

Settings Configuration::settings() const {
  Settings settings;
  for (const Row& row : rows_) {
    if (row.key->set) row.key->set(settings, row.all.value);
    if (!row.key->tune) continue;
    for (std::size_t i = 0; i < kIsas; ++i)
      for (std::size_t c = 0; c < kKernelClasses; ++c) row.key->tune(settings.tuned[i][c], row.by[i][c].value);
  }
  settings.backend_origin = cell_of("jit").origin;
  return settings;
}

Result<Settings> Configuration::outcome() const {
  Settings now = settings();
  if (now.strict && !problems_.empty())
    return Error(failure_.diagnostics.empty() ? Status::invalid_argument : failure_.status, problems_);
  if (!failure_.diagnostics.empty()) return failure_;
  return now;
}

Host Configuration::capped(std::optional<Isa> detected) const {
  const Settings now = settings();
  const auto by = [&](std::string_view key) { return std::string(key) + " (" + cell_of(key).origin + ")"; };
  Host host{detected, detected, 512, {}};
  if (now.isa) host.cap(*now.isa, by("max_isa"));
  if (now.vector_bits != 0) host.cap(now.vector_bits, by("max_vector_bits"));
  return host;
}

std::vector<ConfigurationValue> Configuration::values() const {
  std::vector<ConfigurationValue> out;
  const auto add = [&](const std::string& table, const Row& row, const Cell& cell) {
    const std::string prefix = table.empty() ? "" : table + ".";
    out.push_back({prefix + std::string(row.key->name), toml_text(cell.value), cell.origin});
  };
  for (const Row& row : rows_) {
    add(std::string(row.key->table), row, row.all);
    if (row.key->table.empty()) continue;
    for (std::size_t i = 0; i < kIsas; ++i) {
      const auto& classes = row.by[i];
      const bool alike = std::all_of(classes.begin(), classes.end(), [&](const Cell& c) { return c == classes[0]; });
      if (alike && classes[0] != row.all) add(Scope{static_cast<Isa>(i), {}}.table(), row, classes[0]);
      for (std::size_t c = 0; c < kKernelClasses && !alike; ++c)
        if (classes[c] != row.all)
          add(Scope{static_cast<Isa>(i), static_cast<KernelClass>(c)}.table(), row, classes[c]);
    }
  }
  return out;
}

}  // namespace trueno::runtime
