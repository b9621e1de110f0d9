// The printer: a kernel behind the tables and the reducers it uses, so that its text can be read alone. What stands
// between braces is print_body's.
//
// A reducer that comes with the library is only named, as every reader knows it. Any other is printed: its step and
// merge as they are, and a finish that nobody calls, as a kernel names components of states.
#include "ir/print.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "ir/lex.h"
#include "ir/print_body.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

std::string typed(const std::string& name, Type type) { return name + ": " + std::string(name_of(type)); }

std::string list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

class Printer {
 public:
  explicit Printer(const Kernel& kernel) : k_(kernel), params_(parameter_names(kernel)) {}

  std::vector<PrintedNode> nodes() {
    find_reducers();
    name_tables();
    return print_body_nodes(k_, k_.strict, params_, tables_);
  }

  PrintedKernel run() {
    find_reducers();
    name_tables();
    PrintedKernel out;
    std::string bodies;
    for (const Reducer* r : reducers_) bodies += out.declarations.emplace_back(reducer_text(*r));
    const BodyText body = print_body(k_, k_.strict, params_, tables_);
    out.kernel = header();
    for (const std::string& statement : body.statements) out.kernel += "  " + statement + "\n";
    out.kernel += "  " + body.results + "\n}\n";
    const std::vector<std::string> tables = table_texts(bodies + out.kernel);
    out.declarations.insert(out.declarations.begin(), tables.begin(), tables.end());
    return out;
  }

 private:
  static std::vector<std::string> parameter_names(const Kernel& k) {
    Names names;
    std::vector<std::string> out;
    for (const Param& p : k.params) out.push_back(names.fresh(p.name, out.size() + 1));
    return out;
  }

  // No declaration stands in the order of the nodes, which is another one when the text is read back: reducers are
  // sorted, tables stand in the order in which the text mentions them.

  /// Those of users that the kernel needs, without their filters, each once.
  void find_reducers() {
    const std::vector<std::uint32_t> uses = uses_of(k_);
    for (NodeId id = 0; id < k_.nodes.size(); ++id) {
      if (uses[id] == 0 || !(k_[id].op == Op::reduce || k_[id].op == Op::component)) continue;
      const Node& n = k_[id].op == Op::reduce ? k_[id] : k_[k_[id].args[0]];
      const Reducer& r = without_filter(*k_.reducers[n.imm]);
      if (r.built_in) continue;
      if (std::none_of(reducers_.begin(), reducers_.end(),
                       [&](const Reducer* known) { return same_reducer(*known, r); }))
        reducers_.push_back(&r);
    }
    const auto key = [](const Reducer* r) { return std::pair(r->name, types_of(r->step)); };
    std::sort(reducers_.begin(), reducers_.end(), [&](const Reducer* a, const Reducer* b) { return key(a) < key(b); });
  }
  static std::vector<Type> types_of(const Kernel& k) {
    std::vector<Type> out;
    for (const Param& p : k.params) out.push_back(p.type);
    return out;
  }

  // A table is in sight of everything behind it: no parameter may have its name.
  void name_tables() {
    Names names;
    for (const std::string& name : params_) names.take(name);
    for (const Reducer* r : reducers_)
      for (const Kernel* part : {&r->step, &r->merge})
        for (const std::string& name : parameter_names(*part)) names.take(name);
    std::vector<const Table*> tables;
    for (const Reducer* r : reducers_) add_tables(r->step, tables), add_tables(r->merge, tables);
    add_tables(k_, tables);
    std::sort(tables.begin(), tables.end(), [](const Table* a, const Table* b) { return key_of(*a) < key_of(*b); });
    for (const Table* t : tables) tables_.list.emplace_back(*t, names.fresh(t->name));
  }
  static void add_tables(const Kernel& k, std::vector<const Table*>& out) {
    const std::vector<std::uint32_t> uses = uses_of(k);
    for (NodeId id = 0; id < k.nodes.size(); ++id) {
      if (uses[id] == 0 || k[id].op != Op::table) continue;
      const Table& table = k.tables[k[id].imm];
      if (std::none_of(out.begin(), out.end(), [&](const Table* known) { return *known == table; }))
        out.push_back(&table);
    }
  }
  /// By name, a number at its end as one, as fresh names have it: t, t_2, t_10.
  static std::tuple<std::string, std::size_t, std::string, Type, std::vector<std::uint64_t>> key_of(const Table& t) {
    std::size_t digits = t.name.size();
    while (digits > 0 && t.name[digits - 1] >= '0' && t.name[digits - 1] <= '9') --digits;
    const bool numbered = digits > 0 && t.name[digits - 1] == '_' && digits < t.name.size();
    const std::string stem = numbered ? t.name.substr(0, digits - 1) : t.name;
    const std::string number = numbered ? t.name.substr(digits) : "";
    return {stem, number.size(), number, t.type, t.entries};
  }

  std::vector<std::string> table_texts(const std::string& bodies) const {
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const auto& [table, name] : tables_.list) {
      std::size_t at = bodies.find(name + "[");
      while (at != std::string::npos && continues_name(bodies[at - 1])) at = bodies.find(name + "[", at + 1);
      found.emplace_back(at, table_text(table, name));
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> out;
    for (auto& [at, text] : found) out.push_back(std::move(text));
    return out;
  }
  static bool continues_name(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  static std::string table_text(const Table& t, const std::string& name) {
    std::string out = "table " + typed(name, t.type) + "[" + std::to_string(t.entries.size()) + "] = [";
    for (std::size_t i = 0; i < t.entries.size(); ++i)
      out += (i == 0 ? "" : i % 8 == 0 ? ",\n  " : ", ") + print_literal(t.type, t.entries[i]);
    return out + "]\n";
  }

  std::string reducer_text(const Reducer& r) const {
    const std::vector<std::string> names = parameter_names(r.step), later = parameter_names(r.merge);
    const auto size = static_cast<std::ptrdiff_t>(r.state.size());
    std::vector<std::string> state, operands;
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::string one = typed(names[i], r.step.params[i].type);
      if (i >= r.state.size()) operands.push_back(std::move(one));
      if (i < r.state.size()) state.push_back(one + " = " + print_literal(r.state[i].type, r.state[i].init));
    }
    return "reduce " + r.name + "(" + list(operands) + ") -> " + std::string(name_of(r.state[0].type)) + "\n  state (" +
           list(state) + ")\n" + (r.needs_elements ? "  empty refused\n" : "") + "{\n  step " + part(r.step, names) +
           "\n  merge (" + list({later.begin() + size, later.end()}) + ") " + part(r.merge, later) + "\n  finish { " +
           names[0] + " }\n}\n";
  }

  /// Parts of reducers contract, whatever the kernel does.
  std::string part(const Kernel& k, const std::vector<std::string>& params) const {
    const BodyText body = print_body(k, false, params, tables_);
    if (body.statements.empty()) return "{ " + body.results + " }";
    std::string out = "{\n";
    for (const std::string& statement : body.statements) out += "    " + statement + "\n";
    return out + "    " + body.results + "\n  }";
  }

  std::string header() const {
    std::vector<std::string> params;
    for (std::size_t i = 0; i < k_.params.size(); ++i)
      params.push_back(typed(params_[i], k_.params[i].type) + (k_.params[i].is_array() ? "[]" : ""));
    return std::string(k_.strict ? "strict " : "") + "kernel " + (is_bindable(k_.name) ? k_.name : "kernel_") + "(" +
           list(params) + ") -> " + results() + " {\n";
  }

  std::string results() const {
    std::string out;
    std::unordered_set<std::string> names;
    for (const Output& o : k_.outputs) {
      const bool named = is_bindable(o.name) && names.insert(o.name).second;
      out += (out.empty() ? "" : ", ") + (named ? o.name + ": " : "") + std::string(name_of(k_[o.value].type)) +
             (o.array ? "[]" : "");
    }
    const bool plain = k_.outputs.size() == 1 && names.empty();
    return plain ? out : "(" + out + ")";
  }

  const Kernel& k_;
  std::vector<std::string> params_;
  std::vector<const Reducer*> reducers_;
  TableNames tables_;
};

}  // namespace

PrintedKernel print_parts(const Kernel& kernel) { return Printer(kernel).run(); }
std::vector<PrintedNode> print_nodes(const Kernel& kernel) { return Printer(kernel).nodes(); }

std::string print(const Kernel& kernel) {
  const PrintedKernel parts = print_parts(kernel);
  std::string out;
  for (const std::string& declaration : parts.declarations) out += declaration;
  return out + parts.kernel;
}

}  // namespace trueno::ir
