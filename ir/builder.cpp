// The builder makes nodes through typing.h, as the checker does; positions aside they are the same nodes.
#include "ir/builder.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>

#include "ir/lex.h"
#include "ir/suggest.h"
#include "ir/syntax.h"
#include "ir/typing.h"

namespace trueno::ir {
namespace {

constexpr std::size_t kMostMistakes = 100;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// The bits of `value` as that type, or nothing if it has no such value.
std::optional<std::uint64_t> bits_of_value(Type type, double value) {
  constexpr double kTwo31 = 2147483648.0, kTwo63 = 9223372036854775808.0;
  switch (type) {
    case Type::f32: {
      const auto narrow = static_cast<float>(value);
      if (std::isinf(narrow) && !std::isinf(value)) return std::nullopt;
      return std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(narrow);
    }
    case Type::f64: return std::isnan(value) ? 0x7ff8000000000000u : std::bit_cast<std::uint64_t>(value);
    case Type::i32:
      if (!(value >= -kTwo31 && value < kTwo31) || std::trunc(value) != value) return std::nullopt;
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
    case Type::i64:
      if (!(value >= -kTwo63 && value < kTwo63) || std::trunc(value) != value) return std::nullopt;
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    case Type::m32:
    case Type::m64: break;
  }
  if (value != 0 && value != 1) return std::nullopt;
  return value != 0 ? 1u : 0u;
}

std::string text_of(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

}  // namespace

Builder::Builder(std::string name, const Catalogue& ops) : ops_(&ops) {
  if (!is_bindable(name)) fail(quoted(name) + " cannot name a kernel");
  kernel_.name = std::move(name);
}

NodeId Builder::fail(std::string message) {
  if (mistakes_.size() < kMostMistakes) mistakes_.push_back({{}, std::move(message), {}, {}});
  return kNoNode;
}

// Are all of these nodes of this builder? kNoNode is an earlier mistake, reported then.
bool Builder::usable(std::string_view what, std::span<const NodeId> args) {
  for (NodeId arg : args) {
    if (arg == kNoNode) return false;
    if (arg >= kernel_.nodes.size())
      return fail("an operand of " + quoted(what) + " is not a value of this kernel"), false;
  }
  if (kernel_.nodes.size() < kMaxNodes) return true;
  if (!full_) fail("more than " + std::to_string(kMaxNodes) + " operations");
  full_ = true;
  return false;
}

NodeId Builder::parameter(std::string name, Type type, bool array) {
  if (!is_bindable(name)) return fail(quoted(name) + " cannot name a parameter");
  if (is_mask(type)) return fail(quoted(name) + " cannot be a mask; pass i32 and compare it with 0");
  for (const Param& p : kernel_.params)
    if (p.name == name) return fail(quoted(name) + " names two parameters");
  if (kernel_.params.size() == kMaxSlots) return fail("more than " + std::to_string(kMaxSlots) + " parameters");
  if (!usable(name, {})) return kNoNode;
  const NodeId id = append(kernel_, array ? Op::param_array : Op::param_scalar, type, {}, {}, kernel_.params.size());
  kernel_.nodes[id].name = name;
  kernel_.params.push_back({std::move(name), type, static_cast<std::uint8_t>(array ? 1 : 0), {}});
  return id;
}

NodeId Builder::array(std::string name, Type type) { return parameter(std::move(name), type, true); }
NodeId Builder::scalar(std::string name, Type type) { return parameter(std::move(name), type, false); }

NodeId Builder::constant(Type type, double value) {
  const std::optional<std::uint64_t> bits = bits_of_value(type, value);
  if (!bits) return fail("the constant " + text_of(value) + " has no value in " + std::string(name_of(type)));
  return constant_bits(type, *bits);
}

NodeId Builder::constant_bits(Type type, std::uint64_t bits) {
  if ((bits_of(type) == 32 && bits >> 32 != 0) || (is_mask(type) && bits > 1))
    return fail("the bits of a constant do not fit " + std::string(name_of(type)));
  return usable("constant", {}) ? append(kernel_, Op::constant, type, {}, {}, bits) : kNoNode;
}

NodeId Builder::index() { return usable("index", {}) ? append(kernel_, Op::index, Type::i64, {}) : kNoNode; }
NodeId Builder::count() { return usable("count", {}) ? append(kernel_, Op::count, Type::i64, {}) : kNoNode; }

NodeId Builder::call(std::string_view name, std::initializer_list<NodeId> args) {
  return call(name, std::vector<NodeId>(args));
}

NodeId Builder::call(std::string_view name, const std::vector<NodeId>& args) {
  if (!usable(name, args)) return kNoNode;
  if (const std::optional<Type> type = type_named(name); type && args.size() == 1) return convert(*type, args[0]);
  const bool raw = name.starts_with("bitcast.raw.");
  if (raw || name.starts_with("bitcast."))
    if (const std::optional<Type> type = type_named(name.substr(raw ? 12 : 8)); type && args.size() == 1)
      return bitcast(*type, args[0], raw);
  const std::vector<std::vector<Type>> overloads = ops_->overloads(name);
  if (!overloads.empty()) return call_op(name, args, kNoNode, overloads);
  const std::optional<Op> op = primitive_named(name, args.size());
  if (!op) {
    Nearest nearest(name);
    for (const Primitive& p : kPrimitives) nearest.consider(p.text);
    for (const std::string& known : ops_->names()) nearest.consider(known);
    return fail("there is no operation " + quoted(name) + nearest.hint());
  }
  if (row(*op).operands != args.size())
    return fail(quoted(name) + " takes " + std::to_string(row(*op).operands) + " operands, not " +
                std::to_string(args.size()));
  return is_reduction(*op) ? reduce(*op, args, kNoNode) : primitive(*op, args, Type::i64);
}

NodeId Builder::call_op(std::string_view name, const std::vector<NodeId>& args, NodeId mask,
                        const std::vector<std::vector<Type>>& overloads) {
  std::vector<Type> types;
  for (NodeId arg : args) types.push_back(kernel_[arg].type);
  if (const Definition* definition = ops_->find(name, types)) {
    if (mask != kNoNode && varies(kernel_, *definition, args))
      return fail(quoted(name) + " with a mask: it is no reduction");
    if (mask != kNoNode)
      if (std::string problem = problem_of_where(kernel_[mask].type); !problem.empty()) return fail(std::move(problem));
    return append_call(kernel_, *definition, args, mask);
  }
  std::string known;
  for (const std::vector<Type>& one : overloads) known += (known.empty() ? "(" : " or (") + list_of(one) + ")";
  return fail(quoted(name) + " takes " + known + ", not (" + list_of(types) + "); there is no implicit conversion");
}

NodeId Builder::primitive(Op op, std::span<const NodeId> args, Type own, std::uint64_t imm) {
  Type types[3];
  for (std::size_t i = 0; i < args.size(); ++i) types[i] = kernel_[args[i]].type;
  Typed typed = ir::type_of(op, std::span(types, args.size()), own);
  if (!typed.ok()) return fail(std::move(typed.problem));
  return append(kernel_, op, typed.type, args, {}, imm);
}

NodeId Builder::reduce(Op op, std::span<const NodeId> args, NodeId mask) {
  Type types[2];
  for (std::size_t i = 0; i < args.size(); ++i) types[i] = kernel_[args[i]].type;
  Typed typed = ir::type_of(op, std::span(types, args.size()));
  if (!typed.ok()) return fail(std::move(typed.problem));
  if (mask != kNoNode) {
    std::string problem = problem_of_where(kernel_[mask].type);
    if (!problem.empty()) return fail(std::move(problem));
  }
  return append_reduction(kernel_, op, args, mask);
}

NodeId Builder::convert(Type to, NodeId value) {
  const NodeId args[] = {value};
  return usable("convert", args) ? primitive(is_mask(to) ? Op::mask_convert : Op::convert, args, to) : kNoNode;
}

NodeId Builder::bitcast(Type to, NodeId value, bool raw) {
  const NodeId args[] = {value};
  if (is_mask(to)) return fail("there is no bitcast to a mask; compare with 0");
  return usable("bitcast", args) ? primitive(raw ? Op::bitcast_raw : Op::bitcast, args, to) : kNoNode;
}

NodeId Builder::table(Table contents, NodeId index) {
  const NodeId args[] = {index};
  const std::size_t n = contents.entries.size();
  if (n == 0 || n > 256 || !std::has_single_bit(n))
    return fail("a table of " + std::to_string(n) + " entries; the number must be a power of two, at most 256");
  if (is_mask(contents.type)) return fail("a table cannot hold masks");
  for (std::uint64_t entry : contents.entries)
    if (bits_of(contents.type) == 32 && entry >> 32 != 0)
      return fail("an entry of table " + quoted(contents.name) + " does not fit " +
                  std::string(name_of(contents.type)));
  if (!usable("table", args)) return kNoNode;
  const Type own = contents.type;
  const NodeId id = primitive(Op::table, args, own);
  if (id != kNoNode) kernel_.nodes[id].imm = table_index(kernel_, contents);
  return id;
}

NodeId Builder::reduce_where(std::string_view name, std::initializer_list<NodeId> args, NodeId mask) {
  const NodeId masks[] = {mask};
  if (!usable(name, std::span(args.begin(), args.size())) || !usable(name, masks)) return kNoNode;
  if (const auto overloads = ops_->overloads(name); !overloads.empty()) return call_op(name, args, mask, overloads);
  const std::optional<Op> op = primitive_named(name, args.size());
  if (!op || !is_reduction(*op) || row(*op).operands != args.size())
    return fail(quoted(name) + " of " + std::to_string(args.size()) + " operands is no reduction");
  return reduce(*op, std::span(args.begin(), args.size()), mask);
}

void Builder::name(NodeId node, std::string name) {
  const NodeId nodes[] = {node};
  if (node == kNoNode) return;
  if (node >= kernel_.nodes.size()) return void(usable(name, nodes));
  if (!is_bindable(name)) return void(fail(quoted(name) + " cannot name a value"));
  const Op op = kernel_[node].op;
  if (op != Op::param_array && op != Op::param_scalar) kernel_.nodes[node].name = std::move(name);
}

void Builder::result(std::string name, NodeId value) {
  const NodeId values[] = {value};
  if (value != kNoNode && value >= kernel_.nodes.size()) return void(usable(name, values));
  if (!name.empty() && !is_bindable(name)) return void(fail(quoted(name) + " cannot name a result"));
  for (const Output& o : kernel_.outputs)
    if (!name.empty() && o.name == name) return void(fail(quoted(name) + " names two results"));
  if (kernel_.outputs.size() == kMaxSlots) return void(fail("more than " + std::to_string(kMaxSlots) + " results"));
  kernel_.outputs.push_back({std::move(name), value, value != kNoNode && kernel_[value].varying});
}

Result<Kernel> Builder::finish() {
  if (kernel_.outputs.empty()) fail("kernel " + quoted(kernel_.name) + " has no result");
  if (mistakes_.empty())
    for (const Output& o : kernel_.outputs)
      if (o.value == kNoNode) fail("the result " + quoted(o.name) + " has no value");
  if (!mistakes_.empty()) return Error(full_ ? Status::too_large : Status::invalid_text, mistakes_);
  return kernel_;
}

}  // namespace trueno::ir
