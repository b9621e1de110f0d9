// What the lint knows of a number: a constant and multiples of symbols, such as 4*begin + 12.
//
// Symbols stand for what is not known: where an array lies, where a loop has got to. They are meant as whole numbers
// without a limit; that registers hold 64 bits of them is seen to where they are used.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace trueno::inspect {

using Symbol = std::uint32_t;

class Linear {
 public:
  struct Term {
    Symbol symbol = 0;
    std::int64_t factor = 0;
    friend bool operator==(const Term&, const Term&) = default;
  };

  Linear() = default;  ///< unknown
  Linear(std::int64_t value) : constant(value), known_(true) {}
  static Linear of(Symbol symbol) {
    Linear out(0);
    out.terms_[out.count_++] = {symbol, 1};
    return out;
  }

  bool known() const { return known_; }
  bool is_constant() const { return known_ && count_ == 0; }
  const Term* begin() const { return terms_.data(); }
  const Term* end() const { return terms_.data() + count_; }
  const Term& newest() const { return terms_[count_ - 1u]; }
  std::int64_t factor(Symbol symbol) const {
    const Term* t = std::find_if(begin(), end(), [&](const Term& at) { return at.symbol == symbol; });
    return t == end() ? 0 : t->factor;
  }
  bool mentions(Symbol symbol) const { return factor(symbol) != 0; }
  /// this + scale * other. Unknown if either is, or if it takes too many symbols.
  Linear plus(const Linear& other, std::int64_t scale) const;
  Linear operator+(const Linear& o) const { return plus(o, 1); }
  Linear operator-(const Linear& o) const { return plus(o, -1); }
  Linear operator-() const { return Linear(0).plus(*this, -1); }
  Linear operator*(std::int64_t scale) const { return Linear(0).plus(*this, scale); }
  /// With `value` in the symbol's place.
  Linear with(Symbol symbol, const Linear& value) const { return plus(value - of(symbol), factor(symbol)); }
  /// The greatest divisor that all factors have in common; 0 of a constant.
  std::int64_t divisor() const;
  /// All factors and the constant divided, the constant towards negative infinity.
  Linear divided(std::int64_t by) const;

  /// The difference is a constant.
  bool parallel(const Linear& o) const { return known_ && o.known_ && std::equal(begin(), end(), o.begin(), o.end()); }

  friend bool operator==(const Linear& a, const Linear& b) {
    return a.known_ == b.known_ && a.constant == b.constant && std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

  std::int64_t constant = 0;

 private:
  static constexpr std::size_t kMost = 6;
  bool known_ = false;
  std::uint8_t count_ = 0;
  std::array<Term, kMost> terms_{};  // ascending by symbol
};

}  // namespace trueno::inspect
