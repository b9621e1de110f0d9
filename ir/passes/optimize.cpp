// The pipeline, as the list it is. Back ends get what comes out of here and nothing else.
#include <utility>

#include "ir/passes/passes.h"

namespace trueno::ir {

Result<Kernel> optimize(const Kernel& kernel, const Catalogue& ops, const Observer& observer) {
  const auto seen = [&](std::string_view pass, Kernel result) {
    if (observer) observer(pass, result);
    return result;
  };
  Result<Kernel> expanded = expand(kernel, ops);
  if (!expanded) return expanded;
  Kernel k = seen("expanded", *std::move(expanded));
  k = seen("canon", canon(std::move(k)));
  k = seen("fold", fold(std::move(k)));
  k = seen("cse", cse(std::move(k)));
  k = seen("dce", dce(std::move(k)));
  return k;
}

}  // namespace trueno::ir
