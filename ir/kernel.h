// A kernel: flat SSA over typed values, the narrow waist between operations and back ends.
//
// Nodes stand in an order in which operands come before their users. A value is *varying* (one per
// element) or *uniform* (one per call); reductions turn varying values into uniform ones. Nothing here
// knows an ISA, and nothing here knows an operation: an op is a `call` node until `expand` replaces it by
// its definition.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ir/primitives.h"
#include "trueno/types.h"

namespace trueno::ir {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

/// Nodes after expansion; more is an error of the text (contract, part 5).
inline constexpr std::size_t kMaxNodes = 4096;

struct Node {
  Op op = Op::constant;
  Type type = Type::f32;
  bool varying = false;
  std::uint8_t arity = 0;  ///< number of operands in args (0..3); for call: see call_args
  NodeId args[3] = {kNoNode, kNoNode, kNoNode};
  std::uint64_t imm = 0;  ///< constant: its bits (f32, i32 zero-extended); param: index in params;
                          ///< table: index in tables; call: index in calls; reduce: index in reducers;
                          ///< component: which of its operand, a reduce
  NodeId mask = kNoNode;  ///< reductions: only elements where this mask holds; else kNoNode
  Position at;            ///< where in the text it was written
  std::string name;       ///< the name the text gave it; may be empty
};

/// A parameter. Stride is in elements: 1 for an array, 0 for a scalar (the same value for every element).
struct Param {
  std::string name;
  Type type = Type::f32;
  std::uint8_t stride = 1;
  Position at;
  bool is_array() const { return stride != 0; }
};

/// A result: an array when its node is varying (or declared so), else a scalar.
struct Output {
  std::string name;
  NodeId value = kNoNode;
  bool array = false;  ///< a uniform value may be stored to every element of an array
};

/// The contents of a table[N]: N a power of two <= 256, bits of each entry.
struct Table {
  std::string name;
  Type type = Type::f32;
  std::vector<std::uint64_t> entries;
  friend bool operator==(const Table&, const Table&) = default;
};

/// A call of an op that has not been expanded.
struct Call {
  std::string callee;
  std::vector<NodeId> args;
  bool masked = false;        ///< the last of args is a mask: only elements where it holds
  std::vector<bool> spreads;  ///< per argument: if it varies, so does the value
};

struct Reducer;

struct Kernel {
  std::string name = "kernel";
  bool strict = false;  ///< never contracted
  std::vector<Param> params;
  std::vector<Node> nodes;
  std::vector<Output> outputs;
  std::vector<Table> tables;
  std::vector<Call> calls;
  std::vector<std::shared_ptr<const Reducer>> reducers;
  /// Once expanded: the filtered reductions from which, as it was written, a scalar result needs elements. They are
  /// computed even where an optimization finds that the result does not depend on them.
  std::vector<NodeId> guards;

  const Node& operator[](NodeId id) const { return nodes[id]; }
};

/// The operands of any node, calls and masks included: a range that allocates nothing. The kernel stays put.
class Operands {
 public:
  Operands(const Kernel& k, const Node& n) : count_(n.arity) {
    if (n.op == Op::call) {
      const std::vector<NodeId>& args = k.calls[n.imm].args;
      call_ = args.data(), count_ = args.size();
      return;
    }
    for (std::size_t i = 0; i < count_; ++i) own_[i] = n.args[i];
    if (n.mask != kNoNode) own_[count_++] = n.mask;
  }
  const NodeId* begin() const { return call_ != nullptr ? call_ : own_; }
  const NodeId* end() const { return begin() + count_; }
  std::size_t size() const { return count_; }
  NodeId operator[](std::size_t i) const { return begin()[i]; }

 private:
  const NodeId* call_ = nullptr;
  std::size_t count_;
  NodeId own_[4];
};
inline Operands operands(const Kernel& k, const Node& n) { return {k, n}; }

/// The definition of an op for one list of types: a kernel whose parameters are all "scalar" (stride 0) and
/// whose single output is its value. Where it is expanded, each parameter is replaced by an argument.
struct Definition {
  std::string name;         ///< with its tier suffix if any: "exp", "exp.tight"
  std::vector<Type> types;  ///< of the parameters
  Type result = Type::f32;
  std::string doc;
  struct Bound {
    std::string tier;  ///< "fast", "tight", "exact"
    double ulp = 0;
    double floor = 0;  ///< absolute error allowed where the ULP bound does not hold; 0 if none
  };
  std::vector<Bound> bounds;
  std::string reference;  ///< name of the scalar reference
  Position at;
  Kernel body;                             ///< of a reducer: its finish, a kernel of the components
  std::shared_ptr<const Reducer> reducer;  ///< null: an op
  std::vector<bool> spreads;               ///< per parameter: if it varies, so does the value (find_spreads)
  std::uint8_t asks = 0;                   ///< Asks: what it wants to know beside its operands, by ops it calls too
};

/// What the value of an element may depend on beside its operands.
enum Asks : std::uint8_t { kAsksReduction = 1, kAsksIndex = 2, kAsksCount = 4 };

/// Where the checker and `expand` find ops. Implemented by ops/ (built-in) and by the runtime (a user's own).
class Catalogue {
 public:
  virtual ~Catalogue() = default;
  /// The definition for exactly these types, or null. The pointer stays valid while the catalogue lives.
  virtual const Definition* find(std::string_view name, const std::vector<Type>& types) const = 0;
  /// Every overload's parameter types for a name; empty if there is no such op. Cheap: does not parse bodies.
  virtual std::vector<std::vector<Type>> overloads(std::string_view name) const = 0;
  /// All op names, for "nearest known name".
  virtual std::vector<std::string> names() const = 0;
};

}  // namespace trueno::ir
