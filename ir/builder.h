// Builds kernels from C++: the typed alternative to text. It never contracts.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

/// Mistakes are collected, not thrown; `finish` reports all of them. After a mistake a call returns kNoNode,
/// and anything built on kNoNode is silently kNoNode, so that one mistake is reported once.
class Builder {
 public:
  explicit Builder(std::string name, const Catalogue& ops);

  NodeId array(std::string name, Type type);
  NodeId scalar(std::string name, Type type);
  NodeId constant(Type type, double value);  ///< rounded once; an error if inexact for an integer type
  NodeId constant_bits(Type type, std::uint64_t bits);
  NodeId count();
  NodeId index();

  /// A primitive or an op by its name in text: "add", "fma", "exp", "sum", "lt", ... Checked as text is.
  NodeId call(std::string_view name, std::initializer_list<NodeId> args);
  NodeId call(std::string_view name, const std::vector<NodeId>& args);
  NodeId convert(Type to, NodeId value);
  NodeId bitcast(Type to, NodeId value, bool raw = false);
  NodeId table(Table contents, NodeId index);
  /// A reduction over the elements where `mask` holds.
  NodeId reduce_where(std::string_view name, std::initializer_list<NodeId> args, NodeId mask);

  /// The type of a value; nothing for kNoNode.
  std::optional<Type> type_of(NodeId node) const {
    return node < kernel_.nodes.size() ? std::optional(kernel_.nodes[node].type) : std::nullopt;
  }
  void name(NodeId node, std::string name);
  void result(std::string name, NodeId value);

  /// The kernel, or every mistake that was made.
  Result<Kernel> finish();

 private:
  NodeId fail(std::string message);
  bool usable(std::string_view what, std::span<const NodeId> args);
  NodeId parameter(std::string name, Type type, bool array);
  NodeId primitive(Op op, std::span<const NodeId> args, Type own, std::uint64_t imm = 0);
  NodeId reduce(Op op, std::span<const NodeId> args, NodeId mask);
  NodeId call_op(std::string_view name, const std::vector<NodeId>& args, NodeId mask,
                 const std::vector<std::vector<Type>>& overloads);

  const Catalogue* ops_;
  Kernel kernel_;
  std::vector<Diagnostic> mistakes_;
  bool full_ = false;  ///< the limit of nodes was met, and reported
};

}  // namespace trueno::ir
