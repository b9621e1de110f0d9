// What every tool does the same way: exit codes, names on the command line, errors on stderr, files of text.
//
// A tool is a function of its arguments and two streams, so that tests call it as the shell does and read
// what it said. The program around it is three lines.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trueno/kernel.h"

namespace CLI {
class App;
}

namespace trueno::tools {

/// What every tool ends with.
enum ExitCode : int {
  kFine = 0,
  kFinding = 1,      ///< the tool did its work and found something wrong
  kBadInput = 2,     ///< bad usage, bad input, or output that cannot be written
  kUnavailable = 3,  ///< generated code was required and cannot be had here
};

struct Streams {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

/// Parses the command line. Nothing: go on. Else the exit code: 0 after --help, and after --man or --completion SHELL
/// (describe.h) if nothing else is given; 2 after a mistake, which has been reported to `streams.err`.
std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv, const Streams& streams);

/// An option that may be given many times, each time with one value: `--in a=1.npy EXPR` must not swallow EXPR.
void add_repeatable(CLI::App& app, const std::string& name, std::vector<std::string>& into, const std::string& help);

/// Reports the error under the tool's name and gives the exit code that goes with its status.
int fail(const Streams& streams, std::string_view tool, const Error& error);

/// Flushes what was printed: output lost to a full disk must not look like success.
int finish(const Streams& streams, std::string_view tool, int code);

/// A tool as the body of `main`: what it did not foresee (no memory) becomes an error and exit code 2, too.
using Tool = int (*)(int argc, const char* const* argv, const Streams& streams);
int main_of(Tool tool, int argc, const char* const* argv);

/// Names of options' values. Errors: invalid_argument, naming the option and what it takes.
Result<Isa> parse_isa(std::string_view text);
Result<Backend> parse_backend(std::string_view text);
Result<int> parse_vector_bits(std::string_view text);  ///< "auto" gives 0
Result<Type> parse_number_type(std::string_view option, std::string_view text);

/// "a,b" -> {"a", "b"}; empty parts are kept, to be complained about.
std::vector<std::string> split(std::string_view list, char separator);

/// Whether a positional argument means a file: it ends in .tir, or a file of that name exists.
bool means_file(const std::string& argument);
Result<std::string> read_text_file(const std::string& path);

}  // namespace trueno::tools
