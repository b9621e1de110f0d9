// The straight-line pieces of a kernel: the loop body (whole vectors and tail), the code between loops.
#pragma once

#include <string>
#include <vector>

#include "jit/layout.h"
#include "jit/machine.h"
#include "jit/pool.h"

namespace trueno::jit {

/// Where the accumulators of a pass live while its loop runs.
enum class Lanes : std::uint8_t { registers, frame };

/// One reduction of a pass.
struct Accumulator {
  ir::NodeId node = ir::kNoNode;
  Type type = Type::f32;
  std::uint8_t parts = 1;       ///< vectors it takes from each step
  std::uint32_t vectors = 4;    ///< kLaneBytes / vector bytes
  std::uint32_t first_reg = 0;  ///< with Lanes::registers
};

/// Tail masks on AVX-512 are fixed: k7 for a step's lanes (or the first half of 8-byte ones), k6 for the rest.
inline constexpr std::uint32_t kTailMask = 7, kTailMaskUpper = 6;

class BodyBuilder {
 public:
  BodyBuilder(const Layout& layout, Pool& pool) : layout_(layout), pool_(pool) {}

  /// One step of the loop of a pass. False: declined, see `reason`.
  bool loop(std::uint32_t pass, const std::vector<Accumulator>& accs, Lanes lanes, bool tail, Section& out);
  /// Uniform code before pass q, after folding the accumulators of pass q-1 (if given).
  bool between(std::uint32_t q, const std::vector<Accumulator>* fold, Lanes lanes, Section& out);
  /// Every accumulator of one element size joined with the entry of the merge stack, or copied to or from it.
  bool merge(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out);
  void push(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out);
  void pop(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out);
  void init(const std::vector<Accumulator>& accs, Lanes lanes, int bits, Section& out);

  std::string reason;

 private:
  struct Step;
  std::uint8_t vector_bytes() const { return static_cast<std::uint8_t>(layout_.target.vector_bytes()); }
  void load_tail_masks(Step& step, std::uint32_t pass, const std::vector<ir::NodeId>& nodes,
                       const std::vector<Accumulator>& accs) const;
  Select uniform_select(Section& out) const;
  Operand vector_of(const Accumulator& acc, std::size_t index, Lanes lanes, std::uint32_t j) const;
  Operand stack_entry(std::size_t index, std::uint32_t j) const;
  Operand fold(Select& s, const Accumulator& acc, std::size_t index, Lanes lanes) const;

  const Layout& layout_;
  Pool& pool_;
};

}  // namespace trueno::jit
