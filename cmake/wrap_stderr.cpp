// A private `stderr` for asmjit inside our shared library.
//
// Debian's libasmjit.a is not position independent in one thing: it refers to `stderr` as data. That is fine in
// a program and refused by the linker in a shared library. Linked with -Wl,--wrap=stderr those references go to
// __wrap_stderr instead, a hidden variable of this library, which may be referred to that way.
// Only part of the build with BUILD_SHARED_LIBS; asmjit prints there when one of its assertions fails.
#include <cstdio>

extern "C" {
extern FILE* __real_stderr;
__attribute__((visibility("hidden"))) FILE* __wrap_stderr = nullptr;
}

namespace {
__attribute__((constructor)) void set_stderr() { __wrap_stderr = __real_stderr; }
}  // namespace
