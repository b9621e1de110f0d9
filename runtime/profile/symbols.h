// What profilers and debuggers call the parts of generated code.
//
// The label table (jit::Code::labels) cut into pieces that do not overlap: each entry up to its first loop, then loop
// by loop, so that a profile tells them apart. An entry is called as a function of C++ would be, as that is what is
// typed at a debugger; a loop also says what it was generated for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jit/compile.h"

namespace trueno::runtime {

struct Symbol {
  std::uint32_t offset = 0, size = 0;
  std::string name;    ///< "trueno::sum::whole", "trueno::sum [avx2 vl256] main loop"
  bool entry = false;  ///< something that is called; else a part of the entry before it
};

/// Ascending and without gaps, from the first label to where the constants begin.
std::vector<Symbol> symbols_of(std::string_view kernel, const jit::Code& code);

/// The kernel's name as a part of the names above and of files: letters, digits, '_' and '.', not too many.
std::string plain_name(std::string_view kernel);

}  // namespace trueno::runtime
