// The straight-line pieces of a kernel: the loop body (whole vectors and tail), the code between loops.
#pragma once

#include <string>
#include <vector>

#include "jit/layout.h"
#include "jit/machine.h"
#include "jit/pool.h"
#include "jit/state.h"

namespace trueno::jit {

/// Where the accumulators of a pass live while its loop runs.
enum class Lanes : std::uint8_t { registers, frame };

/// One component of the state of a reduction of a pass; those of one reduction follow each other.
struct Accumulator {
  ir::NodeId node = ir::kNoNode;
  std::uint32_t component = 0;
  Type type = Type::f32;
  std::uint32_t lanes = 64;     ///< V of the contract, of the whole state
  std::uint8_t parts = 1;       ///< vectors it takes from each step
  std::uint32_t vectors = 4;    ///< for all lanes
  std::uint32_t first_reg = 0;  ///< with Lanes::registers
};

/// Tail masks on AVX-512 are fixed: k7 for a step's lanes (or the first half of 8-byte ones), k6 for the rest.
inline constexpr std::uint32_t kTailMask = 7, kTailMaskUpper = 6;

class BodyBuilder {
 public:
  BodyBuilder(const Layout& layout, Pool& pool) : layout_(layout), pool_(pool) {}

  /// One step of the loop of a pass. False: declined, see `reason`.
  bool loop(std::uint32_t pass, const std::vector<Accumulator>& accs, Lanes lanes, bool tail, Section& out);
  /// Uniform code before pass q, after folding the accumulators of pass q-1 (if given): what is left out with that
  /// pass, or all the rest.
  bool between(std::uint32_t q, bool left_out, const std::vector<Accumulator>* fold, Lanes lanes, Section& out);
  /// Every reduction of V lanes joined with the entry of the merge stack, or copied to or from it.
  bool merge(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out);
  void push(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out);
  void pop(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out);
  void init(const std::vector<Accumulator>& accs, Lanes lanes, std::uint32_t v, Section& out);

  std::string reason;

 private:
  struct Step;
  std::uint8_t vector_bytes() const { return static_cast<std::uint8_t>(layout_.target.vector_bytes()); }
  void load_tail_masks(Step& step, const std::vector<ir::NodeId>& nodes, const std::vector<Accumulator>& accs,
                       const std::vector<ir::Store>& stores) const;
  Select uniform_select(Section& out) const;
  Operand vector_of(const Accumulator& acc, std::size_t index, Lanes lanes, std::uint32_t j) const;
  Operand stack_entry(std::size_t index, std::uint32_t j) const;
  /// The state at step position j of V / lanes, from its home or from the merge stack.
  State state_at(const std::vector<Accumulator>& accs, std::size_t first, std::uint32_t j, Lanes lanes,
                 bool stack) const;
  State fold(Section& out, const std::vector<Accumulator>& accs, std::size_t first, Lanes lanes) const;

  const Layout& layout_;
  Pool& pool_;
};

}  // namespace trueno::jit
