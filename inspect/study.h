// A kernel's code for one target, looked at from all sides: what every view of it (text, JSON, a page) is drawn from.
//
// Decoded from the bytes, with what the generator tells of its doing put beside: which IR node an instruction computes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/disassemble.h"
#include "inspect/liveness.h"
#include "inspect/parts.h"
#include "ir/print.h"

namespace trueno::inspect {

/// What an instruction's memory operand is.
enum class MemoryKind : std::uint8_t {
  none,
  array,      ///< elements of an argument or a result
  constant,   ///< of the pool
  uniform,    ///< a uniform value kept in the frame as a whole vector
  slot,       ///< a scalar argument, result, or what one pass hands to the next
  lanes,      ///< accumulators in the frame
  spill,      ///< a value that found no register
  frame,      ///< what else lies in the frame: copied tails, lookups
  state,      ///< lanes of earlier blocks
  arguments,  ///< the list of arrays
};
std::string_view name_of(MemoryKind memory);

struct Touch {
  MemoryKind memory = MemoryKind::none;
  bool read = false, written = false;
  std::uint32_t bytes = 0;
  std::string what;  ///< array: its name; uniform, slot: the value's name; constant: as numbers
};

/// What is known of an instruction beside its text.
struct Note {
  ir::NodeId node = ir::kNoNode;  ///< it computes this
  std::uint32_t copy = 0;         ///< for this vector of the turn
  Touch touch;
  std::vector<std::string> reads;  ///< what the registers hold that a loop keeps at hand for it: constants, uniforms
  std::string value;  ///< the name of what it computes or, if all it does is load, of what it loads; may be empty
};

struct Study {
  ir::Kernel kernel;
  std::vector<ir::PrintedNode> names;  ///< of the kernel's nodes
  jit::Code code;
  std::vector<Step> steps;
  std::vector<Instruction> instructions;  ///< by step
  std::vector<Note> notes;                ///< by step
  std::vector<Part> parts;
  Liveness liveness;
  std::size_t invalid = 0;  ///< places that do not decode: a defect of the generator
};

/// Shape: the kernel is optimized. Errors: unavailable, if the target declines.
Result<Study> study(const ir::Kernel& kernel, const jit::Target& target);

/// The last step before `step`, in order of addresses, that writes the register; nothing if none does.
std::optional<std::size_t> written_before(const Study& study, std::size_t step, Register reg);

}  // namespace trueno::inspect
