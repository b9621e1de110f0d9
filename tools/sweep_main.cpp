// trueno-sweep: the error of an op over all 2^32 inputs. See sweep_command.h.
#include "tools/sweep_command.h"

int main(int argc, char** argv) { return trueno::tools::sweep_command(argc, argv); }
