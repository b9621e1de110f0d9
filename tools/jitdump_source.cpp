// Where the kernels of a dump come from: an expression, a file, or an op by its name; see jitdump.h.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ir/lex.h"
#include "ir/parse.h"
#include "ops/catalogue.h"
#include "ops/user_ops.h"
#include "tools/jitdump.h"

namespace trueno::tools {
namespace {

Error refuse(std::string message) { return Error(Status::invalid_argument, std::move(message)); }

/// x, y, z, then x3, x4, ...
std::string parameter_name(std::size_t i) { return i < 3 ? std::string(1, "xyz"[i]) : fmt::format("x{}", i); }

std::string types_text(const std::vector<Type>& types) {
  std::string out;
  for (const Type t : types) out += fmt::format("{}{}", out.empty() ? "" : ", ", name_of(t));
  return "(" + out + ")";
}

/// Operand types of a primitive whose first operand is `type`, as far as the table tells.
std::vector<Type> primitive_types(const ir::Primitive& primitive, Type type) {
  std::vector<Type> types(primitive.operands, type);
  if (primitive.typing == ir::Typing::select) types[0] = bits_of(type) == 32 ? Type::m32 : Type::m64;
  if (primitive.typing == ir::Typing::scaling) types[1] = bits_of(type) == 32 ? Type::i32 : Type::i64;
  return types;
}

}  // namespace

std::vector<std::string> free_names(const std::string& text) {
  ir::Mistakes mistakes(text, {});  // the parser will report them
  const std::vector<ir::Lexeme> tokens = ir::lex(text, mistakes);
  std::set<std::string> known;
  std::vector<std::string> names;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind != ir::Token::name) continue;
    const ir::Token next = tokens[i + 1].kind;
    const std::string name(tokens[i].text);
    if (next == ir::Token::paren_open || !ir::is_bindable(name)) continue;
    if (!known.insert(name).second || next == ir::Token::assign) continue;
    names.push_back(name);
  }
  return names;
}

Result<DumpSource> source_of_expression(const std::string& text, Type type, const std::vector<std::string>& scalars,
                                        const Ops& ops) {
  const std::vector<std::string> used = free_names(text);
  for (const std::string& scalar : scalars)
    if (std::find(used.begin(), used.end(), scalar) == used.end())
      return refuse(fmt::format("--scalar {}: the expression does not use that name", scalar));
  std::vector<ir::FreeName> names;
  for (const std::string& name : used) {
    const bool scalar = std::find(scalars.begin(), scalars.end(), name) != scalars.end();
    names.push_back({name, !scalar, scalar ? std::nullopt : std::optional(type)});
  }
  auto kernel = ir::parse_expression(text, names, *ops);
  if (!kernel) return kernel.error();
  return DumpSource{{std::move(*kernel)}, ops, nullptr};
}

Result<DumpSource> source_of_file(const std::string& path, const Ops& ops) {
  auto text = read_text_file(path);
  if (!text) return text.error();
  auto module = ops::parse_user_module(*text, *ops, path);
  if (!module) return module.error();
  if (module->kernels.empty()) {
    Error error(Status::invalid_text, "there is no kernel in it; --op NAME shows an op, --ops FILE brings your own");
    error.diagnostics[0].file = path;
    return error;
  }
  // The ops of the file lie over those given, which the catalogue keeps alive.
  struct Layered {
    Ops below;
    ops::UserCatalogue all;
  };
  auto layered = std::make_shared<Layered>(Layered{ops, ops::UserCatalogue(*ops, std::move(module->definitions))});
  return DumpSource{std::move(module->kernels), Ops(layered, &layered->all), nullptr};
}

Result<ir::Kernel> kernel_of_op(const std::string& name, const std::vector<Type>& types, const Ops& ops) {
  std::vector<ir::FreeName> names;
  std::string arguments;
  for (std::size_t i = 0; i < types.size(); ++i) {
    // A mask is no parameter: a comparison of integers of its width makes one.
    const bool mask = is_mask(types[i]);
    const Type type = !mask ? types[i] : bits_of(types[i]) == 32 ? Type::i32 : Type::i64;
    names.push_back({parameter_name(i), true, type});
    arguments += (i == 0 ? "" : ", ") + names.back().name + (mask ? " != 0" : "");
  }
  auto kernel = ir::parse_expression(name + "(" + arguments + ")", names, *ops);
  if (kernel && ir::is_bindable(name)) kernel->name = name;
  return kernel;
}

Result<DumpSource> source_of_op(const std::string& name, Type type, const Ops& ops) {
  const auto overloads = ops->overloads(name);
  const auto called = [&](const std::vector<Type>& types) -> Result<DumpSource> {
    auto kernel = kernel_of_op(name, types, ops);
    if (!kernel) return kernel.error();
    const bool own = ops::built_in().find(name, types) == nullptr;
    return DumpSource{{std::move(*kernel)}, ops, own ? ops->find(name, types) : nullptr};
  };
  for (const std::vector<Type>& types : overloads)
    if (!types.empty() && types[0] == type) return called(types);
  for (const ir::Primitive& primitive : ir::kPrimitives)
    if (primitive.text == name && primitive.operands != 0) return called(primitive_types(primitive, type));
  if (overloads.empty()) {
    std::string known;
    for (const std::string& op : ops->names()) known += (known.empty() ? "" : ", ") + op;
    return refuse(fmt::format("--op {}: no op, primitive or reduction has that name; ops are {}", name, known));
  }
  std::string has;
  for (const std::vector<Type>& types : overloads) has += (has.empty() ? "" : ", ") + types_text(types);
  return refuse(
      fmt::format("--op {}: it has no definition whose first operand is {}; it takes {}", name, name_of(type), has));
}

}  // namespace trueno::tools
