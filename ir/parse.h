// From text to kernels: lexing, parsing, contraction, name resolution and type checking.
//
// Every mistake in the text is reported at once, each with its position; nothing is thrown. The steps are
// files of their own: lex (tokens), syntax (the parse tree), contract (the rewrite of the parse tree that
// decides where fma is used), check (names and types, parse tree -> Kernel).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"

namespace trueno::ir {

/// What a piece of text defines. Kernels may contain `call` nodes.
struct Module {
  std::vector<Kernel> kernels;
  std::vector<Definition> definitions;
};

/// Parses a module: any number of `table`, `op` and `kernel` declarations.
/// Ops declared earlier in the text are known to what follows; others are looked up in `ops`.
/// Errors: Status::invalid_text with every mistake; Status::too_large.
Result<Module> parse_module(std::string_view text, const Catalogue& ops, std::string_view file = {});

/// A name an expression may use: an array, or a scalar whose type may be left to be found from its uses.
struct FreeName {
  std::string name;
  bool array = true;
  std::optional<Type> type;  ///< required for arrays
};

/// Parses one expression (or several separated by commas; `d = ...` statements may come before) into a
/// kernel named "expression" whose parameters are `names`, in that order. An unused name is an error that
/// says so; an unknown name is an error that names the nearest known one.
Result<Kernel> parse_expression(std::string_view text, const std::vector<FreeName>& names, const Catalogue& ops,
                                std::string_view file = {});

}  // namespace trueno::ir
