// A kernel as text in which every node that is computed has a line of its own, for tools that show lines beside
// instructions. The text parses back to the same kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::runtime {

struct TextWithLines {
  std::string text;
  std::vector<std::uint32_t> line_of;  ///< per node, from 1
  std::uint32_t head = 0;              ///< "kernel ...": of parameters, constants, and what is no node's
};

TextWithLines text_with_lines(ir::Kernel kernel);

}  // namespace trueno::runtime
