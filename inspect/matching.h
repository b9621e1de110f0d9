// Which term of the code is which value of the IR.
//
// Both are evaluated on a few inputs; where they agree they may be the same, and a lemma about what lies between them
// and what is known already decides. From the operands upwards, every lemma is small, whatever the size of the kernel:
// lemmas of values that were found before stop at these. (The idea is that of sweeping equivalent nodes of circuits.)
#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "inspect/lemma.h"
#include "inspect/specification.h"
#include "inspect/term.h"

namespace trueno::inspect {

/// How it is known that a term of the code is a value of the IR: by the weakest of the lemmas it takes.
struct Match {
  Verdict verdict = Verdict::open;
  bool exact = false;  ///< down to the bits of a NaN
};

class Matching {
 public:
  Matching(const Terms& terms, Lemmas& lemmas) : terms_(terms), lemmas_(lemmas) {}

  /// Finds the values of the IR that lie below `wanted` in what the code computed.
  /// `instead`: functions of such values, which the code may hold in their place.
  void find(const std::vector<TermId>& wanted, const std::vector<HeldInstead>& instead = {});
  /// Is this term of the code that value of the IR, to the bit? If a counterexample is found, it is of the whole
  /// kernel's inputs where that can be said.
  Match decide(TermId code, TermId meaning);
  /// The lowest value below `meaning` that was not found though all its operands were; `meaning` if there is none.
  TermId first_missing(TermId meaning) const;
  /// Values of the two sides that differ, for the last `decide` that said so: inputs by leaf.
  struct Difference {
    std::vector<std::pair<TermId, std::uint64_t>> inputs;
    std::uint64_t code = 0, meaning = 0;
  };
  const Difference& difference() const { return difference_; }

  /// How far below a value the lemma about it begins to stop; or that it goes down to the inputs, if that is not far,
  /// or in any case.
  static constexpr unsigned kInputs = ~1u, kWhole = ~0u;

 private:
  static constexpr std::size_t kSamples = 6;
  struct Signature {
    std::array<std::uint64_t, kSamples> values;
    std::uint64_t support;  ///< leaves it depends on, a bit for several each
  };
  struct Known {
    TermId meaning = 0;
    Match match;
  };
  using Depths = std::unordered_map<TermId, unsigned>;

  void sign();
  std::uint64_t key(const Signature& s, int width, Type type, bool held) const;
  void index();
  Depths depths_below(TermId meaning) const;
  bool meet(TermId code, TermId meaning, const Depths& below);
  Match ask(TermId code, TermId meaning, const Depths& below, unsigned from);
  struct Asked {
    Question question;
    const Depths* below = nullptr;  ///< values of the IR at which it may stop, and how far below it they are
    unsigned from = 1;              ///< the least such depth; see kWhole
    Verdict weakest = Verdict::proven;
    std::unordered_map<TermId, bool> seen;
  };
  std::optional<CutTerm> cut_at(TermId code, Asked& a) const;
  bool code_cone(TermId id, Asked& a) const;
  bool meaning_cone(TermId id, Asked& a) const;

  const Terms& terms_;
  Lemmas& lemmas_;
  std::vector<Signature> signatures_;
  std::vector<std::pair<std::uint64_t, TermId>> by_key_;  // of the code's terms, sorted
  std::unordered_map<TermId, std::vector<Known>> known_;  // per term of the code: the values it is
  std::unordered_map<TermId, Match> found_;               // per value of the IR
  std::unordered_map<TermId, TermId> instead_;            // and the values
  Difference difference_;
};

}  // namespace trueno::inspect
