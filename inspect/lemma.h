// Is a small piece of generated code what a small piece of the IR means?
//
// A lemma is two terms over the same variables: one of the code, down to what is known to be a value of the IR, and
// the IR's own. Where both are the same function of the same operands, that is a proof; where both work bit by bit, all
// combinations of one bit of each variable are; for the rest both are evaluated, on values that lie where instructions
// have their corners and on random ones. Variables may take any value, so that a lemma holds wherever it is needed,
// and each is decided once: the key has no names in it.
//
// Floats are the same if both are NaN: which NaN a kernel computes with is nobody's business until it is observed, and
// a lemma says whether it gives the very bits even then.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "inspect/samples.h"
#include "inspect/term.h"

namespace trueno::inspect {

enum class Verdict : std::uint8_t {
  proven,     ///< the same function, or all combinations of bits
  evaluated,  ///< no difference on `samples` values
  differs,    ///< a counterexample was found
  open,       ///< it could not be put as a lemma, or nothing could be evaluated
};

/// Where a lemma stops.
struct CutTerm {
  TermId code = 0;     ///< where the code's term is cut
  TermId meaning = 0;  ///< the IR's value there: a variable, or a function of variables
  bool exact = true;   ///< the bits of a NaN are the IR's, too
};

struct Question {
  TermId code = 0, meaning = 0;
  std::vector<CutTerm> cuts;
  std::vector<TermId> code_cone;     ///< operands first, `code` last; no cuts, constants or leaves
  std::vector<TermId> meaning_cone;  ///< likewise
  std::vector<TermId> variables;     ///< the IR's values that occur, in a fixed order
  bool to_the_bit = false;           ///< another NaN is a difference, too
};

struct Answer {
  Verdict verdict = Verdict::open;
  bool exact = false;
  std::uint32_t samples = 0;
  std::vector<std::uint64_t> counterexample;  ///< per variable
  std::uint64_t code_value = 0, meaning_value = 0;
};

class Lemmas {
 public:
  /// Asked before: the same answer at once.
  const Answer& answer(const Terms& terms, const Question& question, const std::vector<Type>& types);
  std::size_t size() const { return answers_.size(); }
  std::size_t evaluated() const;

 private:
  std::unordered_map<std::string, Answer> answers_;
};

/// By values alone: evaluated, differs, open; or proven, if all combinations of bits were.
Answer evaluate(const Terms& terms, const Question& question, const std::vector<Type>& types);

/// What the code should hold for a value of the IR: masks as one bit, or as all bits of a lane.
std::uint64_t as_held(Type type, int width, std::uint64_t value);

}  // namespace trueno::inspect
