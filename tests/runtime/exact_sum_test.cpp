// sum.exact on every back end, against sums of integers so long that they hold any sum exactly.
//
// The data are chosen so that each way through the definition is the one that decides: ordinary numbers, where the
// cheap sum is certain; ties and numbers one bit beside them, where it must not be; cancellation down to the last bit;
// sums beyond the range and at its ends.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/runtime/compiled.h"

using namespace trueno;
using test::bits;

namespace {

template <class T>
using Limits = std::numeric_limits<T>;

/// A sum of finite numbers in units of 2^-1074, in two's complement.
class LongSum {
 public:
  void add(double x) {
    const std::uint64_t b = bits(x), field = b >> 52 & 0x7ff;
    const std::uint64_t whole = (b & ((std::uint64_t{1} << 52) - 1)) | (field == 0 ? 0 : std::uint64_t{1} << 52);
    const std::uint64_t shift = field == 0 ? 0 : field - 1;
    const auto wide = static_cast<unsigned __int128>(whole) << shift % 32;
    std::uint64_t carry = 0;
    for (std::size_t i = shift / 32, part = 0; i < kWords; ++i, ++part) {
      const std::uint64_t piece = part < 4 ? static_cast<std::uint32_t>(wide >> (32 * part)) : 0;
      const std::uint64_t next = std::signbit(x) ? words_[i] - piece - carry : words_[i] + piece + carry;
      words_[i] = static_cast<std::uint32_t>(next);
      carry = next >> 32 & 1;
    }
  }

  /// To nearest, ties to even, as bits of T by hand.
  template <class T>
  T rounded() const {
    const bool negative = words_[kWords - 1] >> 31;
    LongSum size = *this;
    if (negative) size.negate();
    int top = 32 * kWords - 1;
    while (top >= 0 && !size.bit(top)) --top;
    const int least = 1074 + Limits<T>::min_exponent - Limits<T>::digits;  // of the smallest subnormal
    const int last = std::max(top - Limits<T>::digits + 1, least);
    std::uint64_t whole = 0;
    for (int i = top; i >= last; --i) whole = 2 * whole + size.bit(i);
    bool below = false;
    for (int i = 0; i < last - 1; ++i) below |= size.bit(i);
    if (last > 0 && size.bit(last - 1) && (below || whole % 2 == 1)) ++whole;
    const auto value = static_cast<T>(std::ldexp(static_cast<long double>(whole), last - 1074));
    return negative ? -value : value;
  }

 private:
  static constexpr int kWords = 70;
  bool bit(int i) const { return words_[i / 32] >> i % 32 & 1; }
  void negate() {
    std::uint64_t carry = 1;
    for (std::uint32_t& w : words_) {
      carry += static_cast<std::uint32_t>(~w);
      w = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::uint32_t words_[kWords] = {};
};

template <class T>
T exact_sum(const std::vector<T>& x) {
  LongSum sum;
  T special = 0;
  for (const T v : x) std::isfinite(v) ? sum.add(v) : void(special += v);
  if (std::isnan(special)) return Limits<T>::quiet_NaN();
  return special == 0 ? sum.rounded<T>() : special;
}

template <class T>
using Make = T (*)(std::mt19937_64&);

/// Uniform in [0, 1) with all the bits a T has there.
template <class T>
T unit(std::mt19937_64& r) {
  return static_cast<T>(std::ldexp(static_cast<T>(r() >> (64 - Limits<T>::digits)), -Limits<T>::digits));
}
template <class T>
T centred(std::mt19937_64& r) {
  return 2 * unit<T>(r) - 1;
}
template <class T>
T ordinary(std::mt19937_64& r) {  // of no common grid, on which sums of a few would often be ties
  return centred<T>(r) * unit<T>(r);
}
template <class T>
T whole(std::mt19937_64& r) {
  return static_cast<T>(r() % 256);
}
template <class T>
T binades(std::mt19937_64& r, int lowest, int count) {
  return std::ldexp(centred<T>(r), lowest + static_cast<int>(r() % static_cast<unsigned>(count)));
}
template <class T>
T sixty_binades(std::mt19937_64& r) {
  return binades<T>(r, -30, 60);
}
template <class T>
T all_binades(std::mt19937_64& r) {
  return binades<T>(r, Limits<T>::min_exponent - Limits<T>::digits, Limits<T>::max_exponent - Limits<T>::min_exponent);
}
template <class T>
T subnormal(std::mt19937_64& r) {
  return std::ldexp(centred<T>(r), Limits<T>::min_exponent - 1);
}
template <class T>
T huge(std::mt19937_64& r) {
  return std::ldexp(centred<T>(r), Limits<T>::max_exponent);
}
template <class T>
T half_or_less(std::mt19937_64& r) {  // few bits, many sizes: sums that end in ties
  return std::ldexp(static_cast<T>(r() % 2 == 0 ? 1 : -1), static_cast<int>(r() % 40) - 20);
}

template <class T>
std::vector<T> draw(Make<T> make, std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<T> x(n);
  for (T& v : x) v = make(random);
  return x;
}

template <class T>
const std::vector<Make<T>> kMakers = {unit<T>,        centred<T>,   whole<T>, sixty_binades<T>,
                                      all_binades<T>, subnormal<T>, huge<T>,  half_or_less<T>};

template <class T>
std::string text_of(const std::string& expression, const std::string& result) {
  const std::string type = sizeof(T) == 4 ? "f32" : "f64";
  return "kernel k(x: " + type + "[]) -> " + (result.empty() ? type : result) + " { " + expression + " }";
}

template <class T>
T sum_by(const Kernel& kernel, const std::vector<T>& x) {
  const auto sum = kernel.value<T>({x});
  if (!sum) FAIL(sum.error().text());
  return *sum;
}

template <class T>
void check(const Kernel& kernel, const std::vector<T>& x) {
  const T right = exact_sum(x), got = sum_by(kernel, x);
  if (bits(right) == bits(got)) return;
  INFO("n = " << x.size() << ", " << got << " instead of " << right << ", " << std::hex << bits(got) << ", "
              << bits(right));
  CHECK(bits(right) == bits(got));
}

constexpr std::size_t kSizes[] = {0, 1, 2, 3, 31, 32, 33, 64, 65, 100, 1000, 4095, 4096, 4097, 8192, 8193, 24613};

}  // namespace

TEMPLATE_TEST_CASE("sum.exact, and its slow way alone, is the exact sum rounded once, in any order", "", float,
                   double) {
  using T = TestType;
  const std::string expression = GENERATE("sum.exact(x)", "part.sum_by_digits(x)");
  test::on_all(text_of<T>(expression, ""), [](const Kernel& kernel) {
    std::mt19937_64 random(7);
    for (std::size_t m = 0; m < kMakers<T>.size(); ++m)
      for (const std::size_t n : kSizes) {
        INFO("data " << m);
        std::vector<T> x = draw<T>(kMakers<T>[m], n, m * 100 + n);
        check(kernel, x);
        std::shuffle(x.begin(), x.end(), random);
        check(kernel, x);
      }
    check(kernel, draw<T>(ordinary<T>, 100000, 1));
    check(kernel, draw<T>(all_binades<T>, 100000, 2));
  });
}

TEMPLATE_TEST_CASE("sum.exact where all but one number cancels", "", float, double) {
  using T = TestType;
  test::on_all(text_of<T>("sum.exact(x)", ""), [](const Kernel& kernel) {
    std::mt19937_64 random(11);
    for (std::size_t m = 0; m < kMakers<T>.size(); ++m)
      for (const std::size_t half : {1, 10, 500, 5000})
        for (const T rest : {T(0), Limits<T>::denorm_min(), -Limits<T>::denorm_min(), T(0x1p-60), T(1) / 3, T(-1e30)}) {
          INFO("data " << m);
          std::vector<T> x = draw<T>(kMakers<T>[m], half, m * 100 + half);
          for (std::size_t i = 0; i < half; ++i) x.push_back(-x[i]);
          x.push_back(rest);
          std::shuffle(x.begin(), x.end(), random);
          check(kernel, x);
        }
  });
}

TEMPLATE_TEST_CASE("sum.exact of ties, and of sums one bit beside them", "", float, double) {
  using T = TestType;
  test::on_all(text_of<T>("sum.exact(x)", ""), [](const Kernel& kernel) {
    std::mt19937_64 random(13);
    constexpr int kDigits = Limits<T>::digits, kLeast = Limits<T>::min_exponent - kDigits;
    // In steps that end up at all places of a digit.
    for (int e = Limits<T>::max_exponent - 1; e > Limits<T>::min_exponent; e -= sizeof(T) == 4 ? 4 : 61)
      for (int trial = 0; trial < 2; ++trial) {
        const T big = std::ldexp(1 + unit<T>(random) / 2, e), half = std::ldexp(T(1), e - kDigits);
        for (const int below : {0, 1, 30, kDigits, 2 * kDigits, e - kLeast}) {
          const T beside = e - below < kLeast ? T(0) : std::ldexp(T(1), e - below);
          for (const T sign : {T(1), T(-1)})
            for (const T nudge : {T(0), beside, -beside}) {
              std::vector<T> x = {sign * big, sign * half / 2, half / 2, sign * half / 2, -half / 2, nudge};
              x.resize(40);
              check(kernel, x);
              x = draw<T>(centred<T>, 300, 5);
              for (std::size_t i = 0; i < 300; ++i) x.push_back(-x[i]);
              x.insert(x.end(), {sign * big, half, nudge});
              std::shuffle(x.begin(), x.end(), random);
              check(kernel, x);
            }
        }
      }
  });
}

TEMPLATE_TEST_CASE("sum.exact at the ends of the range", "", float, double) {
  using T = TestType;
  constexpr T kMax = Limits<T>::max(), kInf = Limits<T>::infinity(), kNan = Limits<T>::quiet_NaN();
  constexpr T kTiny = Limits<T>::denorm_min(), kMin = Limits<T>::min();
  const T step = kMax - std::nextafter(kMax, T(0));
  const std::vector<std::vector<T>> all = {
      {},
      {-T(0)},
      {-T(0), -T(0)},
      {-T(0), T(0)},
      {T(1), -T(1)},
      {kTiny},
      {-kTiny},
      {kTiny, -kTiny},
      {kMin, -kTiny},
      {-kMin, kTiny, kTiny},
      {kMax},
      {kMax, kMax},
      {-kMax, -kMax},
      {kMax, kMax, -kMax},
      {kMax, -kMax, kMax, -kMax},
      {kMax, kMax, kMax, -kMax, -kMax, kTiny},
      {kMax, step / 2},
      {kMax, step / 2, -kTiny},
      {kMax, step / 4},
      {-kMax, -step / 2},
      {-kMax, -step / 2, kTiny},
      {kMax, step / 2, kMax, -kMax},
      {kMax, kMax, -kMax, -kMax, kTiny, -kTiny},
      {kInf},
      {-kInf, T(1)},
      {kInf, kMax, kMax},
      {kInf, -kMax, -kMax},
      {kInf, -kInf},
      {kNan, T(1)},
      {kInf, kNan},
      {kMax, kMax, kMax, kNan},
  };
  test::on_all(text_of<T>("sum.exact(x)", ""), [&](const Kernel& kernel) {
    for (std::vector<T> x : all) {
      check(kernel, x);
      std::reverse(x.begin(), x.end());
      check(kernel, x);
      x.insert(x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2), 9000, T(0));
      check(kernel, x);
    }
    check(kernel, std::vector<T>(20000, kMax));
    check(kernel, std::vector<T>(20000, -kTiny));
    for (const std::size_t at : {0, 5000, 8191}) {
      std::vector<T> x = draw<T>(centred<T>, 8192, 3);
      x[at] = -kInf;
      check(kernel, x);
    }
  });
}

// Sums of f64 are kept in windows of 301 bits, up from the smallest number, with digits of 43. Here one window
// overflows into the lowest digit of the next, which is full; then the result is taken away, so that what is below
// decides.
TEST_CASE("sum.exact of f64 carries from window to window") {
  test::on_all(text_of<double>("part.sum_by_digits(x)", ""), [](const Kernel& kernel) {
    std::mt19937_64 random(17);
    for (int window = 1; window < 7; ++window)
      for (const double sign : {1.0, -1.0}) {
        INFO("window " << window);
        const double border = std::ldexp(sign, 301 * window - 1074);
        std::vector<double> x(9000);
        for (double& v : x) v = border * (0.499 + 0.0009 * unit<double>(random));
        check(kernel, x);
        x.push_back(border * (0x1p42 - 5));
        check(kernel, x);
        x.push_back(-exact_sum(x));
        check(kernel, x);
        x.push_back(-exact_sum(x));
        check(kernel, x);
      }
  });
}

TEMPLATE_TEST_CASE("sum.exact takes only what a filter lets pass", "", float, double) {
  using T = TestType;
  const auto passes = [](T v) { return v > T(-0.5); };
  test::on_all(text_of<T>("sum.exact(x where x > -0.5)", ""), [&](const Kernel& kernel) {
    for (std::size_t m = 0; m < kMakers<T>.size(); ++m)
      for (const std::size_t n : {0, 1, 100, 5000, 20000}) {
        INFO("data " << m);
        const std::vector<T> x = draw<T>(kMakers<T>[m], n, m + n);
        std::vector<T> passed;
        std::copy_if(x.begin(), x.end(), std::back_inserter(passed), passes);
        CHECK(bits(sum_by(kernel, x)) == bits(exact_sum(passed)));
      }
  });
}

TEMPLATE_TEST_CASE("of ordinary numbers the cheap sum is certain, of ties it is not", "", float, double) {
  using T = TestType;
  test::on_all(text_of<T>("part.sum_certain(x)", "mask"), [](const Kernel& kernel) {
    const auto certain = [&](const std::vector<T>& x) {
      std::uint8_t out = 2;
      const auto done = kernel.run({x}, {out});
      if (!done) FAIL(done.error().text());
      return out == 1;
    };
    for (const std::size_t n : kSizes) {
      INFO("n = " << n);
      CHECK(certain(draw<T>(ordinary<T>, n, n)));
      CHECK(certain(draw<T>(sixty_binades<T>, n, n + 1)));
    }
    CHECK(certain(draw<T>(ordinary<T>, 100000, 1)));
    CHECK(certain(draw<T>(unit<T>, 100000, 1)));
    CHECK(certain({Limits<T>::quiet_NaN(), T(1)}));
    const T half = std::ldexp(T(1), -Limits<T>::digits);
    CHECK_FALSE(certain({T(1), half}));
    CHECK_FALSE(certain({T(1), half, Limits<T>::min()}));
    CHECK_FALSE(certain({Limits<T>::max(), Limits<T>::max(), -Limits<T>::max()}));
  });
}
