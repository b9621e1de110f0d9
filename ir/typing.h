// How primitives are typed: the `Typing` column of the primitive table, as code, once.
//
// The checker (text), the builder (C++) and the passes all make nodes through these functions, so a kernel
// cannot depend on the way it was written. Nothing here knows about text positions: a problem is a message
// and the operand it is about.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ir/kernel.h"

namespace trueno::ir {

constexpr Type float_of(int bits) { return bits == 32 ? Type::f32 : Type::f64; }
constexpr Type int_of(int bits) { return bits == 32 ? Type::i32 : Type::i64; }
/// The type of a compare of two values of type `t`; of a mask: itself.
constexpr Type mask_of(Type t) { return bits_of(t) == 32 ? Type::m32 : Type::m64; }
/// The type that a bitcast of `t` has.
constexpr Type other_of(Type t) { return is_float(t) ? int_of(bits_of(t)) : float_of(bits_of(t)); }

/// The primitive a call of `name` with that many arguments means: min of one argument is a reduction. With
/// no such number of operands: the primitive of that name with another number, so that it can be reported.
std::optional<Op> primitive_named(std::string_view name, std::size_t operands);

/// How the operation is written: "+" for add, "fma", "sum.fma".
std::string_view spelling(Op op);

/// Fills in operand types that follow from the other operands, or else from `result`, the type wanted.
/// What cannot be known stays unknown; contradictions are left for `type_of` to report.
void complete(Op op, std::span<std::optional<Type>> operands, std::optional<Type> result);

/// The outcome of typing: a type, or a problem and the operand it is about (-1: the whole).
struct Typed {
  Type type = Type::f32;
  std::string problem;
  int operand = -1;
  bool ok() const { return problem.empty(); }
};

/// The type of a primitive applied to operands of these types (as many as its row says). `own` is the type
/// asked for where the operands do not decide it: convert, mask_convert, bitcast, and the entries of a table.
Typed type_of(Op op, std::span<const Type> operands, Type own = Type::f32);

/// A problem with the mask of a reduction; empty if there is none. It may have any width.
std::string problem_of_where(Type mask);

/// What to write where a value of type `from` stands and `to` is needed: "write f32(...)".
std::string remedy(Type from, Type to);

/// "f32, f32 and m64"
std::string list_of(std::span<const Type> types);

/// Appends a node; sets its arity and whether it varies. Operands must be nodes of the kernel.
NodeId append(Kernel& kernel, Op op, Type type, std::span<const NodeId> operands, Position at = {},
              std::uint64_t imm = 0);
inline NodeId append(Kernel& kernel, Op op, Type type, std::initializer_list<NodeId> operands, Position at = {},
                     std::uint64_t imm = 0) {
  return append(kernel, op, type, std::span(operands.begin(), operands.size()), at, imm);
}

/// Appends sum, sum.fma, min or max of operands of one type; sums of i32 widen their operands (and mask).
NodeId append_reduction(Kernel& kernel, Op op, std::span<const NodeId> operands, NodeId mask, Position at = {});

/// Does an op reduce, whatever its arguments are?
bool reduces(const Definition& op);
/// Definition::spreads of an op: of variance(x, ddof) only ddof, as x is reduced.
std::vector<bool> find_spreads(const Definition& op);
/// Has a call of the op on these arguments a value for every element?
bool varies(const Kernel& kernel, const Definition& op, std::span<const NodeId> args);

/// Appends a call of an op, over the elements where `mask` holds if it is not kNoNode. It varies if some argument
/// does, unless the op reduces.
NodeId append_call(Kernel& kernel, const Definition& op, std::vector<NodeId> args, NodeId mask, Position at = {});

/// One component of the state of a reducer over everything, before its `finish`.
NodeId append_component(Kernel& kernel, const Definition& reducer, std::string_view component,
                        std::span<const NodeId> args, NodeId mask, Position at = {});
/// The node of a reduction by a reducer of text: an equal one if there is one.
NodeId append_reduce(Kernel& kernel, const std::shared_ptr<const Reducer>& reducer, std::span<const NodeId> args,
                     NodeId mask, Position at = {});
/// A component of that node.
NodeId append_component(Kernel& kernel, NodeId reduce, std::size_t component, Position at = {});

/// The index of a table in the kernel; adds it if no equal one is there.
std::uint64_t table_index(Kernel& kernel, const Table& table);

}  // namespace trueno::ir
