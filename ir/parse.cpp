// The steps from text to kernels, as a list: read, contract, check.
#include "ir/parse.h"

#include "ir/check.h"
#include "ir/contract.h"

namespace trueno::ir {

Result<Module> parse_module(std::string_view text, const Catalogue& ops, std::string_view file) {
  Mistakes mistakes(text, file);
  Syntax syntax = parse_declarations(text, mistakes);
  contract(syntax);
  Module module = check_module(syntax, ops, mistakes);
  if (!mistakes.none()) return mistakes.take();
  return module;
}

Result<Kernel> parse_expression(std::string_view text, const std::vector<FreeName>& names, const Catalogue& ops,
                                std::string_view file) {
  Mistakes mistakes(text, file);
  Syntax syntax = parse_body(text, mistakes);
  contract(syntax);
  if (names.size() > kMaxSlots)
    mistakes.add({}, std::to_string(names.size()) + " names; at most " + std::to_string(kMaxSlots) + " are allowed");
  Kernel kernel = check_expression(syntax, names, ops, mistakes);
  if (!mistakes.none()) return mistakes.take();
  return kernel;
}

}  // namespace trueno::ir
