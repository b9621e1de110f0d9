// How a debugger finds the caller from any instruction of generated code: an .eh_frame section for it.
#pragma once

#include <cstdint>
#include <string>

#include "jit/compile.h"

namespace trueno::runtime {

/// For code at that address.
std::string eh_frame(const jit::Code& code, std::uint64_t address);

}  // namespace trueno::runtime
