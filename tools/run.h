// trueno-run: one expression or kernel over columns on disk, the result on the terminal or back on disk.
//
// The steps: read the command line, map the inputs, compile, bind arguments to parameters, run (and time),
// write, report. Each refuses with what, where and why; files of results appear only after a run that worked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/npy.h"
#include "tools/options.h"
#include "trueno/kernel.h"

namespace trueno::tools {

inline constexpr std::string_view kRunName = "trueno-run";

/// The whole tool. Threads: any number, on different streams. Errors: as exit codes, explained on `streams.err`.
int run_tool(int argc, const char* const* argv, const Streams& streams = {});

/// One `--in NAME=FILE`, mapped.
struct InputArray {
  std::string name, path;
  NpyArray array;
};
/// One `--set NAME=VALUE` or `--set NAME:TYPE=VALUE`; the value is read when its type is known.
struct InputScalar {
  std::string name, text;
  std::optional<Type> type;
};
/// One `--out FILE` or `--out NAME=FILE`; no name: the only array result.
struct OutputFile {
  std::string name, path;
};

/// The command line, taken apart.
struct RunOptions {
  std::string source;  ///< EXPR or FILE.tir
  std::vector<InputArray> arrays;
  std::vector<InputScalar> scalars;
  std::vector<OutputFile> files;
  std::optional<std::int64_t> n;  ///< for kernels that fill an array from scalars alone
  CompileOptions compile;
  bool time = false, json = false;
};

/// What the kernel runs over: `columns` elements, or that many in each of the rows of the matrices it was given.
struct Extent {
  std::optional<std::size_t> rows;
  std::size_t columns = 0;
};

/// A result with the memory it is stored in.
struct ResultValue {
  Slot slot;  ///< as it is handed over: over rows, a scalar result is an array of one value per row
  NpyShape shape = 1;
  std::shared_ptr<void> data;
  std::string file;  ///< where it was written; empty: nowhere

  std::size_t length() const { return shape.elements(); }
  std::uint64_t bits(std::size_t i) const;
};

/// Everything there is to say after a run.
struct RunReport {
  std::vector<ResultValue> results;
  Extent extent;
  double ns = 0;          ///< per call
  bool timed = false;     ///< ns is the minimum of many batches, not of one call
  std::size_t bytes = 0;  ///< read and written by one call
};

/// Parameters of the kernel to arguments, by name and type: matrices if any input is one. Errors: everything missing,
/// extra or of the wrong type, at once.
Result<std::vector<RowsArg>> bind_arguments(const Kernel& kernel, const RunOptions& options);
/// The elements, or rows and columns, that the arrays agree on.
Result<Extent> extent_of(const Kernel& kernel, const RunOptions& options);

/// --show-config: every value with its origin, and what is wrong with the configuration. Errors: as an exit code.
int show_config(bool json, const Streams& streams);

void print_report(const Streams& streams, const Kernel& kernel, const RunReport& report);
void print_json(const Streams& streams, const Kernel& kernel, const RunReport& report);

}  // namespace trueno::tools
