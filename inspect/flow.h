// The way through code: its instructions, and from one entry the blocks they form and the loops among these.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inspect/decode.h"

namespace trueno::inspect {

/// Code, decoded from its beginning to the constant pool.
struct Program {
  explicit Program(const jit::Code& from);

  const jit::Code& code;
  std::vector<Step> steps;
  std::vector<std::uint32_t> writes;  ///< of each step: which general registers it changes
  /// The index of the step that begins at an offset.
  std::optional<std::size_t> at(std::uint64_t offset) const;
  const Step& operator[](std::size_t step) const { return steps[step]; }

 private:
  std::vector<std::uint32_t> index_;  ///< by offset; ~0u: none begins there
};

/// 0 to 15 for rax to r15 and their parts, ~0u for all else.
unsigned general_register(ZydisRegister reg);
bool is_return(const Step& step);
bool is_jump(const Step& step);
/// It does nothing.
bool is_padding(const Step& step);
/// It goes on only by a jump to a place that is fixed, or by none.
bool ends_flow(const Step& step);

struct Block {
  std::size_t first = 0, last = 0;      ///< steps; `last` included
  std::optional<std::size_t> next, to;  ///< blocks: behind it; where it jumps to
  std::vector<std::size_t> from;
  bool loop = false;          ///< some way leads from it back to it
  std::uint32_t changed = 0;  ///< general registers that loop changes
};

/// Blocks that can be reached from an entry, so ordered that all but the jumps of loops go forward.
std::vector<Block> flow_from(const Program& program, std::size_t entry);

}  // namespace trueno::inspect
