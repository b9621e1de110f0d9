// Kernels to verify: one small kernel per (primitive, types, operand form), made from the primitive table.
//
// The table drives it: a primitive that is added to ir/primitives.h is verified on every target without a line
// of test written for it. What the table cannot know, the values that are hard for a primitive, is hard_cases.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"
#include "jit/target.h"
#include "runtime/verify.h"

namespace trueno::test {

struct Subject {
  std::string name;  ///< "add f32 (array, scalar)"
  ir::Kernel kernel;
  runtime::VerifyOptions options;
  bool mask_result = false;  ///< stores a mask; else a mask was used to select between 1 and 0
};

/// All forms of one primitive: operands as arrays, scalars and constants, twice the same, results of every kind.
/// Empty for leaves and reductions.
std::vector<Subject> subjects_of(ir::Op op);

/// The first kernel of a text, expanded. Fails the test case if the text is wrong.
ir::Kernel kernel_of(std::string_view text);

/// The options as this machine can carry them out: under an emulator, which is slow, lengths and placements in turn;
/// no guard pages where it reads beyond them (emulated_reads.h), which it says once, on stderr. `kernel`: what is
/// verified, where that is known.
runtime::VerifyOptions possible(runtime::VerifyOptions options, const ir::Kernel* kernel = nullptr);

/// Verifies on each runnable target; a difference fails the test case and is described.
/// Returns what the back end said on the first target that declined though it may not; else nothing.
std::string check_on_all_targets(const std::string& name, const ir::Kernel& kernel,
                                 const runtime::VerifyOptions& options);

/// Targets that take everything common (contract, part 5). The others may decline what they have no code for.
inline bool takes_everything_common(const jit::Target& target) { return target.isa >= Isa::avx2; }

/// The same for a text that must not be declined by those.
void check_text(std::string_view text, const runtime::VerifyOptions& options = {});

/// TRUENO_TEST_FULL=1 in the environment: every block boundary, every misalignment, longer random runs.
bool full_run();

}  // namespace trueno::test
