// What is decided about a kernel before any code exists: lanes per step, slots, and who needs what where.
#pragma once

#include <algorithm>
#include <vector>

#include "ir/passes/passes.h"
#include "ir/reducer.h"
#include "jit/compile.h"
#include "jit/isa.h"

namespace trueno::jit {

/// Bytes of an accumulator's lanes: 64 of 4 bytes or 32 of 8 (contract, part 3).
inline constexpr std::uint32_t kLaneBytes = 256;

struct Layout {
  Layout(const ir::Kernel& kernel, const Target& target);

  const ir::Kernel& kernel;
  Target target;
  const IsaRows& isa;
  ir::Schedule schedule;
  std::uint32_t lanes = 0;                  ///< elements per step
  std::vector<std::uint32_t> array_of;      ///< per parameter: index among arrays, ~0u for scalars
  std::vector<std::uint32_t> output_array;  ///< per output: index among arrays, ~0u for scalars
  std::uint32_t arrays = 0;
  SlotMap slots;
  std::vector<std::uint32_t> slot_of;  ///< per node: slot of a uniform value; ~0u: none
  std::vector<bool> crosses;           ///< per node: a uniform value that is needed outside its section
  std::vector<bool> folded_neg;        ///< per node: a negation that every user folds into an fma
  std::int64_t block = 0;              ///< elements of the smallest block of its reductions; 0: none

  /// Uniform nodes that are computed before pass q (q == passes: after the last): those that are left out with the
  /// pass before it, or all others.
  std::vector<ir::NodeId> section_nodes(std::uint32_t q, bool left_out) const;
  bool has_array_results() const {
    return std::any_of(kernel.outputs.begin(), kernel.outputs.end(), [](const ir::Output& o) { return o.array; });
  }

 private:
  void note(Type type) { narrow_ = narrow_ || bits_of(type) == 32; }
  void note_reduction(const ir::Node& n);
  void assign_slots();
  void find_folded_negations();

  bool narrow_ = false;  // some value takes 4 bytes
};

}  // namespace trueno::jit
