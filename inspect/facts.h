// What is known of symbols, and what follows from it.
//
// A fact says of a linear expression that it is not negative, zero, or a multiple of something. Whether another follows
// is found by taking facts away from it until a constant is left: sound, quick, and enough for the arithmetic of loops,
// which is short chains such as index + 16 <= limit <= end. What it fails to find counts as not proven.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "inspect/linear.h"

namespace trueno::inspect {

struct Fact {
  enum Kind : std::uint8_t { not_negative, zero, multiple };
  Linear e;
  Kind kind = not_negative;
  std::int64_t modulus = 0;  ///< of a multiple
  friend bool operator==(const Fact&, const Fact&) = default;
};

/// Where symbols come from. One that is computed from others is the same symbol wherever it is computed from the same.
class Symbols {
 public:
  enum class Kind : std::uint8_t {
    given,     ///< exists from the beginning; has a name
    joined,    ///< what register `reg` holds where paths meet, at `where`
    fresh,     ///< what the instruction at `where` leaves in register `reg`: not known otherwise
    low_bits,  ///< of & (imm - 1), imm a power of two
    aligned,   ///< `of` rounded down to a multiple of imm
    shifted,   ///< of >> imm
    minimum,   ///< the smaller of `of` and `other`
  };
  struct Definition {
    Kind kind = Kind::given;
    std::uint32_t where = 0;
    std::uint32_t reg = 0;
    std::int64_t imm = 0;
    Linear of{0}, other{0};
    friend bool operator==(const Definition&, const Definition&) = default;
  };

  Symbol given(std::string name);
  Symbol get(const Definition& definition);
  const Definition& operator[](Symbol symbol) const { return definitions_[symbol]; }
  std::size_t size() const { return definitions_.size(); }
  /// Does it change if what `is(symbol)` is true of does? Itself, or what it is computed from.
  template <class Is>
  bool depends(const Linear& e, const Is& is) const {
    for (const Linear::Term& t : e) {
      if (is(t.symbol)) return true;
      const Definition& d = definitions_[t.symbol];
      if (d.kind >= Kind::low_bits && (depends(d.of, is) || depends(d.other, is))) return true;
    }
    return false;
  }
  /// "4*end + 12". Numbers that paths brought have the name of their register.
  std::string text(const Linear& e) const;

 private:
  struct Hash {
    std::size_t operator()(const Definition& d) const;
  };
  std::string name(Symbol symbol) const;

  std::vector<Definition> definitions_;
  std::unordered_map<Definition, Symbol, Hash> known_;
  std::vector<std::string> names_;
};

/// Answers questions by what always holds (`axioms`) and what holds here (`facts`), neither of which may change
/// meanwhile.
class Prover {
 public:
  /// `effort`: how many expressions are looked at for one answer.
  Prover(const Symbols& symbols, std::span<const Fact> axioms, std::span<const Fact> facts, int effort = 100)
      : symbols_(symbols), known_{axioms, facts}, effort_(effort) {}

  static constexpr std::int64_t kNone = INT64_MIN;
  /// A number it is not less than; kNone: nothing was found. The search ends with the first that is `enough`.
  std::int64_t least(const Linear& e, std::int64_t enough = INT64_MAX);
  bool not_negative(const Linear& e);
  bool zero(const Linear& e) { return (e.is_constant() && e.constant == 0) || (not_negative(e) && not_negative(-e)); }
  /// e modulo m, from 0 on.
  std::optional<std::int64_t> residue(const Linear& e, std::int64_t m);
  /// Whether a fact follows from others, without regard to what divisions leave: quicker, and finds less.
  bool holds(const Fact& f);
  /// e less what it leaves when divided by what it is known to be a multiple of but for that: not negative if e is.
  Linear tightened(const Linear& e);
  /// As 64 bits with a sign it is the same number.
  bool fits(const Linear& e);

 private:
  std::int64_t search(const Linear& e, std::int64_t enough, int depth);
  std::optional<std::int64_t> search_residue(Linear e, std::int64_t m, int depth);

  const Symbols& symbols_;
  std::span<const Fact> known_[2];
  struct Seen {
    Linear e;
    std::int64_t best;
  };
  std::vector<Seen> seen_;
  int effort_;
};

}  // namespace trueno::inspect
