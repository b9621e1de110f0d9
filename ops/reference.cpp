// The references (reference.h): one struct per op, generic over the wider type, and a table of them.
#include "ops/reference.h"

#include <algorithm>

namespace trueno::ops {
namespace {

/// a < b with -0 below +0; false if either is NaN.
template <class W>
bool below(W a, W b) {
  return a < b || (a == b && std::signbit(a) && !std::signbit(b));
}

struct Abs {
  template <class W>
  static W at(const W* a) {
    return std::fabs(a[0]);
  }
  static std::int64_t integer(const std::int64_t* a) {
    return a[0] < 0 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a[0])) : a[0];
  }
};

struct Square {
  template <class W>
  static W at(const W* a) {
    return a[0] * a[0];
  }
  static std::int64_t integer(const std::int64_t* a) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a[0]) * static_cast<std::uint64_t>(a[0]));
  }
};

struct Recip {
  template <class W>
  static W at(const W* a) {
    return W{1} / a[0];
  }
};

struct Relu {
  template <class W>
  static W at(const W* a) {
    if (std::isnan(a[0])) return a[0];
    return a[0] > 0 ? a[0] : W{0};
  }
  static std::int64_t integer(const std::int64_t* a) { return std::max<std::int64_t>(a[0], 0); }
};

struct LeakyRelu {
  template <class W>
  static W at(const W* a) {
    return a[0] > 0 ? a[0] : a[1] * a[0];
  }
};

struct HardSigmoid {
  template <class W>
  static W at(const W* a) {
    if (a[0] <= -3) return 0;
    return a[0] >= 3 ? W{1} : (W{3} + a[0]) / W{6};
  }
};

/// By 1/|x| where that is small, so that an infinity needs no case of its own.
struct Softsign {
  template <class W>
  static W at(const W* a) {
    const W size = std::fabs(a[0]);
    return size > 1 ? std::copysign(W{1} / (W{1} + W{1} / size), a[0]) : a[0] / (W{1} + size);
  }
};

struct Clamp {
  template <class W>
  static W at(const W* a) {
    const W x = a[0], lo = a[1], hi = a[2];
    if (std::isnan(x) || std::isnan(lo) || std::isnan(hi)) return std::numeric_limits<W>::quiet_NaN();
    if (below(hi, lo) || below(hi, x)) return hi;
    return below(x, lo) ? lo : x;
  }
  static std::int64_t integer(const std::int64_t* a) {
    if (a[1] > a[2] || a[0] > a[2]) return a[2];
    return std::max(a[0], a[1]);
  }
};

/// Not a + t*(b - a): the weighted sum does not cancel where a and b have one sign.
struct Lerp {
  template <class W>
  static W at(const W* a) {
    return (W{1} - a[2]) * a[0] + a[2] * a[1];
  }
};

/// A function of the C library.
#define TRUENO_LIBRARY_FUNCTION(Name, function)   \
  struct Name {                                   \
    static constexpr bool kTranscendental = true; \
    template <class W>                            \
    static W at(const W* a) {                     \
      return std::function(a[0]);                 \
    }                                             \
  };
TRUENO_LIBRARY_FUNCTION(Exp, exp)
TRUENO_LIBRARY_FUNCTION(Exp2, exp2)
TRUENO_LIBRARY_FUNCTION(Expm1, expm1)
TRUENO_LIBRARY_FUNCTION(Log, log)
TRUENO_LIBRARY_FUNCTION(Log2, log2)
TRUENO_LIBRARY_FUNCTION(Log10, log10)
TRUENO_LIBRARY_FUNCTION(Log1p, log1p)
TRUENO_LIBRARY_FUNCTION(Tanh, tanh)
#undef TRUENO_LIBRARY_FUNCTION

struct Sqrt {
  template <class W>
  static W at(const W* a) {
    return std::sqrt(a[0]);
  }
};

struct Rsqrt {
  template <class W>
  static W at(const W* a) {
    return W{1} / std::sqrt(a[0]);
  }
};

/// The form with e^-x: the definition goes by e^x.
struct Sigmoid {
  static constexpr bool kTranscendental = true;
  template <class W>
  static W at(const W* a) {
    return W{1} / (W{1} + std::exp(-a[0]));
  }
};

/// At -inf the limit.
struct Swish {
  static constexpr bool kTranscendental = true;
  template <class W>
  static W at(const W* a) {
    if (a[0] == -std::numeric_limits<W>::infinity()) return -W{0};
    return a[0] / (W{1} + std::exp(-a[0]));
  }
};

/// x / (1 + e^-2u): 2u reaches -750, where its last bit counts 750 times, so it is taken to two words.
struct GeluTanh {
  static constexpr bool kTranscendental = true;
  template <class W>
  static W at(const W* a) {
    const W x = a[0];
    if (x == -std::numeric_limits<W>::infinity()) return -W{0};
    if (std::fabs(x) > 1e4) return x > 0 ? x : std::isnan(x) ? x : -W{0};
    constexpr long double kK = 0xcc42299ea1b28468p-63L, kKRest = 0xfcb3c500bab8e2ffp-128L;   // 2 sqrt(2/pi)
    constexpr long double kC = 0x922279526c5a57a5p-67L, kCRest = -0x843a29d1c7079669p-133L;  // 0.044715 times that
    const W k = static_cast<W>(kK), k_rest = static_cast<W>((kK - k) + kKRest);
    const W c = static_cast<W>(kC), c_rest = static_cast<W>((kC - c) + kCRest);
    const W x2 = x * x, cubic = c * x2;
    const W cubic_rest = std::fma(c, x2, -cubic) + c_rest * x2 + c * std::fma(x, x, -x2);
    const W sum = k + cubic, back = sum - k;
    const W sum_rest = ((k - (sum - back)) + (cubic - back)) + (cubic_rest + k_rest);
    const W u2 = x * sum, u2_rest = std::fma(x, sum, -u2) + x * sum_rest;
    return x / (W{1} + std::exp(-u2) * std::exp(-u2_rest));
  }
};

/// log(1 + e^x), whichever side of 0 e^x is small on.
struct Softplus {
  static constexpr bool kTranscendental = true;
  template <class W>
  static W at(const W* a) {
    return a[0] > 0 ? a[0] + std::log1p(std::exp(-a[0])) : std::log1p(std::exp(a[0]));
  }
};

/// Sum of terms with what each addition lost carried along; an infinity or NaN takes the plain sum's way.
struct Compensated {
  long double sum = 0, lost = 0;
  void add(long double term) {
    const long double next = sum + term;
    if (std::isfinite(next)) lost += std::fabs(sum) >= std::fabs(term) ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }
  long double value() const { return std::isfinite(sum) ? sum + lost : sum; }
};

long double total(const long double* const* operands, std::size_t n, int arity) {
  Compensated sum;
  for (std::size_t i = 0; i < n; ++i) {
    if (arity == 1) {
      sum.add(operands[0][i]);
      continue;
    }
    const long double product = operands[0][i] * operands[1][i];
    sum.add(product);
    const long double lost = std::fma(operands[0][i], operands[1][i], -product);
    if (std::isfinite(lost)) sum.add(lost);
  }
  return sum.value();
}

long double mean(const long double* const* operands, std::size_t n) {
  return total(operands, n, 1) / static_cast<long double>(n);
}
long double mean_product(const long double* const* operands, std::size_t n) {
  return total(operands, n, 2) / static_cast<long double>(n);
}
long double sum(const long double* const* operands, std::size_t n) { return total(operands, n, 1); }
long double dot(const long double* const* operands, std::size_t n) { return total(operands, n, 2); }

template <class R>
constexpr Reference row(std::string_view name, int arity) {
  Reference r{name, arity, &R::template at<double>, &R::template at<long double>};
  if constexpr (requires(const std::int64_t* a) { R::integer(a); }) r.integer = &R::integer;
  if constexpr (requires { R::kTranscendental; }) r.transcendental = R::kTranscendental;
  return r;
}
constexpr Reference reduction(std::string_view name, int arity,
                              long double (*over)(const long double* const*, std::size_t)) {
  return {name, arity, nullptr, nullptr, nullptr, over};
}

constexpr Reference kReferences[] = {
    row<Abs>("abs", 1),
    row<Square>("square", 1),
    row<Recip>("recip", 1),
    row<Relu>("relu", 1),
    row<LeakyRelu>("leaky_relu", 2),
    row<HardSigmoid>("hardsigmoid", 1),
    row<Softsign>("softsign", 1),
    row<Clamp>("clamp", 3),
    row<Lerp>("lerp", 3),
    row<Sqrt>("sqrt", 1),
    row<Rsqrt>("rsqrt", 1),
    row<Exp>("exp", 1),
    row<Exp2>("exp2", 1),
    row<Expm1>("expm1", 1),
    row<Log>("log", 1),
    row<Log2>("log2", 1),
    row<Log10>("log10", 1),
    row<Log1p>("log1p", 1),
    row<Tanh>("tanh", 1),
    row<Sigmoid>("sigmoid", 1),
    row<Swish>("swish", 1),
    row<GeluTanh>("gelu_tanh", 1),
    row<Softplus>("softplus", 1),
    reduction("mean", 1, mean),
    reduction("mean_product", 2, mean_product),
    reduction("dot", 2, dot),
    reduction("sum", 1, sum),
};

}  // namespace

const Reference* reference(std::string_view name) {
  for (const std::span<const Reference> table : {std::span<const Reference>(kReferences), compound_references()})
    for (const Reference& r : table)
      if (r.name == name) return &r;
  return nullptr;
}

std::vector<std::string_view> reference_names() {
  std::vector<std::string_view> names;
  for (const std::span<const Reference> table : {std::span<const Reference>(kReferences), compound_references()})
    for (const Reference& r : table) names.push_back(r.name);
  return names;
}

}  // namespace trueno::ops
