// The checker: declarations of the parse tree become kernels, definitions and tables.
//
// Expressions are the elaborator's business (elaborate.h); this is about signatures: parameters, declared
// results against what the body gives, type variables, tables, names declared twice.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ir/mistakes.h"
#include "ir/parse.h"
#include "ir/scope.h"
#include "ir/syntax.h"

namespace trueno::ir {

/// All declarations in order; what has mistakes is left out of the module and reported.
Module check_module(const Syntax& syntax, const Catalogue& ops, Mistakes& mistakes);

/// A body over free names. Only meaningful if no mistake was added.
Kernel check_expression(const Syntax& syntax, const std::vector<FreeName>& names, const Catalogue& ops,
                        Mistakes& mistakes);

}  // namespace trueno::ir
