// See check.h.
#include "bench/check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace trueno::bench {
namespace {

long double value_at(Type type, const void* out, std::size_t i) {
  switch (type) {
    case Type::f32: return static_cast<const float*>(out)[i];
    case Type::f64: return static_cast<const double*>(out)[i];
    case Type::i32: return static_cast<const std::int32_t*>(out)[i];
    default: return static_cast<long double>(static_cast<const std::int64_t*>(out)[i]);
  }
}

}  // namespace

double unit_in_last_place(Type type, long double v) {
  if (!is_float(type)) return 1;
  const bool wide = type == Type::f64;
  const int least = wide ? -1022 : -126, digits = wide ? 52 : 23;
  const int exponent = v == 0 ? least : std::max(std::ilogb(v), least);
  return std::ldexp(1.0, exponent - digits);
}

Verdict judge(const Answer& answer, Type result, const void* out) {
  Verdict verdict;
  long double largest = answer.floor;
  for (const long double v : answer.values) largest = std::max(largest, std::fabs(v));
  const long double slack = is_float(result) ? std::min(largest, 1.0L) * 1e-3L : 0;
  for (std::size_t i = 0; i < answer.values.size(); ++i) {
    const long double right = answer.values[i], got = value_at(result, out, i), off = std::fabs(got - right);
    const long double allowed = is_float(result) ? slack + std::fabs(right) * 1e-2L : 0;
    if (!(off <= allowed)) {
      char text[120];
      std::snprintf(text, sizeof text, "element %zu of %zu is %.9Lg, not %.9Lg", i, answer.values.size(), got, right);
      verdict.wrong = text;
      return verdict;
    }
    const long double condition = answer.condition.empty() ? 1 : answer.condition[i];
    const double unit = unit_in_last_place(result, std::max(std::fabs(right), answer.floor));
    verdict.ulp = std::max(verdict.ulp, static_cast<double>(off / condition) / unit);
  }
  return verdict;
}

}  // namespace trueno::bench
