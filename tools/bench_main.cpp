// trueno-bench: builds of the library compared. See bench.h.
#include "tools/bench.h"

int main(int argc, char** argv) { return trueno::tools::main_of(trueno::tools::bench_command, argc, argv); }
