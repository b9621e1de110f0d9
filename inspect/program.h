// Running another program: what it is given to read, and all that it said.
//
// Output goes to files without names rather than pipes, so that nothing waits for a reader, however much is said.
#pragma once

#include <string>
#include <vector>

#include "trueno/types.h"

namespace trueno::inspect {

struct ProgramOutput {
  int code = 0;  ///< its exit code; 128 + the signal that ended it
  std::string out, err;
};

/// Runs `arguments[0]`, looked for along PATH, and waits for its end.
/// Errors: unavailable: there is no such program, or it could not be started; io: no temporary files.
Result<ProgramOutput> run_program(const std::vector<std::string>& arguments, const std::string& input);

}  // namespace trueno::inspect
