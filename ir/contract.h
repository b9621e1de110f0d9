// Contraction: where a product and a sum become one fma. Part of the bits, so it is decided once, here.
//
// It looks at the parse tree only, before any name is resolved: what fuses can be seen in the text. The
// tree keeps its form and is marked (Expr::fuse), because types are not known yet: integers have no fma, and
// the checker reads the same tree as multiply and add for them.
//
//   E*F + c, c + E*F    fma(E, F, c)       if c is not a product too (then neither fuses)
//   E*F - c             fma(E, F, -c)
//   c - E*F             fma(-E, F, c)
//   sum(E*F)            sum.fma(E, F)      the last * splits; mean, sum.wide and mean.wide likewise
//
// Parentheses do not matter. A named value, a call, a quotient or a negation is not a product.
#pragma once

#include "ir/syntax.h"

namespace trueno::ir {

/// Is this, as written, a multiplication?
inline bool is_product(const Syntax& syntax, ExprId id) {
  return syntax[id].kind == Expr::Kind::binary && syntax[id].op == Op::mul;
}

/// Is NAME(E*F) taken for NAME.fma(E, F)?
inline bool contracts_products(std::string_view name) {
  return name == "sum" || name == "mean" || name == "sum.wide" || name == "mean.wide";
}

/// Marks what fuses in all declarations but strict kernels.
void contract(Syntax& syntax);

}  // namespace trueno::ir
