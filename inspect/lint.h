// The lint: is generated code within what was promised of it?
//
// It knows bytes, entries and labels of the code, and of the kernel the types and directions of its arrays; not what
// the generator meant. From each entry it follows the code with what is then known of registers (state.h), until
// nothing new is learnt at any loop, and asks of every instruction what LintRule lists. What it cannot prove is a
// finding.
#pragma once

#include <string>

#include "inspect/flow.h"
#include "inspect/ground.h"
#include "trueno/lint.h"

namespace trueno::inspect {

LintReport lint(const jit::Code& code, const ir::Kernel& kernel);

// ---- parts

/// Collects findings, one for each rule and instruction.
class Findings {
 public:
  Findings(const jit::Code& code, LintReport& report) : code_(code), report_(report) {}
  void add(LintRule rule, const Step& step, std::string what) { add(rule, step.offset, std::move(what), true); }
  /// About the code as a whole, or about a place that is no instruction.
  void add(LintRule rule, std::uint32_t offset, std::string what, bool instruction = false);

 private:
  const jit::Code& code_;
  LintReport& report_;
};

/// What can be said of each instruction by itself: level, length, jumps, effects. And of main loops.
void lint_instructions(const Program& program, const Subject& subject, Findings& findings);

/// What can be said of an instruction that is met in that state.
class StateRules {
 public:
  StateRules(Ground& ground, Findings& findings, LintReport& report)
      : ground_(ground), findings_(findings), report_(report) {}
  void check(const Step& step, const State& s);

 private:
  struct Range;
  void check_access(const Step& step, const struct Access& access, const State& s);
  void check_frame(const Step& step, const struct Access& access, const State& s);
  void check_slots(const Step& step, const struct Access& access, const State& s);
  bool within(const struct Access& access, const Range& range, const State& s) const;
  void must_be_within(const Step& step, const struct Access& access, const Range& range, const std::string& what,
                      const State& s);
  void check_stack_word(const Step& step, const State& s);
  void check_merge_stack(const Step& step, const struct Access& access, const State& s);
  void check_alignment(const Step& step, const struct Access& access, const State& s);
  void check_return(const Step& step, const State& s);
  void not_within(const Step& step, const struct Access& access, const std::string& what, const std::string& range);

  Ground& ground_;
  Findings& findings_;
  LintReport& report_;
};

/// Follows the code from an entry and checks all it meets. `reached`: the steps.
void lint_entry(const Program& program, const Subject& subject, const Entry& entry, Findings& findings,
                LintReport& report, std::vector<bool>& reached);

}  // namespace trueno::inspect
