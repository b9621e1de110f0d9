// See linear.h.
#include "inspect/linear.h"

#include <numeric>

namespace trueno::inspect {

Linear Linear::plus(const Linear& other, std::int64_t scale) const {
  if (!known_ || !other.known_) return {};
  Linear out;
  bool lost = false;
  const auto scaled = [&](std::int64_t own, std::int64_t theirs) {
    std::int64_t product = 0, sum = 0;
    lost = lost || __builtin_mul_overflow(theirs, scale, &product) || __builtin_add_overflow(own, product, &sum);
    return sum;
  };
  const auto put = [&](Symbol symbol, std::int64_t factor) {
    if (factor == 0) return;
    lost = lost || out.count_ == kMost;
    if (!lost) out.terms_[out.count_++] = {symbol, factor};
  };
  out.constant = scaled(constant, other.constant);
  const Term *a = begin(), *b = other.begin();
  while (!lost && (a != end() || b != other.end())) {
    if (b == other.end() || (a != end() && a->symbol < b->symbol)) {
      put(a->symbol, a->factor);
      ++a;
    } else if (a == end() || b->symbol < a->symbol) {
      put(b->symbol, scaled(0, b->factor));
      ++b;
    } else {
      put(a->symbol, scaled(a->factor, b->factor));
      ++a, ++b;
    }
  }
  out.known_ = !lost;
  return lost ? Linear() : out;
}

std::int64_t Linear::divisor() const {
  std::int64_t out = 0;
  for (const Term& t : *this) out = std::gcd(out, t.factor);
  return out;
}

Linear Linear::divided(std::int64_t by) const {
  Linear out = *this;
  for (std::size_t i = 0; i < count_; ++i) out.terms_[i].factor /= by;
  out.constant = constant / by - (constant % by < 0 ? 1 : 0);
  return out;
}

}  // namespace trueno::inspect
