// One look at every expression; no recursion, as the decision needs only the operands.
#include "ir/contract.h"

namespace trueno::ir {
namespace {

Expr::Fuse decide(const Syntax& syntax, const Expr& e) {
  if (e.kind == Expr::Kind::binary && (e.op == Op::add || e.op == Op::sub)) {
    const bool left = is_product(syntax, e.first), right = is_product(syntax, syntax[e.first].next);
    if (left != right) return left ? Expr::Fuse::left : Expr::Fuse::right;
  }
  if (e.kind == Expr::Kind::call && e.count == 1 && contracts_products(e.text))
    if (is_product(syntax, e.first)) return Expr::Fuse::product;
  return Expr::Fuse::none;
}

}  // namespace

void contract(Syntax& syntax) {
  for (const Declaration& d : syntax.declarations)
    for (ExprId id = d.first_expr; id < d.end_expr && !d.strict; ++id)
      syntax.exprs[id].fuse = decide(syntax, syntax[id]);
}

}  // namespace trueno::ir
