/* What a shared library of trueno shows: declarations marked TRUENO_API, and nothing else.
 *
 * Every function and class that users call is marked with it; all else is compiled hidden (cmake/targets.cmake).
 * The build defines TRUENO_HIDDEN where the objects go into a static library only: whatever that is linked into
 * then shows nothing of trueno. This header is C and C++, of any standard. */
#ifndef TRUENO_EXPORT_H
#define TRUENO_EXPORT_H

#if defined(__GNUC__) && !defined(TRUENO_HIDDEN)
#define TRUENO_API __attribute__((visibility("default")))
#else
#define TRUENO_API
#endif

#endif
