// trueno-bench: compares builds of the library: their speed (ab) and their size (size). Command line and exit codes;
// the work is in bench_ab.cpp. What trueno is compared with beside itself is bench/'s.
#pragma once

#include "tools/options.h"

namespace trueno::tools {

int bench_command(int argc, const char* const* argv, const Streams& streams = Streams());

}  // namespace trueno::tools
