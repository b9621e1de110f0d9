// See kernel_fuzz_edit.h.
#include "tests/fuzz/kernel_fuzz_edit.h"

#include <bit>
#include <cstring>

#include "ir/passes/passes.h"
#include "ir/passes/rewrite.h"
#include "ir/reducer.h"
#include "ir/typing.h"
#include "ops/catalogue.h"

namespace trueno::fuzz {
namespace {

using ir::NodeId;
using ir::Op;

std::vector<bool> live_nodes(const ir::Kernel& kernel) {
  std::vector<bool> live(kernel.nodes.size());
  for (const ir::Output& o : kernel.outputs) live[o.value] = true;
  for (NodeId id = static_cast<NodeId>(kernel.nodes.size()); id-- > 0;)
    if (live[id])
      for (const NodeId operand : ir::operands(kernel, kernel[id])) live[operand] = true;
  return live;
}

/// As append and append_call decide it.
bool varies(const ir::Kernel& kernel, const ir::Node& node) {
  if (node.op == Op::param_array || node.op == Op::index) return true;
  if (ir::is_reduced(node.op)) return false;
  bool any = false;
  for (const NodeId operand : ir::operands(kernel, node)) any = any || kernel[operand].varying;
  if (node.op != Op::call || !any) return any;
  std::vector<Type> types;
  for (NodeId a : kernel.calls[node.imm].args) types.push_back(kernel[a].type);
  if (kernel.calls[node.imm].masked) types.pop_back();
  const ir::Definition* d = ops::built_in().find(kernel.calls[node.imm].callee, types);
  if (d == nullptr) return true;
  const ir::Call& call = kernel.calls[node.imm];
  return ir::varies(kernel, *d, std::span(call.args).first(types.size()));
}

constexpr std::size_t kGone = ~std::size_t{0};

/// Numbers what is kept anew, in order.
class Renumber {
 public:
  explicit Renumber(std::size_t n) : now_(n, kGone) {}
  std::size_t operator()(std::size_t old) {
    if (now_[old] == kGone) now_[old] = count_++;
    return now_[old];
  }
  bool kept(std::size_t old) const { return now_[old] != kGone; }
  std::size_t at(std::size_t old) const { return now_[old]; }

 private:
  std::vector<std::size_t> now_;
  std::size_t count_ = 0;
};

int renumbered(const Renumber& params, int old) {
  if (old == kNone || !params.kept(static_cast<std::size_t>(old))) return kNone;
  return static_cast<int>(params.at(static_cast<std::size_t>(old)));
}

/// Parameters stay in their order; `kept` numbers those that are left.
void drop_parameters(Case& c, const std::vector<bool>& used) {
  Renumber params(used.size());
  std::vector<ir::Param> kept;
  std::vector<Call::Input> inputs;
  for (std::size_t p = 0; p < used.size(); ++p) {
    if (!used[p]) continue;
    params(p);
    kept.push_back(std::move(c.kernel.params[p]));
    inputs.push_back(std::move(c.call.inputs[p]));
  }
  for (Call::Input& input : inputs) input.same_as = renumbered(params, input.same_as);
  for (Call::Place& place : c.call.places) place.over = renumbered(params, place.over);
  c.kernel.params = std::move(kept);
  c.call.inputs = std::move(inputs);
  for (ir::Node& n : c.kernel.nodes)
    if (n.op == Op::param_array || n.op == Op::param_scalar) n.imm = params.at(n.imm);
}

std::uint64_t weight(Type type, std::uint64_t bits) {
  if (bits == 0) return 0;
  return bits == one_of(type) ? 1 : 2 + static_cast<std::uint64_t>(std::popcount(bits));
}

}  // namespace

std::uint64_t one_of(Type type) {
  if (type == Type::f32) return 0x3f800000;
  return type == Type::f64 ? 0x3ff0000000000000 : 1;
}

Cost cost_of(const Case& c) {
  Cost cost{};
  for (const ir::Node& n : c.kernel.nodes) {
    cost[0] += !ir::is_leaf(n.op);
    cost[0] += n.mask != ir::kNoNode;
    cost[3] += n.op == Op::constant;
    cost[8] += n.op == Op::constant ? weight(n.type, n.imm) : 0;
  }
  for (const auto& filtered : c.kernel.reducers) {
    const ir::Reducer& reducer = ir::without_filter(*filtered);
    if (reducer.built_in) continue;
    for (const ir::Kernel* part : {&reducer.step, &reducer.merge})
      for (NodeId id = 0; id < part->nodes.size(); ++id) cost[3] += !ir::is_leaf((*part)[id].op);
    for (const ir::Reducer::Component& component : reducer.state) cost[8] += weight(component.type, component.init);
  }
  cost[1] = c.kernel.outputs.size();
  cost[2] = c.kernel.params.size();
  for (const ir::Param& p : c.kernel.params) cost[4] += p.is_array();
  for (const ir::Output& o : c.kernel.outputs) cost[4] += o.array && !c.kernel[o.value].varying;
  for (const ir::Table& t : c.kernel.tables) cost[5] += t.entries.size();
  cost[6] = static_cast<std::uint64_t>(c.call.n);
  cost[7] = (c.call.control != kDefaultControl) * 100u;
  for (const Call::Place& p : c.call.places) cost[7] += (p.over != kNone) * 100u + p.at_end * 10u + p.shift;
  for (std::size_t p = 0; p < c.call.inputs.size(); ++p) {
    const Call::Input& input = c.call.inputs[p];
    cost[7] += (input.same_as != kNone) * 100u + input.at_end * 10u + input.shift;
    const Type type = c.kernel.params[p].type;
    for (std::size_t at = 0; at + stored_bytes(type) <= input.bytes.size(); at += stored_bytes(type))
      cost[8] += weight(type, runtime::load_bits(type, input.bytes.data() + at));
  }
  return cost;
}

void tidy(Case& c) {
  ir::Kernel& kernel = c.kernel;
  const std::vector<bool> live = live_nodes(kernel);
  const std::vector<ir::Node> old = std::exchange(kernel.nodes, {});
  const std::vector<ir::Call> old_calls = std::exchange(kernel.calls, {});
  const std::vector<ir::Table> old_tables = std::exchange(kernel.tables, {});
  const auto old_reducers = std::exchange(kernel.reducers, {});
  Renumber nodes(old.size()), tables(old_tables.size()), reducers(old_reducers.size());
  std::vector<bool> used(kernel.params.size());
  for (NodeId id = 0; id < old.size(); ++id) {
    if (!live[id]) continue;
    nodes(id);
    ir::Node n = old[id];
    for (int i = 0; i < n.arity; ++i) n.args[i] = static_cast<NodeId>(nodes.at(n.args[i]));
    if (n.mask != ir::kNoNode) n.mask = static_cast<NodeId>(nodes.at(n.mask));
    if (n.op == Op::call) {
      ir::Call call = old_calls[n.imm];
      for (NodeId& a : call.args) a = static_cast<NodeId>(nodes.at(a));
      n.imm = kernel.calls.size();
      kernel.calls.push_back(std::move(call));
    }
    if (n.op == Op::table) {
      if (!tables.kept(n.imm)) kernel.tables.push_back(old_tables[n.imm]);
      n.imm = tables(n.imm);
    }
    if (n.op == Op::reduce) {
      if (!reducers.kept(n.imm)) kernel.reducers.push_back(old_reducers[n.imm]);
      n.imm = reducers(n.imm);
    }
    if (n.op == Op::param_array || n.op == Op::param_scalar) used[n.imm] = true;
    n.varying = varies(kernel, n);
    kernel.nodes.push_back(std::move(n));
  }
  for (ir::Output& o : kernel.outputs) {
    o.value = static_cast<NodeId>(nodes.at(o.value));
    o.array = o.array || kernel[o.value].varying;
  }
  drop_parameters(c, used);
  if (!has_arrays(kernel)) c.call.n = 0;
}

void substitute(ir::Kernel& kernel, NodeId id, NodeId other) {
  const auto replace = [&](NodeId& at) {
    if (at == id) at = other;
  };
  for (ir::Node& n : kernel.nodes) {
    for (int i = 0; i < n.arity; ++i) replace(n.args[i]);
    if (n.mask != ir::kNoNode) replace(n.mask);
  }
  for (ir::Call& call : kernel.calls)
    for (NodeId& a : call.args) replace(a);
  for (ir::Output& o : kernel.outputs) replace(o.value);
}

void make_constant(ir::Kernel& kernel, NodeId id, std::uint64_t bits) {
  ir::Node constant;
  constant.type = kernel[id].type;
  constant.imm = bits;
  kernel.nodes[id] = std::move(constant);
}

void make_parameter(Case& c, NodeId id, bool array, const std::vector<std::uint8_t>& values) {
  const Type type = c.kernel[id].type;
  ir::Node parameter;
  parameter.op = array ? Op::param_array : Op::param_scalar;
  parameter.type = type;
  parameter.varying = array;
  parameter.imm = c.kernel.params.size();
  c.kernel.nodes[id] = std::move(parameter);
  c.kernel.params.push_back({"v" + std::to_string(id), type, static_cast<std::uint8_t>(array ? 1 : 0), {}});
  Call::Input& input = c.call.inputs.emplace_back();
  input.bytes = values;
  if (!array) input.bytes.resize(8);
  if (!array && stored_bytes(type) < 8) std::memset(input.bytes.data() + stored_bytes(type), 0, 8 - stored_bytes(type));
}

void make_only_result(Case& c, NodeId id) {
  ir::Kernel& kernel = c.kernel;
  if (const Type type = kernel[id].type; is_mask(type)) {
    const Type number = ir::int_of(bits_of(type));
    const NodeId yes = ir::append(kernel, Op::constant, number, {}, {}, 1);
    const NodeId no = ir::append(kernel, Op::constant, number, {}, {}, 0);
    id = ir::append(kernel, Op::select, number, {id, yes, no});
  }
  kernel.outputs.assign(1, {"", id, kernel[id].varying});
  c.call.places.assign(1, {});
}

void drop_filter(ir::Kernel& kernel, NodeId id) {
  ir::Node& n = kernel.nodes[id];
  n.mask = ir::kNoNode;
  if (n.op != Op::reduce || !kernel.reducers[n.imm]->unfiltered) return;
  kernel.reducers.push_back(kernel.reducers[n.imm]->unfiltered);
  n.imm = kernel.reducers.size() - 1;
}

bool components_fit(const ir::Kernel& kernel) {
  return std::ranges::all_of(kernel.nodes, [&](const ir::Node& n) {
    if (n.op != Op::component) return true;
    const ir::Node& of = kernel[n.args[0]];
    if (of.op != Op::reduce) return false;
    const ir::Reducer& reducer = *kernel.reducers[of.imm];
    return n.imm < reducer.state.size() && reducer.state[n.imm].type == n.type;
  });
}

void pass_through(ir::Kernel& kernel, std::size_t index, bool step, std::size_t which, std::size_t param) {
  auto reducer = std::make_shared<ir::Reducer>(*kernel.reducers[index]);
  ir::Kernel& part = step ? reducer->step : reducer->merge;
  for (NodeId id = 0; id < part.nodes.size(); ++id)
    if (part[id].op == Op::param_scalar && part[id].imm == param) part.outputs[which].value = id;
  part = ir::dce(std::move(part));
  kernel.reducers[index] = std::move(reducer);
}

void drop_result(Case& c, std::size_t result) {
  c.kernel.outputs.erase(c.kernel.outputs.begin() + static_cast<std::ptrdiff_t>(result));
  c.call.places.erase(c.call.places.begin() + static_cast<std::ptrdiff_t>(result));
}

void drop_elements(Case& c, std::int64_t begin, std::int64_t end) {
  c.call.n -= end - begin;
  for (std::size_t p = 0; p < c.call.inputs.size(); ++p) {
    if (!c.kernel.params[p].is_array()) continue;
    const auto size = static_cast<std::int64_t>(stored_bytes(c.kernel.params[p].type));
    std::vector<std::uint8_t>& bytes = c.call.inputs[p].bytes;
    bytes.erase(bytes.begin() + begin * size, bytes.begin() + end * size);
  }
}

void make_scalar(Case& c, std::size_t param, std::int64_t element) {
  ir::Param& p = c.kernel.params[param];
  const std::size_t size = stored_bytes(p.type);
  std::vector<std::uint8_t> value(8);
  if (element >= 0 && element < c.call.n)
    std::memcpy(value.data(), c.call.inputs[param].bytes.data() + static_cast<std::size_t>(element) * size, size);
  p.stride = 0;
  c.call.inputs[param] = {std::move(value)};
  for (Call::Input& input : c.call.inputs)
    if (input.same_as == static_cast<int>(param)) input.same_as = kNone;
  for (Call::Place& place : c.call.places)
    if (place.over == static_cast<int>(param)) place.over = kNone;
  for (ir::Node& n : c.kernel.nodes)
    if (n.op == Op::param_array && n.imm == param) n.op = Op::param_scalar;
}

}  // namespace trueno::fuzz
