// The lint's place in a compile (`lint = "first"`): between making code and publishing it.
//
// Looking at code takes a decoder, which most programs have no use for, so the lint is in a library of its own
// (inspect/) and hooks itself in here; see trueno/lint.h.
#pragma once

#include <atomic>
#include <string>

#include "ir/kernel.h"
#include "jit/compile.h"
#include "runtime/settings.h"

namespace trueno::runtime {

/// What is wrong with code, in one line; nothing if it is fine. May throw bad_alloc.
using Lint = std::string (*)(const jit::Code& code, const ir::Kernel& kernel);
/// Null: this program has none.
extern std::atomic<Lint> the_lint;

/// Has the lint look at code that is to be used. Errors: unavailable: it is not to be; told in the log as well.
/// invalid_argument: the configuration is strict and asks for a lint that this program does not have; one that is not
/// strict has that told once, and is obeyed otherwise.
Result<void> look_at(const jit::Code& code, const ir::Kernel& kernel, const Settings& configured);

}  // namespace trueno::runtime
