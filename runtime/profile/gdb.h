// GDB's interface for generated code: a list of object files in memory, one for each kernel, and a function that GDB
// stops at when the list changes. Names of kernels in backtraces, breakpoints by name, disassembly by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "jit/compile.h"

namespace trueno::runtime {

/// An ELF file that says of code in memory what it is called and how its frames are laid out. It holds no code.
std::string object_file(std::string_view kernel, const jit::Code& code, std::uint64_t address);

/// GDB knows of the code for as long as this lives. Threads: safe.
class GdbEntry {
 public:
  explicit GdbEntry(std::string object_file);
  ~GdbEntry();
  GdbEntry(const GdbEntry&) = delete;
  GdbEntry& operator=(const GdbEntry&) = delete;

 private:
  struct Listed;
  std::unique_ptr<Listed> listed_;
};

}  // namespace trueno::runtime
