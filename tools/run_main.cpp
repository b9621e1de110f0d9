// The program around trueno-run; everything it does is in run.cpp, where tests can call it.
#include "tools/run.h"

int main(int argc, char** argv) { return trueno::tools::main_of(trueno::tools::run_tool, argc, argv); }
