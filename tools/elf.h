// What an ELF file (64 bits, this machine's byte order) says of itself: how large its parts are and what it needs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trueno/types.h"

namespace trueno::tools {

struct ElfFacts {
  std::uint64_t loaded_bytes =
      0;                         ///< of the file, what is mapped when it runs: its size when stripped, all but a table
  std::uint64_t text_bytes = 0;  ///< .text
  std::map<std::string, std::uint64_t> functions;  ///< bytes of code by mangled name, where there are symbols
  std::vector<std::string> needs;                  ///< libraries, as the loader is told
  std::string compiler;                            ///< the first that .comment names
};

/// Errors: invalid_argument for what is no such file or ends too early.
Result<ElfFacts> read_elf(const std::string& image, const std::string& path);

}  // namespace trueno::tools
