// Finding it: see op_reference.h.
#include "ops/op_reference.h"

#include <algorithm>

#include "ir/suggest.h"
#include "ir/typing.h"

namespace trueno::ops {
namespace {

Error refuse(const ir::Definition& op, const std::string& why) {
  return Error(Status::invalid_argument, "'ref " + op.reference + "' of op '" + op.name + "': " + why);
}

bool takes(const Reference& known, const ir::Definition& op) {
  if (known.arity != static_cast<int>(op.types.size())) return false;
  if (is_reduction(op)) return known.over != nullptr;
  if (is_compound(op)) return known.each != nullptr;
  const bool integers = is_int(op.result) && std::ranges::all_of(op.types, [](Type t) { return is_int(t); });
  return integers ? known.integer != nullptr : is_float(op.result) && known.wider != nullptr;
}

Type widened(Type type) { return type == Type::f32 ? Type::f64 : type; }

}  // namespace

bool is_reduction(const ir::Definition& op) { return ir::reduces(op); }
bool is_compound(const ir::Definition& op) { return !ir::reduces(op) && (op.asks & ir::kAsksReduction) != 0; }

Result<OpReference> reference_of(const ir::Definition& op, const ir::Catalogue& ops) {
  if (op.reference.empty()) return OpReference();
  if (const Reference* known = reference(op.reference)) {
    if (takes(*known, op)) return OpReference{known, nullptr};
    return refuse(op, "the library's reference of that name is for other operands or another kind of result");
  }
  const auto overloads = ops.overloads(op.reference);
  if (overloads.empty()) {
    ir::Nearest nearest(op.reference);
    for (const std::string_view name : reference_names()) nearest.consider(name);
    for (const std::string& name : ops.names()) nearest.consider(name);
    return refuse(op, "there is no reference and no op of that name" + nearest.hint());
  }
  std::vector<Type> wide = op.types;
  std::ranges::transform(wide, wide.begin(), widened);
  bool itself = false;
  for (const std::vector<Type>& types : {wide, op.types}) {
    const ir::Definition* other = ops.find(op.reference, types);
    if (other == nullptr || is_reduction(*other) != is_reduction(op)) continue;
    if (other->result != op.result && other->result != widened(op.result)) continue;
    itself = itself || (op.reference == op.name && types == op.types);
    if (!itself) return OpReference{nullptr, other};
  }
  if (itself) return OpReference();
  return refuse(op, "it takes (" + ir::list_of(overloads[0]) + "); the operands must be (" + ir::list_of(op.types) +
                        ") or (" + ir::list_of(wide) + "), and the result likewise");
}

}  // namespace trueno::ops
