// Text of users: their ops stand beside the built-in ones and never in front of them, so that a name means the same in
// every program, and a misspelt overload cannot silently replace what other ops are made of.
#pragma once

#include "ir/parse.h"

namespace trueno::ops {

/// Like ir::parse_module, and refuses ops that are there already: with the same types in `base`, or as a primitive.
/// Errors: invalid_text with every mistake and its position; too_large.
Result<ir::Module> parse_user_module(std::string_view text, const ir::Catalogue& base, std::string_view file = {});

/// The same for a text that is there for its ops: a kernel in it is a mistake.
Result<std::vector<ir::Definition>> parse_user_ops(std::string_view text, const ir::Catalogue& base,
                                                   std::string_view file = {});

}  // namespace trueno::ops
