/* The version of these headers, and that of the library that is really there. C and C++.
 *
 * This is the one place that knows the version: the build reads it from here. Semantic versioning: before 1.0.0 a
 * minor version may break what users call, from then on only a major one; a patch never does. */
#ifndef TRUENO_VERSION_H
#define TRUENO_VERSION_H

#include "trueno/export.h"

#define TRUENO_VERSION_MAJOR 0
#define TRUENO_VERSION_MINOR 1
#define TRUENO_VERSION_PATCH 0
#define TRUENO_VERSION_STRING "0.1.0"

#if defined(__cplusplus) && __cplusplus >= 201103L
namespace trueno {
inline namespace v0 {

struct Version {
  int major, minor, patch;
  const char* text; /**< "0.1.0" */
};

/** The library's: a shared one may be a later patch than the headers it is used with. Threads: safe. */
TRUENO_API Version version() noexcept;

}  // namespace v0
}  // namespace trueno
#endif

#endif
