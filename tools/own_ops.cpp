// See own_ops.h.
#include "tools/own_ops.h"

#include "ops/catalogue.h"
#include "ops/user_ops.h"
#include "tools/options.h"

namespace trueno::tools {

Result<OwnOps> ops_of_file(const std::string& path) {
  // The built-in ops live as long as the program; nobody owns them.
  if (path.empty()) return OwnOps{Ops(std::shared_ptr<void>(), &ops::built_in()), {}};
  auto text = read_text_file(path);
  if (!text) return text.error();
  auto definitions = ops::parse_user_ops(*text, ops::built_in(), path);
  if (!definitions) return definitions.error();
  if (definitions->empty()) {
    Error error(Status::invalid_text, "there is no op and no reducer in it");
    error.diagnostics[0].file = path;
    return error;
  }
  return OwnOps{std::make_shared<ops::UserCatalogue>(ops::built_in(), std::move(*definitions)), *std::move(text)};
}

}  // namespace trueno::tools
