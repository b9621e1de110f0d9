// The program around trueno-demo; everything it does is in demo.cpp, where tests can call it.
#include "tools/demo.h"

int main(int argc, char** argv) { return trueno::tools::main_of(trueno::tools::demo_tool, argc, argv); }
