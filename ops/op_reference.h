// What an op is held against, by the `ref` line of its block: a reference of the library, or another op.
//
// An op of a user can name a slower form of itself, of f64 where it is of f32, as its reference: whoever can write the
// one in the IR can write the other, and needs no C++ for it.
#pragma once

#include "ir/kernel.h"
#include "ops/reference.h"

namespace trueno::ops {

struct OpReference {
  const Reference* known = nullptr;    ///< of the library
  const ir::Definition* op = nullptr;  ///< of the catalogue: its f32 may be f64, all else is of the same types
  explicit operator bool() const { return known != nullptr || op != nullptr; }
};

/// Does the op give one value for all elements; or one for each, for which it reduces them first?
bool is_reduction(const ir::Definition& op);
bool is_compound(const ir::Definition& op);

/// The reference of an op. Neither is set if its block has no `ref` line, or the line names nothing but the op itself.
/// Errors: invalid_argument: nothing has that name, or not with operands and a result that fit.
Result<OpReference> reference_of(const ir::Definition& op, const ir::Catalogue& ops);

}  // namespace trueno::ops
