// trueno_sum_f32 and friends: trueno/reduce.h in C.
#include "runtime/c_api.h"
#include "trueno/reduce.h"

namespace trueno::runtime {
namespace {

/// Hands a sum or mean to the caller, or the reason why there is no minimum.
template <class R>
Result<void> hand(const char*, R value, R* result) {
  *result = value;
  return {};
}
template <class R>
Result<void> hand(const char* function, std::optional<R> value, R* result) {
  if (!value) return Error(Status::empty, std::string(function) + ": min or max of no elements");
  return hand(function, *value, result);
}

Result<void> all_there(const char* function, const void* x, const char* name, std::size_t n, const void* result) {
  if (!x && n != 0) return missing(function, name);
  if (!result) return missing(function, "result");
  return {};
}

}  // namespace
}  // namespace trueno::runtime

using trueno::runtime::all_there;
using trueno::runtime::guarded;
using trueno::runtime::hand;

extern "C" {

// clang-format off
#define TRUENO_REDUCTION(name, suffix, T, R)                                                                         \
  trueno_status trueno_##name##_##suffix(const T* x, size_t n, R* result, trueno_error** error) noexcept {           \
    return guarded(error, [&]() -> trueno::Result<void> {                                                            \
      if (auto there = all_there("trueno_" #name "_" #suffix, x, "x", n, result); !there) return there;    \
      return hand("trueno_" #name "_" #suffix, trueno::name(std::span<const T>(x, n)), result);                      \
    });                                                                                                              \
  }
#define TRUENO_DOT(suffix, T)                                                                                        \
  trueno_status trueno_dot_##suffix(const T* x, const T* y, size_t n, T* result, trueno_error** error) noexcept {    \
    return guarded(error, [&]() -> trueno::Result<void> {                                                            \
      if (auto there = all_there("trueno_dot_" #suffix, x, "x", n, result); !there) return there;                    \
      if (auto there = all_there("trueno_dot_" #suffix, y, "y", n, result); !there) return there;                    \
      return hand("trueno_dot_" #suffix, trueno::dot(std::span<const T>(x, n), std::span<const T>(y, n)), result);   \
    });                                                                                                              \
  }
TRUENO_REDUCTION(sum, f32, float, float)
TRUENO_REDUCTION(sum, f64, double, double)
TRUENO_REDUCTION(sum, i32, int32_t, int64_t)
TRUENO_REDUCTION(sum, i64, int64_t, int64_t)
TRUENO_REDUCTION(mean, f32, float, float)
TRUENO_REDUCTION(mean, f64, double, double)
TRUENO_REDUCTION(mean, i32, int32_t, double)
TRUENO_REDUCTION(mean, i64, int64_t, double)
TRUENO_REDUCTION(min, f32, float, float)
TRUENO_REDUCTION(min, f64, double, double)
TRUENO_REDUCTION(min, i32, int32_t, int32_t)
TRUENO_REDUCTION(min, i64, int64_t, int64_t)
TRUENO_REDUCTION(max, f32, float, float)
TRUENO_REDUCTION(max, f64, double, double)
TRUENO_REDUCTION(max, i32, int32_t, int32_t)
TRUENO_REDUCTION(max, i64, int64_t, int64_t)
TRUENO_DOT(f32, float)
TRUENO_DOT(f64, double)
#undef TRUENO_REDUCTION
#undef TRUENO_DOT
// clang-format on
}
