// A kernel as a block program: its scheduled passes, run over cache-sized blocks by loops compiled with the library.
//
// The way where machine code cannot be generated. Same bits as everywhere: the loops have the interpreter's meanings
// (ir/meaning.h), the order of reductions is the contract's tree (ir/tree.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aot/block.h"
#include "ir/passes/passes.h"
#include "ir/reducer.h"

namespace trueno::aot {

/// A reduction of a pass: how elements enter its lanes, how lanes meet.
struct Reduction {
  ir::NodeId node = ir::kNoNode;
  const ir::Reducer* reducer = nullptr;
  std::vector<ir::NodeId> operands;
  std::vector<Type> types;  ///< of the operands
  Block step, merge;
  Rows rows = nullptr;                 ///< takes whole rows at once, if its step is one primitive
  std::vector<std::size_t> rows_from;  ///< the operands of that primitive
  Rows join = nullptr;                 ///< joins lanes with later ones, if its merge is one primitive
};

class Program {
 public:
  /// `kernel` is optimized and outlives the program. The caller knows that the host can run `isa`.
  /// Errors: unavailable, with the reason.
  static Result<std::shared_ptr<const Program>> make(const ir::Kernel& kernel, Isa isa);

  /// As ir::interpret: params[i] is an array's base or points to a scalar; outputs likewise.
  /// Aliasing: an output may be exactly an input. Threads: safe.
  /// Errors: empty; nothing is written. Throws std::bad_alloc; results may then have been written in part.
  Result<void> run(std::span<const void* const> params, std::span<void* const> outputs, std::int64_t n) const;

  Isa isa() const { return level_->isa; }

 private:
  friend class Call;
  struct Pass {
    Block body;
    std::vector<Reduction> reductions;
    std::vector<ir::Store> stores;
    std::size_t stretch = 0;  ///< elements at a time
  };
  explicit Program(const ir::Kernel& kernel, Isa isa);
  std::string build();
  std::string build(std::uint32_t pass);
  std::string build(const ir::Reducer& reducer, Reduction& out) const;
  /// The loop of rows for a step or merge of one component that is one primitive, with the lane where that loop takes
  /// it to be: an fma's addend, either operand of what commutes. `from`: its other operands, by number.
  Rows by_rows(const ir::Kernel& joint, const Block& block, std::vector<std::size_t>& from) const;

  const ir::Kernel& kernel_;
  const Level* level_;
  ir::Schedule plan_;
  std::vector<Pass> passes_;
};

}  // namespace trueno::aot
