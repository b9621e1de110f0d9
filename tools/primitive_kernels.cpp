// From rows of the primitive table to kernels (primitive_kernels.h).
#include "tools/primitive_kernels.h"

#include <bit>

#include "ir/typing.h"

namespace trueno::tools {
namespace {

using ir::NodeId;
using ir::Op;
using ir::Typing;
using Types = std::vector<Type>;

constexpr Type kFloats[] = {Type::f32, Type::f64};
constexpr Type kInts[] = {Type::i32, Type::i64};
constexpr Type kNumbers[] = {Type::f32, Type::f64, Type::i32, Type::i64};
constexpr Type kMasks[] = {Type::m32, Type::m64};
constexpr int kTableSizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};  // all there are

/// The lists of operand types that a row allows.
std::vector<Types> operand_types(const ir::Primitive& row) {
  std::vector<Types> out;
  const auto all = [&](const auto& types) {
    for (const Type type : types) out.emplace_back(row.operands, type);
  };
  switch (row.typing) {
    case Typing::leaf:
    case Typing::number:
    case Typing::compare:
    case Typing::convert:
    case Typing::reduce:
    case Typing::bitcast: all(kNumbers); break;
    case Typing::real: all(kFloats); break;
    case Typing::integer:
    case Typing::table: all(kInts); break;
    case Typing::logic: all(kInts), all(kMasks); break;
    case Typing::mask_convert: all(kMasks); break;
    case Typing::select:
      for (const Type type : kNumbers) out.push_back({ir::mask_of(type), type, type});
      all(kMasks);
      break;
    case Typing::scaling:
      for (const Type type : kFloats)
        for (const Type count : {type, ir::int_of(bits_of(type))}) out.push_back({type, count});
      break;
  }
  return out;
}

/// Leaves have no operands: their types are their own. `count` has one only.
std::vector<PrimitiveUse> leaves(Op op) {
  std::vector<PrimitiveUse> out;
  if (op == Op::call || ir::is_reduced(op)) return out;
  if (op == Op::count || op == Op::index) return {{op, {}, Type::i64}};
  for (const Type type : kNumbers) out.push_back({op, {}, type});
  return out;
}

/// The uses of a row with operands of these types: one, or one per result type, size or kind.
std::vector<PrimitiveUse> variants(Op op, const Types& types) {
  const Typing typing = ir::row(op).typing;
  std::vector<PrimitiveUse> out;
  const auto add = [&](Type own, int entries = 0, bool where = false) {
    out.push_back({op, types, ir::type_of(op, types, own).type, entries, where});
  };
  if (typing == Typing::convert || typing == Typing::mask_convert) {
    for (const Type to : {Type::f32, Type::f64, Type::i32, Type::i64, Type::m32, Type::m64})
      if (to != types[0] && is_mask(to) == is_mask(types[0])) add(to);
  } else if (typing == Typing::table) {
    for (const Type entry : {ir::float_of(bits_of(types[0])), types[0]})
      for (const int entries : kTableSizes) add(entry, entries);
  } else if (typing == Typing::bitcast) {
    add(ir::other_of(types[0]));
  } else {
    add(types[0]);
  }
  const bool sums = op == Op::reduce_sum || op == Op::reduce_sum_fma;
  if (sums) add(types[0], 0, true);
  if (sums && types[0] == Type::i32)
    for (PrimitiveUse& use : out) use.result = Type::i64;
  return out;
}

class Maker {
 public:
  explicit Maker(const PrimitiveUse& use) : use_(use) { kernel_.name = "primitive"; }

  ir::Kernel make() {
    const NodeId value = ir::row(use_.op).typing == Typing::leaf ? leaf() : applied();
    const bool scalar = ir::is_reduction(use_.op) || use_.op == Op::count;
    kernel_.outputs.push_back({"y", value, !scalar});
    return std::move(kernel_);
  }

 private:
  NodeId parameter(Op op, Type type) {
    kernel_.params.push_back({"p" + std::to_string(kernel_.params.size() + 1),
                              type,
                              static_cast<std::uint8_t>(op == Op::param_array ? 1 : 0),
                              {}});
    const NodeId id = ir::append(kernel_, op, type, {}, {}, kernel_.params.size() - 1);
    kernel_.nodes[id].varying = op == Op::param_array;
    return id;
  }

  NodeId constant(Type type, double value) {
    const std::uint64_t bits = type == Type::f32   ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                               : type == Type::f64 ? std::bit_cast<std::uint64_t>(value)
                                                   : static_cast<std::uint64_t>(value);
    return ir::append(kernel_, Op::constant, type, {}, {}, bits);
  }

  NodeId mask(Type type) {
    const Type of = ir::float_of(bits_of(type));
    const NodeId value = parameter(Op::param_array, of);
    return ir::append(kernel_, Op::lt, type, {value, constant(of, 0.5)});
  }

  NodeId leaf() {
    if (use_.op == Op::param_array || use_.op == Op::param_scalar) return parameter(use_.op, use_.result);
    if (use_.op == Op::constant) return constant(use_.result, 3);
    parameter(Op::param_array, Type::f32);  // whose elements are counted
    return ir::append(kernel_, use_.op, use_.result, {});
  }

  NodeId applied() {
    std::vector<NodeId> args;
    for (std::size_t i = 0; i < use_.operands.size(); ++i) {
      const Type type = use_.operands[i];
      const bool last = i + 1 == use_.operands.size();
      args.push_back(use_.constant && last ? constant(type, 3)
                     : is_mask(type)       ? mask(type)
                                           : parameter(Op::param_array, type));
    }
    if (ir::is_reduction(use_.op)) {
      const NodeId where = use_.where ? mask(ir::mask_of(use_.operands[0])) : ir::kNoNode;
      return ir::append_reduction(kernel_, use_.op, args, where);
    }
    return ir::append(kernel_, use_.op, use_.result, args, {}, use_.op == Op::table ? contents() : 0);
  }

  /// A table of small numbers, none like another.
  std::uint64_t contents() {
    ir::Table table{"t", use_.result, {}};
    const std::uint64_t first = is_int(use_.result) ? 1 : use_.result == Type::f32 ? 0x3f800000 : 0x3ff0000000000000;
    for (int i = 0; i < use_.entries; ++i) table.entries.push_back(first + static_cast<std::uint64_t>(i));
    return ir::table_index(kernel_, table);
  }

  const PrimitiveUse& use_;
  ir::Kernel kernel_;
};

}  // namespace

std::string PrimitiveUse::name() const {
  // sum of an array and min of two numbers have the name in text; leaves have none but their identifier.
  const ir::Primitive& row = ir::row(op);
  std::string out(row.text.empty() ? row.id : row.text);
  if (ir::is_reduction(op)) out += where ? " where (reduction)" : " (reduction)";
  if (entries != 0) out += "[" + std::to_string(entries) + "]";
  return out;
}

std::string PrimitiveUse::types() const {
  std::string out;
  for (const Type type : operands) out += (out.empty() ? "" : ", ") + std::string(trueno::name_of(type));
  return out + (out.empty() ? "" : " -> ") + std::string(trueno::name_of(result));
}

std::vector<PrimitiveUse> uses_of(Op op) {
  if (ir::row(op).typing == Typing::leaf) return leaves(op);
  std::vector<PrimitiveUse> out;
  for (const Types& types : operand_types(ir::row(op)))
    for (PrimitiveUse& use : variants(op, types)) out.push_back(std::move(use));
  return out;
}

ir::Kernel kernel_of(const PrimitiveUse& use) { return Maker(use).make(); }

}  // namespace trueno::tools
