// Errors in C: one allocation owns what a trueno_error points to. If there is no memory even for that, one that was
// always there says so.
#include <memory>
#include <vector>

#include "runtime/c_api.h"

namespace trueno::runtime {
namespace {

constexpr trueno_diagnostic kNoMemoryDiagnostic = {"out of memory", "", "", 0, 0};
constexpr const trueno_diagnostic* kNoMemoryDiagnostics[] = {&kNoMemoryDiagnostic};
trueno_error no_memory = {TRUENO_OUT_OF_MEMORY, 1, kNoMemoryDiagnostics, "error: out of memory\n"};

/// The number of a status; the compiler misses what C has no name for.
constexpr trueno_status number_of(Status status) {
  switch (status) {
    case Status::ok: return TRUENO_OK;
    case Status::invalid_text: return TRUENO_INVALID_TEXT;
    case Status::invalid_argument: return TRUENO_INVALID_ARGUMENT;
    case Status::empty: return TRUENO_EMPTY;
    case Status::too_large: return TRUENO_TOO_LARGE;
    case Status::unavailable: return TRUENO_UNAVAILABLE;
    case Status::io: return TRUENO_IO;
    case Status::internal: return TRUENO_INTERNAL;
    case Status::out_of_memory: return TRUENO_OUT_OF_MEMORY;
  }
  return TRUENO_INTERNAL;
}
constexpr bool same_numbers() {
  for (int i = TRUENO_OK; i <= TRUENO_OUT_OF_MEMORY; ++i)
    if (number_of(static_cast<Status>(i)) != i) return false;
  return true;
}
static_assert(same_numbers());

/// What a trueno_error that is handed out points to.
struct OwnedError : trueno_error {
  explicit OwnedError(const Error& error) : trueno_error{}, why(error), printed(why.text()) {
    if (why.diagnostics.empty()) why.diagnostics.push_back({{}, "no reason was given", {}, {}});
    for (const Diagnostic& d : why.diagnostics)
      told.push_back({d.message.c_str(), d.line.c_str(), d.file.c_str(), d.at.line, d.at.column});
    for (const trueno_diagnostic& d : told) pointers.push_back(&d);
    status = number_of(why.status);
    count = pointers.size();
    trueno_error::diagnostics = pointers.data();
    text = printed.c_str();
  }
  Error why;
  std::string printed;
  std::vector<trueno_diagnostic> told;
  std::vector<const trueno_diagnostic*> pointers;
};

}  // namespace

trueno_status refuse(const Error& error, trueno_error** to) noexcept {
  if (error.status == Status::out_of_memory) return refuse_for_memory(to);
  try {
    if (to) *to = new OwnedError(error);
    return number_of(error.status);
  } catch (...) {
    return refuse_for_memory(to);
  }
}

trueno_status refuse_for_memory(trueno_error** to) noexcept {
  if (to) *to = &no_memory;
  return TRUENO_OUT_OF_MEMORY;
}

trueno_status refuse_for_exception(const char* what, trueno_error** to) noexcept {
  try {
    return refuse({Status::internal, std::string("a defect of trueno: ") + what}, to);
  } catch (...) {
    return refuse_for_memory(to);
  }
}

Error missing(const char* function, const std::string& argument) {
  return {Status::invalid_argument, std::string(function) + ": " + argument + " is NULL"};
}

Error wrong_number(const char* function, const std::string& what, long long number, const char* kind) {
  return {Status::invalid_argument,
          std::string(function) + ": " + what + " is " + std::to_string(number) + ", which is no " + kind};
}

}  // namespace trueno::runtime

extern "C" {

void trueno_error_free(trueno_error* error) noexcept {
  if (error != &trueno::runtime::no_memory) delete static_cast<trueno::runtime::OwnedError*>(error);
}

const char* trueno_status_name(trueno_status status) noexcept {
  if (status < TRUENO_OK || status > TRUENO_OUT_OF_MEMORY) return "unknown";
  return name_of(static_cast<trueno::Status>(status)).data();
}
}
