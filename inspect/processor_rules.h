// How the processor's vector instructions are described: a row each.
#pragma once

#include "inspect/processor.h"

namespace trueno::inspect {

struct Processor::Rule {
  bool (Processor::*run)(const Step&, const Rule&) = nullptr;
  Fn fn = Fn::constant;
  int width = 32;         ///< bits of a lane; of a conversion's result
  int from = 0;           ///< of a conversion's operand
  std::uint64_t imm = 0;  ///< where the instruction has none
  int sources = 2;
};

}  // namespace trueno::inspect
