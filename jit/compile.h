// From an optimized kernel to machine code: select -> allocate -> emit. Publishing is arena.h's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "ir/passes/passes.h"
#include "jit/target.h"

namespace trueno::jit {

/// What generated functions look like. `arrays`: base pointers of the array parameters in signature order,
/// then of the array outputs. `slots`: 8 bytes each (see SlotMap). whole(begin = 0, end = n, n within one
/// block if the kernel reduces); stretch handles [begin, end) of one pass, begin on a block boundary, and
/// leaves its lanes on the merge stack in `state`; finish merges what is left there and stores the reductions
/// (after the last pass also the scalar results) in `slots`. A pass whose condition is false (ir::Schedule) is left
/// out by all three, whoever calls them: no array is touched for it.
using Entry = void (*)(void* const* arrays, std::uint64_t* slots, std::int64_t begin, std::int64_t end, void* state);

/// Where each uniform value that crosses a function boundary lives in `slots`.
struct SlotMap {
  static constexpr std::uint32_t kCount = 0;  ///< n, as i64
  std::vector<std::uint32_t> scalars;         ///< per parameter: its slot; ~0u for arrays
  std::vector<std::uint32_t> outputs;         ///< per output: its slot; ~0u for arrays
  std::vector<std::uint32_t> guards;          ///< 0 there: no element passed a filter where one was needed
  std::uint32_t size = 1;
};

/// A named place in the code, for the disassembly: "whole", "main loop", "one-vector loop", "tail", "fold", ...
struct Label {
  std::uint32_t offset = 0;
  std::string name;
};

struct PassCode {
  std::uint32_t stretch = 0, finish = 0;  ///< offsets of the entries; finish is 0 if the pass has no reductions
  std::size_t state_bytes_per_level = 0;  ///< size of `state` = kStateHeader + levels * this
  static constexpr std::size_t kStateHeader = 64;
  static constexpr std::size_t kStateAlignment = 16;  ///< of `state`: what older encodings want of memory operands
};

/// How the caller is found from any instruction. All entries open the same frame, if any: push rbp, mov rbp, rsp, and
/// pushes of rbx, r12, r13, r14, r15, as many of these as it takes; one without a frame leaves the stack alone.
struct FrameShape {
  bool any = false;
  std::uint8_t saved = 0;   ///< registers pushed behind rbp
  std::uint32_t leave = 0;  ///< offset of the return, where the frame is gone; code behind it is within one again
};

struct Code {
  Target target;
  std::vector<std::uint8_t> bytes;  ///< instructions, then the constant pool; position independent
  std::uint32_t pool_offset = 0;    ///< where instructions end and constants begin
  std::uint32_t whole = 0;          ///< offset of the entry
  std::int64_t block = 0;           ///< elements `whole` can take if the kernel reduces; 0: any number
  std::vector<PassCode> passes;
  SlotMap slots;
  FrameShape frame;
  std::vector<Label> labels;  ///< ascending by offset
  std::size_t instructions = 0, spills = 0;
};

/// Which IR node each instruction computes, for those who look at the code. Kept only when asked for.
struct Trace {
  /// From `offset` up to the next line. `node` belongs to the kernel that was compiled; kNoNode: the loop's own doing.
  struct Line {
    std::uint32_t offset = 0;
    ir::NodeId node = ir::kNoNode;
    std::uint32_t copy = 0;  ///< of an unrolled loop's body
  };
  std::vector<Line> lines;  ///< ascending by offset
};

/// Errors: Status::unavailable when the back end declines, naming the primitive, type and reason.
/// Does not look at the host: any emittable target will do. `trace`, if given, is filled in.
Result<Code> compile(const ir::Kernel& optimized, const Target& target, Trace* trace = nullptr);

}  // namespace trueno::jit
