// References of compound operations: over n elements to n results, in long double. Not the definitions' way: sums are
// compensated, variances come from the sums of x and x^2 about the first element, softmax from the logarithm of the
// sum.
#include <vector>

#include "ops/reference.h"

namespace trueno::ops {
namespace {

using Operands = const long double* const*;

/// Sum of f(i), compensated.
template <class F>
long double total(std::size_t n, F f) {
  long double sum = 0, lost = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const long double term = f(i), next = sum + term;
    lost += std::fabs(sum) >= std::fabs(term) ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }
  return std::isfinite(sum) ? sum + lost : sum;
}

struct Moments {
  long double mean, variance;
};
Moments moments(const long double* x, std::size_t n) {
  const auto count = static_cast<long double>(n);
  const long double shift = n == 0 ? 0 : x[0];
  const long double first = total(n, [&](std::size_t i) { return x[i] - shift; }) / count;
  const long double second = total(n, [&](std::size_t i) { return (x[i] - shift) * (x[i] - shift); }) / count;
  return {shift + first, second - first * first};
}
long double mean_square(const long double* x, std::size_t n) {
  return total(n, [&](std::size_t i) { return x[i] * x[i]; }) / static_cast<long double>(n);
}

/// NaN if there is one.
template <class Better>
long double extreme(const long double* x, std::size_t n, Better better) {
  long double best = n == 0 ? 0 : x[0];
  for (std::size_t i = 0; i < n; ++i)
    if (std::isnan(x[i]) || better(x[i], best)) best = x[i];
  return best;
}
long double least(const long double* x, std::size_t n) {
  return extreme(x, n, [](long double a, long double b) { return a < b; });
}
long double greatest(const long double* x, std::size_t n) {
  return extreme(x, n, [](long double a, long double b) { return a > b; });
}

/// log(sum(e^x)), by way of the largest x.
long double log_sum_exp(const long double* x, std::size_t n) {
  const long double top = greatest(x, n);
  return top + std::log(total(n, [&](std::size_t i) { return std::exp(x[i] - top); }));
}

void softmax(Operands a, std::size_t n, long double* out) {
  const long double whole = log_sum_exp(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = std::exp(a[0][i] - whole);
}
void log_softmax(Operands a, std::size_t n, long double* out) {
  const long double whole = log_sum_exp(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = a[0][i] - whole;
}
void zscore(Operands a, std::size_t n, long double* out) {
  const Moments m = moments(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = (a[0][i] - m.mean) / std::sqrt(m.variance);
}
void normalize(Operands a, std::size_t n, long double* out) {
  const long double largest = std::fmax(std::fabs(least(a[0], n)), std::fabs(greatest(a[0], n)));
  const long double norm = std::sqrt(total(n, [&](std::size_t i) { return a[0][i] / largest * (a[0][i] / largest); }));
  for (std::size_t i = 0; i < n; ++i) out[i] = a[0][i] / largest / norm;
}
void minmax_normalize(Operands a, std::size_t n, long double* out) {
  const long double lo = least(a[0], n), hi = greatest(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = (a[0][i] - lo) / (hi - lo);
}
void layer_norm(Operands a, std::size_t n, long double* out) {
  const Moments m = moments(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = (a[0][i] - m.mean) / std::sqrt(m.variance + a[1][i]);
}
void layer_norm_affine(Operands a, std::size_t n, long double* out) {
  const Moments m = moments(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = (a[0][i] - m.mean) / std::sqrt(m.variance + a[3][i]) * a[1][i] + a[2][i];
}
void rms_norm(Operands a, std::size_t n, long double* out) {
  const long double square = mean_square(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = a[0][i] / std::sqrt(square + a[1][i]);
}
void rms_norm_scaled(Operands a, std::size_t n, long double* out) {
  const long double square = mean_square(a[0], n);
  for (std::size_t i = 0; i < n; ++i) out[i] = a[0][i] / std::sqrt(square + a[2][i]) * a[1][i];
}

constexpr Reference row(std::string_view name, int arity, void (*each)(Operands, std::size_t, long double*)) {
  Reference r{name, arity};
  r.each = each;
  return r;
}

constexpr Reference kCompound[] = {
    row("softmax", 1, softmax),
    row("log_softmax", 1, log_softmax),
    row("zscore", 1, zscore),
    row("normalize", 1, normalize),
    row("minmax_normalize", 1, minmax_normalize),
    row("layer_norm", 2, layer_norm),
    row("layer_norm_affine", 4, layer_norm_affine),
    row("rms_norm", 2, rms_norm),
    row("rms_norm_scaled", 3, rms_norm_scaled),
};

}  // namespace

std::span<const Reference> compound_references() { return kCompound; }

}  // namespace trueno::ops
