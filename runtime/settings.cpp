// The settings in force: what is built in, then the environment.
#include "runtime/settings.h"

#include <cstdlib>
#include <string_view>

#include "ir/once.h"

namespace trueno::runtime {
namespace {

/// TRUENO_JIT. Errors: what it says if it says neither of three.
Result<Backend> named_backend(std::string_view says) {
  if (says.empty() || says == "auto") return Backend::automatic;
  if (says == "off") return Backend::fallback;
  if (says == "require") return Backend::jit;
  return Error(Status::invalid_argument, "TRUENO_JIT='" + std::string(says) + "': must be auto, off or require");
}

Result<Settings> from_environment() {
  Settings settings;
  const char* jit = std::getenv("TRUENO_JIT");
  const auto backend = named_backend(jit ? jit : "");
  if (!backend) return backend.error();
  settings.backend = *backend;
  const char* verbose = std::getenv("TRUENO_VERBOSE");
  settings.verbose = verbose && *verbose && std::string_view(verbose) != "0";
  return settings;
}

}  // namespace

namespace {
constinit ir::Once<Result<Settings>> in_force;  // once, as the caps of jit/host.cpp
}

const Result<Settings>& settings() { return in_force.get(from_environment); }

}  // namespace trueno::runtime
