// The version, as the headers had it when the library was compiled.
#include "trueno/version.h"

namespace trueno {
inline namespace v0 {

Version version() noexcept {
  return {TRUENO_VERSION_MAJOR, TRUENO_VERSION_MINOR, TRUENO_VERSION_PATCH, TRUENO_VERSION_STRING};
}

}  // namespace v0
}  // namespace trueno
