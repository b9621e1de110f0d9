// Signatures and results; see check.h.
#include "ir/check.h"

#include <bit>

#include "ir/elaborate.h"
#include "ir/literal.h"
#include "ir/reducer.h"

namespace trueno::ir {
namespace {

constexpr std::uint64_t kMaxEntries = 256;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// A type as a result may be declared: `mask` leaves the width to the value.
struct ResultType {
  bool known = false, any_mask = false, array = false;
  Type type = Type::f32;
  std::string text() const { return std::string(any_mask ? "mask" : name_of(type)) + (array ? "[]" : ""); }
};

class Checker {
 public:
  Checker(const Syntax& syntax, const Catalogue& ops, Mistakes& mistakes)
      : syntax_(syntax), environment_(ops), mistakes_(mistakes) {}

  Module module() {
    for (const Declaration& d : syntax_.declarations) {
      if (d.kind == Declaration::Kind::table) table(d);
      if (d.kind == Declaration::Kind::op || d.kind == Declaration::Kind::reduce) op(d);
      if (d.kind == Declaration::Kind::kernel) kernel(d);
    }
    out_.definitions = std::move(environment_.ops);
    return std::move(out_);
  }

  Kernel expression(const std::vector<FreeName>& names) {
    const Declaration& d = syntax_.declarations.front();
    Elaborator body(syntax_, d, environment_, mistakes_, {});
    body.kernel.name = "expression";
    for (const FreeName& free : names) free_name(body, free);
    statements(body, d);
    for (ExprId value : d.values) result(body, value, nullptr, {});
    body.finish();
    if (mistakes_.none() && d.values.empty()) fail(d.at, "there is no expression: nothing is computed");
    if (mistakes_.none()) unused(body);
    return std::move(body.kernel);
  }

 private:
  void fail(Position at, std::string message) { mistakes_.add(at, std::move(message)); }

  void table(const Declaration& d) {
    const std::size_t before = mistakes_.count();
    Table table;
    table.name = d.name;
    const Type type = type_named(d.element.text).value_or(Type::m32);
    if (environment_.table(d.name) != nullptr || Environment::contains(environment_.failed_tables, d.name))
      fail(d.at, "table " + quoted(d.name) + " is declared twice");
    if (!d.broken && is_mask(type))
      fail(d.element.at, quoted(d.element.text) + " cannot be in a table; f32, f64, i32 and i64 can");
    if (!d.broken && (d.size == 0 || d.size > kMaxEntries || !std::has_single_bit(d.size)))
      fail(d.at, "a table of " + std::to_string(d.size) + " entries; the number must be a power of two, at most " +
                     std::to_string(kMaxEntries));
    else if (!d.broken && d.size != d.values.size())
      fail(d.at, "table " + quoted(d.name) + " is declared with " + std::to_string(d.size) + " entries, but has " +
                     std::to_string(d.values.size()));
    for (ExprId id : d.values) {
      const Expr& e = syntax_[id];
      if (is_mask(type) || e.kind != Expr::Kind::literal) continue;
      LiteralBits entry = literal_bits(e.text, e.form, e.negative, type);
      if (!entry.problem.empty()) fail(e.at, std::move(entry.problem));
      table.entries.push_back(entry.bits);
    }
    if (d.broken || mistakes_.count() != before) return environment_.failed_tables.push_back(d.name);
    table.type = type;
    environment_.tables.push_back(std::move(table));
  }

  void kernel(const Declaration& d) {
    for (const Declaration* other = syntax_.declarations.data(); other != &d; ++other)
      if (other->kind == d.kind && other->name == d.name) fail(d.at, "kernel " + quoted(d.name) + " is declared twice");
    if (d.broken) return;
    Elaborator body(syntax_, d, environment_, mistakes_, {});
    for (const Declared& p : d.params) parameter(body, p, true);
    std::vector<ResultType> declared;
    for (const Declared& r : d.results) declared.push_back(result_type(body, r));
    result_names(d);
    statements(body, d);
    results(body, d, declared);
    body.finish();
    if (mistakes_.none()) out_.kernels.push_back(std::move(body.kernel));
  }

  // An op is checked once for each type of its variable; the first type with a mistake speaks for all.
  void op(const Declaration& d) {
    const std::size_t before = mistakes_.count();
    std::vector<TypeVariable> variants;
    for (const TypeText& t : d.types) {
      const std::optional<Type> type = type_named(t.text);
      if (!type) fail(t.at, quoted(t.text) + " is no type; f32, f64, i32 and i64 are");
      for (const TypeVariable& v : variants)
        if (v.type == type) fail(t.at, quoted(t.text) + " is listed twice");
      variants.push_back({d.variable, type.value_or(Type::f32)});
    }
    if (d.types.empty()) variants.push_back({});
    bool good = !d.broken && mistakes_.count() == before;
    for (std::size_t v = 0; good && v < variants.size(); ++v) {
      std::optional<Definition> definition =
          d.kind == Declaration::Kind::op ? define(d, variants[v]) : define_reducer(d, variants[v]);
      good = definition.has_value();
      if (good) environment_.ops.push_back(std::move(*definition));
    }
    if (!good) environment_.failed_ops.push_back(d.name);
  }

  std::optional<Definition> define(const Declaration& d, TypeVariable variable) {
    const std::size_t before = mistakes_.count();
    Elaborator body(syntax_, d, environment_, mistakes_, variable);
    for (const Declared& p : d.params) parameter(body, p, false);
    const ResultType declared = result_type(body, d.results.front());
    if (declared.array) fail(d.results.front().type.at, "an op is about one element; write the type without []");
    statements(body, d);
    results(body, d, {declared});
    body.finish();
    // The count alone does not tell: a mistake of the lexer was there before, and counting ends at a limit.
    if (mistakes_.count() != before || d.broken_body || body.kernel.outputs.size() != 1) return std::nullopt;
    std::vector<Type> types;
    for (const Param& p : body.kernel.params) types.push_back(p.type);
    return described(d, std::move(types), std::move(body.kernel));
  }

  std::optional<Definition> described(const Declaration& d, std::vector<Type> types, Kernel body) {
    Definition out;
    out.name = d.name;
    out.types = std::move(types);
    out.result = body[body.outputs.front().value].type;
    out.doc = d.doc;
    out.reference = d.reference;
    out.at = d.at;
    for (const BoundText& b : d.bounds) out.bounds.push_back({std::string(b.tier), b.ulp, b.floor});
    out.body = std::move(body);
    if (d.kind == Declaration::Kind::op) out.spreads = find_spreads(out);
    for (const Node& n : out.body.nodes) out.asks = static_cast<std::uint8_t>(out.asks | asks(out.body, n));
    for (const Definition& other : environment_.ops)
      if (other.name == out.name && other.types == out.types)
        return fail(d.at, (out.reducer ? "reducer " : "op ") + quoted(d.name) + " of (" + list_of(out.types) +
                              ") is declared twice"),
               std::nullopt;
    return out;
  }

  // A reducer is three bodies over one state. What they must not contain is found in their nodes.
  std::optional<Definition> define_reducer(const Declaration& d, TypeVariable variable) {
    const std::size_t before = mistakes_.count();
    if (d.params.empty() || d.params.size() > 3)
      fail(d.at, "reducer " + quoted(d.name) + " takes " + std::to_string(d.params.size()) +
                     " operands; 1, 2 and 3 are possible");
    auto reducer = std::make_shared<Reducer>();
    reducer->name = d.name;
    reducer->needs_elements = d.needs_elements;
    std::optional<Kernel> bodies[3];
    for (std::size_t i = 0; i < 3; ++i) bodies[i] = part(d.parts[i], variable, i == 2);
    if (mistakes_.count() != before || !bodies[0] || !bodies[1] || !bodies[2]) return std::nullopt;
    reducer->step = *std::move(bodies[0]);
    reducer->merge = *std::move(bodies[1]);
    for (std::size_t i = 0; i < d.state.size(); ++i) {
      const Expr& e = syntax_[d.values[i]];
      const Type type = reducer->step.params[i].type;
      LiteralBits start = literal_bits(e.text, e.form, e.negative, type);
      if (!start.problem.empty()) fail(e.at, std::move(start.problem));
      reducer->state.push_back({std::string(d.state[i].name), type, start.bits});
      component(d, d.state[i]);
    }
    if (mistakes_.count() != before) return std::nullopt;
    std::vector<Type> types;
    for (std::size_t i = d.state.size(); i < reducer->step.params.size(); ++i)
      types.push_back(reducer->step.params[i].type);
    std::optional<Definition> out = described(d, std::move(types), *std::move(bodies[2]));
    if (!out) return out;
    out->reducer = std::move(reducer);
    out->spreads.assign(out->types.size(), false);
    return out;
  }

  // Expanded kernels name components, as in argmin.key(x): such a name must mean nothing else.
  void component(const Declaration& d, const Declared& state) {
    const std::string name = std::string(d.name) + "." + std::string(state.name);
    if (name.size() > kMaxName)
      fail(state.at, quoted(name) + ", as this component is called where the reducer is used, is longer than " +
                         std::to_string(kMaxName) + " bytes; shorten one of its names");
    const bool primitive =
        std::any_of(std::begin(kPrimitives), std::end(kPrimitives), [&](const Primitive& p) { return p.text == name; });
    if (primitive || !environment_.overloads(name).empty())
      fail(state.at, quoted(name) +
                         ", as this component is called where the reducer is used, is an operation already; "
                         "choose another name");
  }

  std::uint8_t asks(const Kernel& body, const Node& n) const {
    if (n.op == Op::index) return kAsksIndex;
    if (n.op == Op::count) return kAsksCount;
    if (n.op != Op::call) return is_reduced(n.op) ? kAsksReduction : 0;
    const Call& call = body.calls[n.imm];
    std::vector<Type> types;
    for (std::size_t i = 0; i + (call.masked ? 1 : 0) < call.args.size(); ++i) types.push_back(body[call.args[i]].type);
    const Definition* callee = environment_.find(call.callee, types);
    if (callee == nullptr) return 0;
    return callee->reducer ? std::uint8_t{kAsksReduction} : callee->asks;
  }

  std::optional<Kernel> part(const Declaration& d, TypeVariable variable, bool finish) {
    Elaborator body(syntax_, d, environment_, mistakes_, variable);
    for (const Declared& p : d.params) parameter(body, p, false);
    std::vector<ResultType> declared;
    for (const Declared& r : d.results) {
      declared.push_back(result_type(body, r));
      if (r.type.array) fail(r.type.at, "a reducer is about one element; write the type without []");
      if (declared.back().known && (declared.back().any_mask || is_mask(declared.back().type)))
        fail(r.type.at, "a reducer's state and result are numbers; use i32 and compare: x != 0");
    }
    const std::size_t before = mistakes_.count();
    statements(body, d);
    results(body, d, declared);
    body.finish();
    if (mistakes_.count() != before || d.broken_body || body.kernel.outputs.size() != d.results.size())
      return std::nullopt;
    for (const Node& n : body.kernel.nodes) {
      const std::uint8_t asked = asks(body.kernel, n);
      const std::string by = n.op == Op::call ? "; op " + quoted(body.kernel.calls[n.imm].callee) + " asks it" : "";
      if (asked & kAsksReduction) fail(n.at, "a reducer cannot contain another reduction");
      if (asked & kAsksIndex) fail(n.at, "index() is not known in a reducer; make it an operand" + by);
      if ((asked & kAsksCount) && !finish) fail(n.at, "count() is known in 'finish' only" + by);
    }
    return std::move(body.kernel);
  }

  void parameter(Elaborator& body, const Declared& p, bool arrays) {
    const std::optional<Type> type = body.type_named(p.type.text);
    if (!type)
      fail(p.type.at,
           quoted(p.type.text) + (p.type.text == "mask" ? " cannot be a parameter; pass i32 and compare: x != 0"
                                                        : " is no type; f32, f64, i32 and i64 are"));
    else if (arrays && is_mask(*type))
      fail(p.type.at, "a mask cannot be a parameter; pass i32 and compare: x != 0");
    if (!arrays && p.type.array) fail(p.type.at, "an op is about one element; write the type without []");
    const bool fine = bindable(body, p.name, p.at, "a parameter");
    // After a mistake the name is bound all the same, as something wrong: uses of it are not unknown.
    if (type && fine)
      body.parameter(p.name, type, p.type.array, p.at);
    else
      body.broken_name(p.name, p.at);
  }

  bool bindable(const Elaborator& body, std::string_view name, Position at, std::string_view what) {
    if (!is_bindable(name))
      fail(at, quoted(name) + " cannot name " + std::string(what) +
                   (is_reserved(name) ? ": it is a word of the language" : ""));
    else if (body.values().contains(name))
      fail(at, quoted(name) + " names two parameters");
    else if (environment_.table(name) != nullptr)
      fail(at, quoted(name) + " is a table; choose another name");
    else
      return true;
    return false;
  }

  void free_name(Elaborator& body, const FreeName& free) {
    if (free.array && !free.type) fail({}, "the array " + quoted(free.name) + " has no type");
    if (free.type && is_mask(*free.type))
      fail({}, quoted(free.name) + " cannot be a mask; pass i32 and compare: x != 0");
    if (bindable(body, free.name, {}, "a value")) body.parameter(free.name, free.type, free.array, {});
  }

  void unused(const Elaborator& body) {
    for (const Binding& b : body.values().list())
      if (!b.used && b.at.line == 0) fail({}, quoted(b.name) + " is given but not used in the expression");
  }

  ResultType result_type(const Elaborator& body, const Declared& r) {
    ResultType out;
    out.array = r.type.array;
    out.any_mask = r.type.text == "mask";
    const std::optional<Type> type = body.type_named(r.type.text);
    out.known = type || out.any_mask;
    if (!out.known) fail(r.type.at, quoted(r.type.text) + " is no type; f32, f64, i32, i64 and mask are");
    if (type) out.type = *type;
    return out;
  }

  void result_names(const Declaration& d) {
    for (std::size_t i = 0; i < d.results.size(); ++i) {
      const Declared& r = d.results[i];
      if (r.name.empty()) continue;
      if (!is_bindable(r.name)) fail(r.at, quoted(r.name) + " cannot name a result");
      for (std::size_t j = 0; j < i; ++j)
        if (d.results[j].name == r.name) fail(r.at, quoted(r.name) + " names two results");
    }
  }

  void statements(Elaborator& body, const Declaration& d) {
    for (const Statement& s : d.statements) body.statement(s);
  }

  void results(Elaborator& body, const Declaration& d, const std::vector<ResultType>& declared) {
    const std::string_view what = d.kind == Declaration::Kind::op ? "op " : "kernel ";
    if (!d.broken_body && d.values.empty())
      fail(d.at, std::string(what) + quoted(d.name) + " has no result expression; it stands last in the body");
    else if (!d.broken_body && d.values.size() != declared.size())
      fail(d.at, std::string(what) + quoted(d.name) + " declares " + std::to_string(declared.size()) +
                     (declared.size() == 1 ? " result" : " results") + ", but its body gives " +
                     std::to_string(d.values.size()));
    for (std::size_t i = 0; i < d.values.size(); ++i)
      result(body, d.values[i], i < declared.size() ? &declared[i] : nullptr,
             i < d.results.size() ? d.results[i].name : std::string_view());
  }

  void result(Elaborator& body, ExprId id, const ResultType* declared, std::string_view name) {
    const bool typed = declared != nullptr && declared->known && !declared->any_mask;
    const NodeId node = body.result(id, typed ? std::optional(declared->type) : std::nullopt);
    if (node == kNoNode) return;
    const Expr& e = syntax_[id];
    const Node& value = body.kernel[node];
    const bool is_op = body.kind() == Declaration::Kind::op;
    if (declared != nullptr && declared->known) {
      const bool fits = declared->any_mask ? is_mask(value.type) : value.type == declared->type;
      const Type to = declared->any_mask ? mask_of(value.type) : declared->type;
      if (!fits)
        return fail(e.at, "the result is declared " + declared->text() + ", but its value is " +
                              std::string(name_of(value.type)) +
                              "; there is no implicit conversion: " + remedy(value.type, to));
      if (!declared->array && value.varying && !is_op)
        return fail(e.at, "the result is declared " + declared->text() +
                              ", one value, but this has a value for every " + "element; declare " + declared->text() +
                              "[], or reduce it, as in sum(...)");
    }
    Output output;
    output.name = name.empty() && declared == nullptr && e.kind == Expr::Kind::name ? e.text : name;
    output.value = node;
    output.array = declared != nullptr ? declared->array : value.varying;
    body.kernel.outputs.push_back(std::move(output));
  }

  const Syntax& syntax_;
  Environment environment_;
  Mistakes& mistakes_;
  Module out_;
};

}  // namespace

Module check_module(const Syntax& syntax, const Catalogue& ops, Mistakes& mistakes) {
  return Checker(syntax, ops, mistakes).module();
}

Kernel check_expression(const Syntax& syntax, const std::vector<FreeName>& names, const Catalogue& ops,
                        Mistakes& mistakes) {
  return Checker(syntax, ops, mistakes).expression(names);
}

}  // namespace trueno::ir
