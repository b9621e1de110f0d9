// Does generated code compute what the IR says? Checked on the code's bytes, for all values of the elements.
//
// The code is run on terms (processor.h) for a few numbers of elements that together reach its instructions; whatever
// it stored - elements of results, scalar results - is compared with the IR written as terms (specification.h), value
// by value (matching.h). Loops, tails, accumulators, the order of a fold, what is staged, spilled and masked need no
// rules of their own: a lane that comes from the wrong element is another term. What that covers and what not:
// docs/translation.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/lemma.h"
#include "jit/compile.h"

namespace trueno::inspect {

/// One stored value that is not what it should be, or of which that could not be shown.
struct TranslationFinding {
  bool differs = false;  ///< else: not established
  std::string text;      ///< kernel, target, elements, result, the IR's node, both terms, values that differ
};

struct TranslationReport {
  std::size_t values = 0;     ///< stored values and scalar results that were compared
  std::size_t proven = 0;     ///< by functions that are the same and by all combinations of bits
  std::size_t evaluated = 0;  ///< with a lemma that holds on all values it was tried on
  std::size_t differing = 0, open = 0;
  std::size_t instructions = 0, reached = 0;  ///< of the entries that were run
  std::vector<std::string> uncovered;         ///< what could not be run, and why
  std::vector<TranslationFinding> findings;   ///< the first few

  bool ok() const { return differing == 0 && open == 0 && uncovered.empty(); }
  void add(const TranslationReport& other);
  /// A few lines for people.
  std::string text() const;
};

struct TranslationOptions {
  std::vector<std::size_t> sizes;  ///< numbers of elements; empty: few that reach all of the code
};

/// `trace` tells which instructions belong to which node, for what is printed. Lemmas are remembered in `lemmas`.
/// Threads: any number, with different `lemmas`.
/// Errors: Status::invalid_argument for a kernel that is not optimized or is not the code's.
Result<TranslationReport> check_translation(const ir::Kernel& optimized, const jit::Code& code, const jit::Trace& trace,
                                            Lemmas& lemmas, const TranslationOptions& options = {});
Result<TranslationReport> check_translation(const ir::Kernel& optimized, const jit::Code& code,
                                            const jit::Trace& trace);

}  // namespace trueno::inspect
