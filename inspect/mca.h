// What a turn of each loop costs, as llvm-mca reckons it: an optional program, run as a child.
//
// It simulates a core: how many cycles a turn takes if everything lies in the first cache, which execution port is the
// busiest, and how much of which port each instruction takes. What it knows of a core is its makers' word, not a
// measurement.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/study.h"

namespace trueno::inspect {

struct McaOptions {
  std::string program;  ///< empty: the newest llvm-mca along PATH
  std::string cpu;  ///< as llvm-mca names it; empty: this machine's if `runs_here`, else a typical one of that level
  bool runs_here = false;
};

struct InstructionCost {
  double port_cycles = 0;  ///< of all ports together
  double latency = 0;      ///< until its result can be used
  double micro_ops = 0;
};

struct LoopCost {
  std::string part;                           ///< its name
  double cycles = 0;                          ///< a turn takes, in the steady state
  double port_bound = 0;                      ///< cycles a turn would take if only the busiest port counted
  std::string busiest;                        ///< that port
  double micro_ops = 0;                       ///< of a turn
  std::int64_t elements = 0;                  ///< of a turn
  std::vector<InstructionCost> instructions;  ///< of the part
  double cycles_per_element() const { return elements > 0 ? cycles / static_cast<double>(elements) : 0; }
  bool waits() const { return cycles > 1.15 * port_bound; }  ///< for results rather than for ports
};

struct Estimate {
  std::string program, cpu;
  std::vector<LoopCost> loops;
  const LoopCost* of(const Part& part) const;
};

/// Errors: unavailable: llvm-mca is not there, does not know the core or the instructions, or cannot be understood.
Result<Estimate> estimate(const Study& study, const McaOptions& options);

/// A part of the code as text an assembler reads.
std::string assembler_text(const Study& study, const Part& part);

}  // namespace trueno::inspect
