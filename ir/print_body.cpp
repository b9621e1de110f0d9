// Bodies as text: one walk over the nodes in their order; each becomes a piece of text that is either bound to
// a name (a statement) or kept to be put in its only user's place.
//
// Printing must survive parsing: an fma is printed as a call, and a product that the contraction rule would
// take for part of one is printed as `mul(a, b)`, which is not a multiplication to that rule. Infix is used
// wherever it is safe. Text longer than a line's worth is given a name, which also bounds the nesting.
#include "ir/print_body.h"

#include <algorithm>

#include "ir/contract.h"
#include "ir/lex.h"
#include "ir/print.h"
#include "ir/reducer.h"
#include "ir/typing.h"

namespace trueno::ir {
namespace {

constexpr std::size_t kLongestInline = 64;

// Precedence as in expression.h.
constexpr int kOr = 1, kAnd = 2, kCompare = 4, kAdd = 5, kMul = 6, kUnary = 7, kAtom = 8;

int level_of(Op op) {
  switch (op) {
    case Op::add:
    case Op::sub: return kAdd;
    case Op::mul:
    case Op::div: return kMul;
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return kCompare;
    case Op::bit_and: return kAnd;
    case Op::bit_or: return kOr;
    default: return kAtom;
  }
}

/// The node whose operands stand in the text of this one: a component repeats those of its reduction.
const Node& written(const Kernel& k, NodeId id) { return k[id].op == Op::component ? k[k[id].args[0]] : k[id]; }

/// The text of a value, and how tightly it holds together.
struct Piece {
  std::string text;
  int level = kAtom;
  bool named = false;  ///< text is a name
};

class BodyPrinter {
 public:
  BodyPrinter(const Kernel& kernel, bool strict, const std::vector<std::string>& params, const TableNames& tables,
              Names names)
      : k_(kernel),
        strict_(strict),
        params_(params),
        tables_(tables),
        names_(std::move(names)),
        uses_(uses_of(kernel)),
        pieces_(kernel.nodes.size()) {}

  BodyText run() {
    walk();
    return std::move(out_);
  }

  /// A node without a line of its own stands on that of its user, so users come first.
  std::vector<PrintedNode> nodes() {
    walk();
    std::vector<PrintedNode> out(pieces_.size());
    std::vector<std::uint32_t> line(pieces_.size(), kNoLine);
    for (std::uint32_t i = 0; i < bound_.size(); ++i) line[bound_[i]] = i + 1;
    const auto stands_on = [&](NodeId id, std::uint32_t where) {
      if (!std::binary_search(bound_.begin(), bound_.end(), id)) line[id] = std::min(line[id], where);
    };
    for (const Output& o : k_.outputs) stands_on(o.value, static_cast<std::uint32_t>(bound_.size()) + 1);
    for (NodeId id = static_cast<NodeId>(pieces_.size()); id-- > 0;) {
      if (uses_[id] == 0) continue;
      const bool parameter = at(id).op == Op::param_array || at(id).op == Op::param_scalar;
      out[id] = {is_literal(id) ? plain(id) : pieces_[id].text, pieces_[id].named, parameter ? 0 : line[id]};
      for (NodeId operand : operands(k_, written(k_, id))) stands_on(operand, line[id]);
    }
    return out;
  }

 private:
  static constexpr std::uint32_t kNoLine = ~0u;

  const Node& at(NodeId id) const { return k_.nodes[id]; }

  void walk() {
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      if (uses_[id] > 0) node(id);
    for (const Output& o : k_.outputs) out_.results += (out_.results.empty() ? "" : ", ") + result(o);
  }

  void node(NodeId id) {
    const Node& n = at(id);
    Piece& piece = pieces_[id];
    if (n.op == Op::param_array || n.op == Op::param_scalar) {
      piece = {params_[n.imm], kAtom, true};
      return;
    }
    if (n.op == Op::constant && n.name.empty()) return;  // printed where it is used
    piece = n.op == Op::constant ? Piece{typed(id)} : expression(id);
    const bool inlined = n.name.empty() && (uses_[id] == 1 || n.op == Op::count) && piece.text.size() <= kLongestInline;
    if (inlined) return;
    // Names are given in the order of the statements, so equal kernels get equal ones.
    const std::string name = n.name.empty() ? names_.fresh("", ++generated_) : names_.fresh(n.name);
    out_.statements.push_back(name + " = " + piece.text);
    bound_.push_back(id);
    piece = {name, kAtom, true};
  }

  bool is_literal(NodeId id) const { return at(id).op == Op::constant && !pieces_[id].named; }
  std::string plain(NodeId id) const { return print_literal(at(id).type, at(id).imm); }
  std::string typed(NodeId id) const { return std::string(name_of(at(id).type)) + "(" + plain(id) + ")"; }

  /// An operand where the context gives no type: a literal says its own.
  std::string closed(NodeId id) const { return is_literal(id) ? typed(id) : pieces_[id].text; }
  std::string result(const Output& o) const {
    return is_literal(o.value) && is_number(at(o.value).type) ? plain(o.value) : closed(o.value);
  }

  /// Operands that share one type: a literal may be plain if something beside it has the type.
  void alike(const Node& n, std::size_t first, std::string (&out)[3]) const {
    bool anchored = is_mask(at(n.args[first]).type);
    for (std::size_t i = first; i < n.arity; ++i) anchored |= !is_literal(n.args[i]);
    for (std::size_t i = first; i < n.arity; ++i) {
      const bool bare = is_literal(n.args[i]) && anchored && is_number(at(n.args[i]).type);
      out[i] = bare ? plain(n.args[i]) : closed(n.args[i]);
      anchored = true;
    }
  }

  Piece expression(NodeId id) {
    const Node& n = at(id);
    std::string args[3];
    switch (row(n.op).typing) {
      case Typing::leaf: return structural(n);
      case Typing::convert:
      case Typing::mask_convert: return {std::string(name_of(n.type)) + "(" + closed(n.args[0]) + ")"};
      case Typing::bitcast: {
        std::string name(row(n.op).text);
        return {name + "." + std::string(name_of(n.type)) + "(" + closed(n.args[0]) + ")"};
      }
      case Typing::table: return {tables_.name(k_.tables[n.imm]) + "[" + closed(n.args[0]) + "]"};
      case Typing::reduce: return reduction(n);
      case Typing::select:
        args[0] = closed(n.args[0]);
        alike(n, 1, args);
        break;
      case Typing::scaling: scaling(n, args); break;
      default: alike(n, 0, args);
    }
    if (n.op == Op::neg) return negation(n, args[0]);
    const int level = level_of(n.op);
    return level == kAtom ? Piece{call_text(row(n.op).text, args, n.arity)} : infix(n, level, args);
  }

  static std::string call_text(std::string_view name, const std::string* args, std::size_t n) {
    std::string out = std::string(name) + "(";
    for (std::size_t i = 0; i < n; ++i) out += (i == 0 ? "" : ", ") + args[i];
    return out + ")";
  }

  Piece infix(const Node& n, int level, std::string (&args)[3]) {
    const NodeId a = n.args[0], b = n.args[1];
    const bool sum = level == kAdd && is_float(n.type) && !strict_;
    const bool fuses = sum && product(a) != product(b);
    // Comparisons do not chain; the others associate to the left.
    std::string left =
        fuses && product(a) ? as_call(a) : parenthesised(a, args[0], level + (level == kCompare ? 1 : 0));
    std::string right = fuses && product(b) ? as_call(b) : parenthesised(b, args[1], level + 1);
    return {left + " " + std::string(n.op == Op::bit_and || n.op == Op::bit_or ? row(n.op).text : spelling(n.op)) +
                " " + right,
            level};
  }

  /// Would this be printed as a multiplication?
  bool product(NodeId id) const { return at(id).op == Op::mul && !pieces_[id].named; }

  std::string as_call(NodeId id) const {
    std::string args[3];
    alike(at(id), 0, args);
    return call_text("mul", args, 2);
  }

  std::string parenthesised(NodeId id, const std::string& text, int least) const {
    const int level = is_literal(id) ? kAtom : pieces_[id].level;
    return level < least ? "(" + text + ")" : text;
  }

  Piece negation(const Node& n, const std::string& text) const {
    const NodeId a = n.args[0];
    if (is_literal(a)) return {"neg(" + text + ")"};  // -2 would be a literal
    return {"-" + parenthesised(a, text, kUnary), kUnary};
  }

  Piece structural(const Node& n) const {
    if (n.op == Op::call) return call(n);
    if (n.op == Op::reduce) return component(n, 0);
    if (n.op == Op::component) return component(at(n.args[0]), n.imm);
    return {std::string(row(n.op).text) + "()"};
  }

  /// A component of a reducer's state; one reduction, however many of its components are named.
  Piece component(const Node& n, std::size_t which) const {
    const Reducer& r = *k_.reducers[n.imm];
    std::string args[3];
    for (std::size_t i = 0; i < n.arity; ++i) args[i] = closed(n.args[i]);
    if (n.mask != kNoNode) args[n.arity - 1] += " where " + closed(n.mask);
    return {call_text(r.name + "." + r.state[which].name, args, n.arity)};
  }

  Piece reduction(const Node& n) const {
    std::string args[3];
    for (std::size_t i = 0; i < n.arity; ++i) args[i] = closed(n.args[i]);
    if (n.op == Op::reduce_sum && product(n.args[0]) && !strict_) args[0] = as_call(n.args[0]);
    if (n.mask != kNoNode) args[n.arity - 1] += " where " + closed(n.mask);
    return {call_text(row(n.op).text, args, n.arity)};
  }

  // An exponent that is a literal is taken for an integer.
  void scaling(const Node& n, std::string (&args)[3]) const {
    const NodeId a = n.args[0], b = n.args[1];
    args[0] = is_literal(a) && !is_literal(b) ? plain(a) : closed(a);
    args[1] = is_literal(b) && is_int(at(b).type) ? plain(b) : closed(b);
  }

  Piece call(const Node& n) const {
    const Call& c = k_.calls[n.imm];
    const bool contracts = contracts_products(c.callee);
    std::string out = c.callee + "(";
    for (std::size_t i = 0; i < c.args.size(); ++i)
      out += (c.masked && i + 1 == c.args.size() ? " where "
              : i == 0                           ? ""
                                                 : ", ") +
             (contracts && product(c.args[i]) ? as_call(c.args[i]) : closed(c.args[i]));
    return {out + ")"};
  }

  const Kernel& k_;
  bool strict_;
  const std::vector<std::string>& params_;
  const TableNames& tables_;
  Names names_;
  std::vector<std::uint32_t> uses_;
  std::vector<Piece> pieces_;
  BodyText out_;
  std::vector<NodeId> bound_;  // whose names the statements give
  std::size_t generated_ = 0;
};

Names names_beside(const std::vector<std::string>& params, const TableNames& tables) {
  Names names;
  for (const std::string& name : params) names.take(name);
  for (const auto& [table, name] : tables.list) names.take(name);
  return names;
}

}  // namespace

// Operands stand before their users, so one walk backwards does.
std::vector<std::uint32_t> uses_of(const Kernel& kernel) {
  std::vector<std::uint32_t> uses(kernel.nodes.size());
  for (const Output& o : kernel.outputs) ++uses[o.value];
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;)
    if (uses[id] > 0)
      for (NodeId operand : operands(kernel, written(kernel, id))) ++uses[operand];
  return uses;
}

std::string Names::fresh(const std::string& wanted, std::size_t number) {
  const bool good = is_bindable(wanted);
  const std::string stem = good ? wanted : "v";
  if (good && taken_.insert(wanted).second) return wanted;
  for (;; ++number) {
    std::string name = stem.substr(0, kMaxName - 8) + (good ? "_" : "") + std::to_string(number);
    if (taken_.insert(name).second) return name;
  }
}

BodyText print_body(const Kernel& kernel, bool strict, const std::vector<std::string>& params,
                    const TableNames& tables) {
  return BodyPrinter(kernel, strict, params, tables, names_beside(params, tables)).run();
}

std::vector<PrintedNode> print_body_nodes(const Kernel& kernel, bool strict, const std::vector<std::string>& params,
                                          const TableNames& tables) {
  return BodyPrinter(kernel, strict, params, tables, names_beside(params, tables)).nodes();
}

}  // namespace trueno::ir
