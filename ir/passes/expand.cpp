// Replaces calls of ops by their definitions, until only primitives are left, and makes NaN canonical where
// it can be seen.
//
// A definition's body is a kernel with scalar parameters; inlining copies its nodes and puts the arguments in
// the place of the parameters. Whether a value varies is decided again by the caller's arguments. The
// `canonical` nodes go in on the way: before a bitcast, before the sign operand of copysign, and before
// results. Later passes drop those that prove needless.
#include <algorithm>
#include <optional>
#include <utility>

#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"

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

  Result<Kernel> run() {
    std::vector<NodeId> now(source_.nodes.size(), kNoNode);
    if (!inline_body(source_, now, nullptr, {})) return *std::move(error_);
    for (Output& out : out_.outputs) out.value = observed(now[out.value]);
    if (out_.nodes.size() > kMaxNodes) return too_large({});
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
        now[id] = copied(node, now, tables, arguments != nullptr ? at : node.at);
      if (now[id] == kNoNode) return false;
    }
    return true;
  }

  NodeId copied(const Node& original, const std::vector<NodeId>& now, const std::vector<std::uint64_t>& tables,
                Position at) {
    Node node = original;
    node.at = at;
    node.name = inner_name(node.name);
    if (node.op == Op::table) node.imm = tables[node.imm];
    for (int i = 0; i < node.arity; ++i) node.args[i] = now[node.args[i]];
    if (node.mask != kNoNode) node.mask = now[node.mask];
    if (node.op == Op::bitcast) node.args[0] = observed(node.args[0]);
    if (node.op == Op::copysign) node.args[1] = observed(node.args[1]);
    if (out_.nodes.size() >= kMaxNodes) return refuse(too_large(at));
    return emit(out_, std::move(node));
  }

  NodeId inline_call(const Kernel& body, const Node& node, const std::vector<NodeId>& now, Position at) {
    const Call& call = body.calls[node.imm];
    std::vector<NodeId> arguments;
    std::vector<Type> types;
    for (const NodeId id : call.args) {
      arguments.push_back(now[id]);
      types.push_back(out_[arguments.back()].type);
    }
    const Definition* definition = ops_.find(call.callee, types);
    if (definition == nullptr) return refuse(Error(Status::invalid_text, {{at, unknown(call.callee, types), {}, {}}}));
    if (node.mask != kNoNode)
      return refuse(
          Error(Status::invalid_text,
                {{at, "'where' belongs to a reduction, but '" + call.callee + "' is an op; put it inside", {}, {}}}));
    if (std::ranges::find(inlining_, definition) != inlining_.end()) return refuse(recursive(definition, at));
    // An op may add no node of its own; without a count of calls, doubling ones would expand for ever.
    if (++calls_ > kMaxNodes) return refuse(too_large(at));

    inlining_.push_back(definition);
    std::vector<NodeId> inner(definition->body.nodes.size(), kNoNode);
    const auto first_new = static_cast<NodeId>(out_.nodes.size());
    if (!inline_body(definition->body, inner, &arguments, at)) return kNoNode;
    inlining_.pop_back();
    const NodeId value = inner[definition->body.outputs.front().value];
    if (value >= first_new && !node.name.empty()) out_.nodes[value].name = inner_name(node.name);
    return value;
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
  std::optional<Error> error_;
};

}  // namespace

Result<Kernel> expand(const Kernel& kernel, const Catalogue& ops) { return Expander(kernel, ops).run(); }

}  // namespace trueno::ir
