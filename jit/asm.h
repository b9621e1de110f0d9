// The one door to asmjit: what else in jit/ includes is asmjit's instruction ids and this.
#pragma once

#include <asmjit/core.h>
#include <asmjit/x86.h>

namespace trueno::jit {

/// Instruction ids, as rows name them: I::kIdVaddps.
namespace I = asmjit::x86::Inst;

}  // namespace trueno::jit
