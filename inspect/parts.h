// The parts of generated code: loops and the straight code around them, each with its purpose.
//
// Where a part begins and what it is for, the generator's labels say. Whether it is a loop, where that ends and how
// many elements a turn takes is read from the instructions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/decode.h"

namespace trueno::inspect {

enum class Purpose : std::uint8_t {
  entry,        ///< where callers enter: whole, stretch, finish
  block,        ///< a block of a reduction begins
  peel,         ///< a part of a step, so that what follows is aligned
  past_caches,  ///< the main loop with stores that go past the caches
  main,         ///< the main loop
  one_vector,   ///< what the main loop leaves, a step at a time
  tail,         ///< less than a step, or all that the main loop leaves
  fold,         ///< lanes to one value, and what is computed from it
  realign,      ///< rotated lanes are put back in order
  merge,        ///< lanes of blocks are merged
  between,      ///< what leads from one part to the next
};
std::string_view name_of(Purpose purpose);

struct Part {
  std::string name;  ///< as in the listing, "main loop 2"; of `between`: empty
  Purpose purpose = Purpose::between;
  std::uint32_t pass = 0;              ///< of parts of a pass's loop and its fold
  std::uint32_t begin = 0, end = 0;    ///< offsets
  std::uint32_t first = 0, steps = 0;  ///< its instructions, as an index among those of the whole code
  bool loop = false;                   ///< it ends with a jump back to its beginning
  std::int64_t elements = 0;           ///< of a loop over elements: per turn
};

/// All of the code in order, without a gap. `steps`: the whole code.
std::vector<Part> find_parts(const jit::Code& code, const std::vector<Step>& steps);

/// The part a step belongs to, or null.
const Part* part_of(const std::vector<Part>& parts, std::size_t step);
/// The first part of that purpose and pass, or null.
const Part* find_part(const std::vector<Part>& parts, Purpose purpose, std::uint32_t pass = 0);

}  // namespace trueno::inspect
