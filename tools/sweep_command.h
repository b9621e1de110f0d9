// trueno-sweep as a function: its arguments, two streams, an exit code.
#pragma once

#include "tools/options.h"

namespace trueno::tools {

/// `trueno-sweep OP [--precision fast] [--type f64 [--samples N]] [--isa I] [--vl BITS] [--backend B] [--stride N]
/// [--threads N] [--compare] [--record FILE] [--json] [--ops FILE.tir]`,
/// `trueno-sweep --primitive NAME [--type T] [--to T]` (or `--primitives`) with the options that fit,
/// `trueno-sweep --docs FILE` or `trueno-sweep --declines FILE`. Exit codes: 0 the bound holds (the bits agree); 1 it
/// does not; 2 bad usage; 3 the target asked for cannot run here.
int sweep_command(int argc, const char* const* argv, const Streams& streams = {});

}  // namespace trueno::tools
