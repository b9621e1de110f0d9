// The deciding functions (decide.h), each as a few calls of MPFR on numbers of one precision.
#include "tools/decide.h"

#if TRUENO_HAVE_MPFR
#include <mpfr.h>

#include <algorithm>
#include <iterator>
#endif

namespace trueno::tools {

#if TRUENO_HAVE_MPFR

namespace {

// The second is for x/2 + x^2/4 of subnormal f64, a tie but for the square (swish).
constexpr mpfr_prec_t kBits[] = {600, 2400};
constexpr int kLost = 40;  // bits that a handful of rounded steps may cost

/// A number of MPFR that frees itself.
class Number {
 public:
  explicit Number(mpfr_prec_t bits, double x = 0) {
    mpfr_init2(value_, bits);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  ~Number() { mpfr_clear(value_); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  operator mpfr_ptr() { return value_; }
  operator mpfr_srcptr() const { return value_; }

 private:
  mpfr_t value_;
};

using Function = void (*)(Number& y, const Number& x);

/// y = 1 / (1 + e^-u)
void logistic(Number& y, const Number& u) {
  mpfr_neg(y, u, MPFR_RNDN);
  mpfr_exp(y, y, MPFR_RNDN);
  mpfr_add_ui(y, y, 1, MPFR_RNDN);
  mpfr_ui_div(y, 1, y, MPFR_RNDN);
}

/// y = 2 sqrt(2/pi) (x + 0.044715 x^3)
void gelu_argument(Number& y, const Number& x) {
  Number k(mpfr_get_prec(static_cast<mpfr_srcptr>(y)));
  mpfr_sqr(y, x, MPFR_RNDN);
  mpfr_mul_ui(y, y, 44715, MPFR_RNDN);
  mpfr_div_ui(y, y, 1000000, MPFR_RNDN);
  mpfr_add_ui(y, y, 1, MPFR_RNDN);
  mpfr_mul(y, y, x, MPFR_RNDN);
  mpfr_const_pi(k, MPFR_RNDN);
  mpfr_ui_div(k, 8, k, MPFR_RNDN);
  mpfr_sqrt(k, k, MPFR_RNDN);
  mpfr_mul(y, y, k, MPFR_RNDN);
}

void hardsigmoid(Number& y, const Number& x) {
  mpfr_add_ui(y, x, 3, MPFR_RNDN);
  mpfr_div_ui(y, y, 6, MPFR_RNDN);
  if (mpfr_cmp_ui(y, 0) <= 0) mpfr_set_zero(y, 1);
  if (mpfr_cmp_ui(y, 1) > 0) mpfr_set_ui(y, 1, MPFR_RNDN);
}

void softsign(Number& y, const Number& x) {
  mpfr_abs(y, x, MPFR_RNDN);
  mpfr_add_ui(y, y, 1, MPFR_RNDN);
  mpfr_div(y, x, y, MPFR_RNDN);
}

struct Row {
  std::string_view name;
  Function function;
};

constexpr Row kRows[] = {
    {"exp", [](Number& y, const Number& x) { mpfr_exp(y, x, MPFR_RNDN); }},
    {"exp2", [](Number& y, const Number& x) { mpfr_exp2(y, x, MPFR_RNDN); }},
    {"expm1", [](Number& y, const Number& x) { mpfr_expm1(y, x, MPFR_RNDN); }},
    {"log", [](Number& y, const Number& x) { mpfr_log(y, x, MPFR_RNDN); }},
    {"log2", [](Number& y, const Number& x) { mpfr_log2(y, x, MPFR_RNDN); }},
    {"log10", [](Number& y, const Number& x) { mpfr_log10(y, x, MPFR_RNDN); }},
    {"log1p", [](Number& y, const Number& x) { mpfr_log1p(y, x, MPFR_RNDN); }},
    {"tanh", [](Number& y, const Number& x) { mpfr_tanh(y, x, MPFR_RNDN); }},
    {"sqrt", [](Number& y, const Number& x) { mpfr_sqrt(y, x, MPFR_RNDN); }},
    {"recip", [](Number& y, const Number& x) { mpfr_ui_div(y, 1, x, MPFR_RNDN); }},
    {"square", [](Number& y, const Number& x) { mpfr_sqr(y, x, MPFR_RNDN); }},
    {"rsqrt", [](Number& y, const Number& x) { mpfr_rec_sqrt(y, x, MPFR_RNDN); }},
    {"sigmoid", logistic},
    {"hardsigmoid", hardsigmoid},
    {"softsign", softsign},
    {"swish",
     [](Number& y, const Number& x) {
       logistic(y, x);
       mpfr_mul(y, y, x, MPFR_RNDN);
     }},
    {"gelu_tanh",
     [](Number& y, const Number& x) {
       Number u(mpfr_get_prec(static_cast<mpfr_srcptr>(y)));
       gelu_argument(u, x);
       logistic(y, u);
       mpfr_mul(y, y, x, MPFR_RNDN);
     }},
    {"softplus",
     [](Number& y, const Number& x) {
       mpfr_exp(y, x, MPFR_RNDN);
       mpfr_log1p(y, y, MPFR_RNDN);
     }},
};

float rounded(mpfr_srcptr y, float) { return mpfr_get_flt(y, MPFR_RNDN); }
double rounded(mpfr_srcptr y, double) { return mpfr_get_d(y, MPFR_RNDN); }

/// The float nearest to the function's value, if that many bits tell.
template <class F>
std::optional<F> nearest_by(Function function, F at, mpfr_prec_t bits) {
  const Number x(bits, static_cast<double>(at));
  Number y(bits), off(bits), end(bits);
  mpfr_clear_flags();
  function(y, x);
  const bool exact = mpfr_inexflag_p() == 0;  // no step rounded: a tie is a tie
  const F middle = rounded(y, F{});
  if (exact) return middle;
  mpfr_div_2ui(off, y, static_cast<unsigned long>(bits - kLost), MPFR_RNDA);
  mpfr_add(end, y, off, MPFR_RNDA);
  const F above = rounded(end, F{});
  mpfr_sub(end, y, off, MPFR_RNDZ);
  if (above != rounded(end, F{})) return std::nullopt;
  return middle;
}

template <class F>
std::optional<F> nearest(std::string_view reference, F at) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == reference; });
  if (row == std::end(kRows)) return std::nullopt;
  std::optional<F> found;
  for (const mpfr_prec_t bits : kBits)
    if (!found) found = nearest_by(row->function, at, bits);
  mpfr_free_cache();  // of this thread, which may end
  return found;
}

}  // namespace

bool has_decider() { return true; }
std::optional<float> nearest_by_mpfr(std::string_view reference, float x) { return nearest(reference, x); }
std::optional<double> nearest_by_mpfr(std::string_view reference, double x) { return nearest(reference, x); }

#else

bool has_decider() { return false; }
std::optional<float> nearest_by_mpfr(std::string_view, float) { return std::nullopt; }
std::optional<double> nearest_by_mpfr(std::string_view, double) { return std::nullopt; }

#endif

}  // namespace trueno::tools
