// Where and with what a report was made.
#pragma once

#include <string>

#include "bench/report.h"

namespace trueno::bench {

/// All but what has to be measured. `commit`: as the caller knows it; this program does not.
Machine describe_machine(const std::string& commit);

/// One thread for every peer, and the caps of those that choose their ISA at run time: environment variables that
/// their libraries read before main. Starts the program anew where they were not set.
void settle_environment(char** argv);

}  // namespace trueno::bench
