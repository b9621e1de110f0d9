// Replaces calls of ops by their definitions, until only primitives are left, and makes NaN canonical where
// it can be seen.
//
// A definition's body is a kernel with scalar parameters; inlining copies its nodes and puts the arguments in
// the place of the parameters. Whether a value varies is decided again by the caller's arguments. The
// `canonical` nodes go in on the way: before a bitcast, before the sign operand of copysign, and before
// results. Later passes drop those that prove needless.
//
// `where` on a call is a filter on every reduction inside, however deep, and count() inside counts what passes.
#include <algorithm>
#include <optional>
#include <utility>

#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"
#include "ir/reducer.h"
#include "ir/typing.h"

namespace trueno::ir {
namespace {

class Expander {
 public:
  Expander(const Kernel& kernel, const Catalogue& ops) : source_(kernel), ops_(ops) {
    out_.name = kernel.name;
    out_.strict = kernel.strict;
    out_.params = kernel.params;
    out_.outputs = kernel.outputs;
    out_.nodes.reserve(kernel.nodes.size() + 2 * kernel.outputs.size());
  }

  /// `inside`: what comes out goes on inside a reduction, where nobody observes it.
  Result<Kernel> run(bool inside = false) {
    std::vector<NodeId> now(source_.nodes.size(), kNoNode);
    if (!inline_body(source_, now, nullptr, {})) return *std::move(error_);
    for (Output& out : out_.outputs) out.value = inside ? now[out.value] : observed(now[out.value]);
    if (out_.nodes.size() > kMaxNodes) return too_large({});
    if (!inside) out_.guards = find_guards(out_);
    return std::move(out_);
  }

 private:
  /// Copies the nodes of `body`, filling `now` (by id in the body: the node in the result). For a definition,
  /// `arguments` stand for its parameters. False: error_ says why.
  bool inline_body(const Kernel& body, std::vector<NodeId>& now, const std::vector<NodeId>* arguments, Position at) {
    std::vector<std::uint64_t> tables;  // by index in the body: index in the result
    for (const Table& table : body.tables) tables.push_back(merged(table));
    for (NodeId id = 0; id < body.nodes.size(); ++id) {
      const Node& node = body[id];
      if (arguments != nullptr && (node.op == Op::param_scalar || node.op == Op::param_array))
        now[id] = (*arguments)[node.imm];
      else if (node.op == Op::call)
        now[id] = inline_call(body, node, now, arguments != nullptr ? at : node.at);
      else
        now[id] = copied(body, node, now, tables, arguments != nullptr ? at : node.at);
      if (now[id] == kNoNode) return false;
    }
    return true;
  }

  NodeId copied(const Kernel& body, const Node& original, const std::vector<NodeId>& now,
                const std::vector<std::uint64_t>& tables, Position at) {
    Node node = original;
    node.at = at;
    node.name = inner_name(node.name);
    if (node.op == Op::table) node.imm = tables[node.imm];
    for (int i = 0; i < node.arity; ++i) node.args[i] = now[node.args[i]];
    if (node.mask != kNoNode) node.mask = now[node.mask];
    if (is_reduction(node.op)) node.mask = both(node.mask, filter_, at);
    if (node.op == Op::count && filter_ != kNoNode) return count_where(at);
    if (node.op == Op::reduce) return reduction(body, node);
    if (node.op == Op::bitcast) node.args[0] = observed(node.args[0]);
    if (node.op == Op::copysign) node.args[1] = observed(node.args[1]);
    if (out_.nodes.size() >= kMaxNodes) return refuse(too_large(at));
    return emit(out_, std::move(node));
  }

  NodeId inline_call(const Kernel& body, const Node& node, const std::vector<NodeId>& now, Position at) {
    const Call& call = body.calls[node.imm];
    std::vector<NodeId> arguments;
    std::vector<Type> types;
    for (const NodeId id : call.args) arguments.push_back(now[id]);
    const NodeId mask = call.masked ? arguments.back() : kNoNode;
    if (call.masked) arguments.pop_back();
    for (const NodeId id : arguments) types.push_back(out_[id].type);
    const Definition* definition = ops_.find(call.callee, types);
    if (definition == nullptr) return refuse(Error(Status::invalid_text, {{at, unknown(call.callee, types), {}, {}}}));
    if (std::ranges::find(inlining_, definition) != inlining_.end()) return refuse(recursive(definition, at));
    // An op may add no node of its own; without a count of calls, doubling ones would expand for ever.
    if (++calls_ > kMaxNodes) return refuse(too_large(at));

    inlining_.push_back(definition);
    const NodeId outer = std::exchange(filter_, both(mask, filter_, at));
    const auto first_new = static_cast<NodeId>(out_.nodes.size());
    if (definition->reducer && !state_of(*definition, arguments, at)) return kNoNode;
    std::vector<NodeId> inner(definition->body.nodes.size(), kNoNode);
    if (!inline_body(definition->body, inner, &arguments, at)) return kNoNode;
    filter_ = outer;
    inlining_.pop_back();
    const NodeId value = inner[definition->body.outputs.front().value];
    if (value >= first_new && !node.name.empty()) out_.nodes[value].name = inner_name(node.name);
    return value;
  }

  // ---- reductions

  /// Replaces the operands of a reducer by the components of its state, which is what its finish is about.
  bool state_of(const Definition& definition, std::vector<NodeId>& arguments, Position at) {
    if (out_.nodes.size() >= kMaxNodes) return refuse(too_large(at)), false;
    const std::shared_ptr<const Reducer> reducer = expanded(definition.reducer, filter_);
    if (reducer == nullptr) return false;
    const NodeId node = append_reduce(out_, reducer, arguments, filter_, at);
    arguments.clear();
    for (std::size_t i = 0; i < reducer->state.size(); ++i) arguments.push_back(append_component(out_, node, i, at));
    return true;
  }

  NodeId reduction(const Kernel& body, const Node& node) {
    const std::shared_ptr<const Reducer> reducer = expanded(body.reducers[node.imm], node.mask);
    if (reducer == nullptr) return kNoNode;
    return append_reduce(out_, reducer, std::span(node.args, node.arity), node.mask, node.at);
  }

  /// The reducer with its step and merge in primitives, and with the filter in its step. Null: error_ says why.
  std::shared_ptr<const Reducer> expanded(const std::shared_ptr<const Reducer>& reducer, NodeId mask) {
    const std::shared_ptr<const Reducer> plain = reducer->expanded ? reducer : in_primitives(*reducer);
    if (plain == nullptr || mask == kNoNode || plain->mask) return plain;
    auto out = std::make_shared<Reducer>(*masked(plain, out_[mask].type));
    for (Kernel* part : {&out->step, &out->merge}) *part = simplified(std::move(*part));
    return out;
  }
  std::shared_ptr<const Reducer> in_primitives(const Reducer& reducer) {
    auto out = std::make_shared<Reducer>(reducer);
    for (Kernel* part : {&out->step, &out->merge}) {
      Expander inner(*part, ops_);
      inner.inlining_ = inlining_;
      Result<Kernel> primitives = inner.run(true);
      if (!primitives) return error_ = std::move(primitives.error()), nullptr;
      *part = simplified(*std::move(primitives));
    }
    out->expanded = true;
    return out;
  }
  static Kernel simplified(Kernel kernel) { return dce(cse(fold(canon(std::move(kernel))))); }

  NodeId converted(NodeId mask, Type type, Position at) {
    return out_[mask].type == type ? mask : append(out_, Op::mask_convert, type, {mask}, at);
  }

  NodeId both(NodeId a, NodeId b, Position at) {
    if (a == kNoNode || b == kNoNode || a == b) return a == kNoNode ? b : a;
    return append(out_, Op::bit_and, out_[a].type, {a, converted(b, out_[a].type, at)}, at);
  }

  /// The number of elements that pass the filter.
  NodeId count_where(Position at) {
    const NodeId one = emit_constant(out_, Type::i64, 1, at), none = emit_constant(out_, Type::i64, 0, at);
    const NodeId counted = append(out_, Op::select, Type::i64, {converted(filter_, Type::m64, at), one, none}, at);
    return append(out_, Op::reduce_sum, Type::i64, {counted}, at);
  }

  /// A value named t inside op exp is called exp.t.
  std::string inner_name(const std::string& name) const {
    return inlining_.empty() || name.empty() ? name : inlining_.back()->name + "." + name;
  }

  /// The value as others may see it: a float NaN made canonical.
  NodeId observed(NodeId id) {
    if (!is_float(out_[id].type) || is_settled(out_, id)) return id;
    Node node;
    node.op = Op::canonical;
    node.type = out_[id].type;
    node.arity = 1;
    node.args[0] = id;
    node.at = out_[id].at;
    return emit(out_, std::move(node));
  }

  std::uint64_t merged(const Table& table) {
    const auto known = std::ranges::find(out_.tables, table);
    if (known == out_.tables.end()) out_.tables.push_back(table);
    return static_cast<std::uint64_t>(std::ranges::find(out_.tables, table) - out_.tables.begin());
  }

  // ---- refusals

  NodeId refuse(Error error) {
    error_ = std::move(error);
    return kNoNode;
  }
  Error too_large(Position at) const {
    std::string what = "kernel '" + source_.name + "' needs more than " + std::to_string(kMaxNodes) + " nodes";
    if (!inlining_.empty()) what += " when op '" + inlining_.front()->name + "' is expanded here";
    return Error(Status::too_large, {{at, what + "; split it into several kernels", {}, {}}});
  }
  Error recursive(const Definition* again, Position at) const {
    std::string path;
    for (auto op = std::ranges::find(inlining_, again); op != inlining_.end(); ++op) path += (*op)->name + " -> ";
    return Error(Status::invalid_text, {{at, "op '" + again->name + "' calls itself: " + path + again->name, {}, {}}});
  }
  static std::string unknown(const std::string& callee, const std::vector<Type>& types) {
    std::string list;
    for (const Type type : types) list += (list.empty() ? "" : ", ") + std::string(name_of(type));
    return "no op '" + callee + "' takes (" + list + ")";
  }

  const Kernel& source_;
  const Catalogue& ops_;
  Kernel out_;
  std::vector<const Definition*> inlining_;  // the ops we are inside of, outermost first
  std::size_t calls_ = 0;
  NodeId filter_ = kNoNode;  // the mask of the calls we are inside of
  std::optional<Error> error_;
};

}  // namespace

Result<Kernel> expand(const Kernel& kernel, const Catalogue& ops) { return Expander(kernel, ops).run(); }

}  // namespace trueno::ir
