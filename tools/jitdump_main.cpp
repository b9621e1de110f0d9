// The program around trueno-jitdump; everything it does is in jitdump.cpp, where tests can call it.
#include "tools/jitdump.h"

int main(int argc, char** argv) { return trueno::tools::main_of(trueno::tools::jitdump_tool, argc, argv); }
