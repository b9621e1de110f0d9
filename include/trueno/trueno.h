// trueno: vector kernels generated at run time, with the same bits on every machine.
#pragma once

#include "trueno/builder.h"
#include "trueno/cache.h"
#include "trueno/config.h"
#include "trueno/kernel.h"
#include "trueno/log.h"
#include "trueno/reduce.h"
#include "trueno/types.h"
#include "trueno/verify.h"
#include "trueno/version.h"
