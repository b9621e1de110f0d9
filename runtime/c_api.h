// What all functions of the C ABI have in common: results become statuses, errors become structs of C, and no
// exception leaves.
#pragma once

#include <trueno.h>

#include <exception>
#include <new>
#include <string>

#include "trueno/types.h"

namespace trueno::runtime {

/// The status of `error`, which is also told to `*to`, if that is wanted.
trueno_status refuse(const Error& error, trueno_error** to) noexcept;
trueno_status refuse_for_memory(trueno_error** to) noexcept;
trueno_status refuse_for_exception(const char* what, trueno_error** to) noexcept;

/// "trueno_run: inputs is NULL"
Error missing(const char* function, const std::string& argument);
/// "trueno_run: inputs[1].type is 77, which is no trueno_type"
Error wrong_number(const char* function, const std::string& what, long long number, const char* kind);

/// Runs the body of a function of the C ABI: `body` returns Result<void>.
template <class Body>
trueno_status guarded(trueno_error** error, const Body& body) noexcept {
  if (error) *error = nullptr;
  try {
    const Result<void> done = body();
    if (done) [[likely]]
      return TRUENO_OK;
    return refuse(done.error(), error);
  } catch (const std::bad_alloc&) {
    return refuse_for_memory(error);
  } catch (const std::exception& e) {
    return refuse_for_exception(e.what(), error);
  } catch (...) {
    return refuse_for_exception("an exception of unknown type", error);
  }
}

}  // namespace trueno::runtime
