// See user_ops.h.
#include "ops/user_ops.h"

#include <algorithm>

#include "ir/mistakes.h"
#include "ops/catalogue.h"
#include "ops/op_reference.h"

namespace trueno::ops {
namespace {

std::string list_of(const std::vector<Type>& types) {
  std::string out;
  for (const Type type : types) out += (out.empty() ? "" : ", ") + std::string(name_of(type));
  return "(" + out + ")";
}

/// Steps of the built-in ops are named so; they are not listed, and come and go as the ops change.
constexpr std::string_view kParts = "part.";

void check(const ir::Definition& op, const ir::Catalogue& base, ir::Mistakes& mistakes) {
  if (base.find(op.name, op.types) != nullptr)
    return mistakes.add(op.at, "op '" + op.name + "' of " + list_of(op.types) +
                                   " is there already; an op can add types to a name, not replace what it means");
  if (op.name.starts_with(kParts))
    return mistakes.add(op.at, "op '" + op.name + "': names that begin with '" + std::string(kParts) +
                                   "' are kept for the steps of built-in ops; an op needs another name");
  const bool primitive = std::any_of(std::begin(ir::kPrimitives), std::end(ir::kPrimitives),
                                     [&](const ir::Primitive& p) { return p.text == op.name; });
  if (primitive && base.overloads(op.name).empty())
    mistakes.add(op.at, "'" + op.name + "' is a primitive; an op needs a name of its own");
}

/// A reference may be any op of the text, one that stands below too.
void check_references(const std::vector<ir::Definition>& ops, const ir::Catalogue& base, ir::Mistakes& mistakes) {
  if (std::ranges::all_of(ops, [](const ir::Definition& op) { return op.reference.empty(); })) return;
  const UserCatalogue all(base, ops);
  for (const ir::Definition& op : ops)
    if (const auto found = reference_of(op, all); !found)
      mistakes.add(op.at, found.error().diagnostics.front().message);
}

}  // namespace

Result<ir::Module> parse_user_module(std::string_view text, const ir::Catalogue& base, std::string_view file) {
  auto module = ir::parse_module(text, base, file);
  if (!module) return module;
  ir::Mistakes mistakes(text, file);
  for (const ir::Definition& op : module->definitions) check(op, base, mistakes);
  check_references(module->definitions, base, mistakes);
  if (!mistakes.none()) return mistakes.take();
  return module;
}

Result<std::vector<ir::Definition>> parse_user_ops(std::string_view text, const ir::Catalogue& base,
                                                   std::string_view file) {
  auto module = parse_user_module(text, base, file);
  if (!module) return module.error();
  ir::Mistakes mistakes(text, file);
  for (const ir::Kernel& kernel : module->kernels)
    mistakes.add({}, "kernel '" + kernel.name + "' is among the ops; give it to be compiled");
  if (!mistakes.none()) return mistakes.take();
  return std::move(module->definitions);
}

}  // namespace trueno::ops
