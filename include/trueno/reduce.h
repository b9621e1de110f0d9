// Reductions with no set-up: compiled on first use, kept for the life of the process.
//
// Threads: safe. The result has the same bits on every machine (sums go by a fixed tree). If executable
// memory is refused they are slower, not wrong, whatever TRUENO_JIT says. `std::nullopt` where the result is not
// defined: min and max of nothing. The mean of nothing is NaN; the sum of nothing is +0.
// Errors: std::bad_alloc where there is no memory to compile with (a later call tries again), or, where generated code
// is refused, to run. A null span that has elements, which can be no array, is told in the log; the result is that of
// no definition, or NaN, or 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "trueno/export.h"

namespace trueno {
inline namespace v0 {

TRUENO_API float sum(std::span<const float> x);
TRUENO_API double sum(std::span<const double> x);
TRUENO_API std::int64_t sum(std::span<const std::int32_t> x);  ///< cannot overflow below 2^32 elements
TRUENO_API std::int64_t sum(std::span<const std::int64_t> x);  ///< wraps

TRUENO_API float mean(std::span<const float> x);
TRUENO_API double mean(std::span<const double> x);
TRUENO_API double mean(std::span<const std::int32_t> x);
TRUENO_API double mean(std::span<const std::int64_t> x);

TRUENO_API std::optional<float> min(std::span<const float> x);  ///< NaN if any is NaN; -0 < +0
TRUENO_API std::optional<double> min(std::span<const double> x);
TRUENO_API std::optional<std::int32_t> min(std::span<const std::int32_t> x);
TRUENO_API std::optional<std::int64_t> min(std::span<const std::int64_t> x);

TRUENO_API std::optional<float> max(std::span<const float> x);
TRUENO_API std::optional<double> max(std::span<const double> x);
TRUENO_API std::optional<std::int32_t> max(std::span<const std::int32_t> x);
TRUENO_API std::optional<std::int64_t> max(std::span<const std::int64_t> x);

/// Products accumulated by fma. `std::nullopt` if the lengths differ.
TRUENO_API std::optional<float> dot(std::span<const float> x, std::span<const float> y);
TRUENO_API std::optional<double> dot(std::span<const double> x, std::span<const double> y);

}  // namespace v0
}  // namespace trueno
