// perf's jitdump file: the code itself, its symbols and where its instructions come from, with times, so that `perf
// inject --jit` makes of it what `perf report` and `perf annotate` read, also where a place held one kernel after
// another. The format is described in the Linux sources, tools/perf/Documentation/jitdump-specification.txt.
//
// perf finds the file by a mapping of it that could be executed, in the recording; nobody executes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ir/kernel.h"
#include "jit/compile.h"
#include "runtime/profile/own_file.h"
#include "runtime/profile/symbols.h"

namespace trueno::runtime {

/// "DIRECTORY/jit-PID.dump" that perf looks for. A directory that is not given: one of its own, made in ~/.debug/jit.
class JitDump {
 public:
  /// Errors: Status::io, naming what cannot be made, opened, written or mapped, and why.
  static Result<JitDump> open(const std::string& directory);
  JitDump(JitDump&& other) noexcept;
  JitDump(const JitDump&) = delete;
  JitDump& operator=(const JitDump&) = delete;
  ~JitDump();

  /// Writes the kernel's text to a file beside it, and records of code and lines, together. Threads: one at a time.
  Result<void> add(const ir::Kernel& kernel, const jit::Code& code, const jit::Trace& trace, std::uint64_t address);
  const std::string& path() const { return file_.path(); }

 private:
  JitDump(OwnFile file, std::string directory) : file_(std::move(file)), directory_(std::move(directory)) {}
  OwnFile file_;
  std::string directory_;
  void* marker_ = nullptr;
};

/// An instruction's line in a file of text; it holds up to the next one.
struct SourceLine {
  std::uint32_t offset = 0, line = 0;
};

// The records, as they are in the file.
std::string jitdump_header(std::uint32_t pid, std::uint64_t time);
/// Lines of the symbol's code, which the next record must be of; empty if there are none.
std::string jitdump_lines(const Symbol& symbol, std::span<const SourceLine> lines, const std::string& file,
                          std::uint64_t address, std::uint64_t time);
std::string jitdump_code(const Symbol& symbol, std::span<const std::uint8_t> all, std::uint64_t address,
                         std::uint64_t index, std::uint64_t time);

}  // namespace trueno::runtime
