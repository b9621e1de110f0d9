// The judge of a verifier that is given a meaning: the interpreter, on the kernel as it stands.
#pragma once

#include "runtime/verify.h"

namespace trueno::runtime {

/// Runs the interpreter on an expanded kernel.
Run interpreter_of(ir::Kernel meaning);

}  // namespace trueno::runtime
