// Encoding: allocated sections to bytes, through asmjit's Assembler.
//
// Sections speak of places; an `Emitter` knows the addresses: which register holds which array's base, where
// the frame's areas are, which copy of the unrolled body this is.
#pragma once

#include <string>
#include <vector>

#include "jit/allocate.h"
#include "jit/asm.h"
#include "jit/body.h"
#include "jit/layout.h"
#include "jit/pool.h"

namespace trueno::jit {

/// Areas of the stack frame, in bytes from its start.
struct Frame {
  std::uint32_t lanes = 0;     ///< accumulators, kLaneBytes each
  std::uint32_t uniforms = 0;  ///< whole vectors by slot, 64 bytes each
  std::uint32_t spills = 0;
  std::uint32_t stages = 0;  ///< 64 bytes for each array whose tail is copied
  std::uint32_t lookup = 0;  ///< one vector on its way through a table
  std::uint32_t size = 0;
  bool lanes_used = false, lookup_used = false, bytes_used = false;
};

class Emitter : private asmjit::ErrorHandler {
 public:
  explicit Emitter(const Layout& layout, Trace* trace = nullptr);

  using Gp = asmjit::x86::Gp;
  using Label = asmjit::Label;

  // Registers with a fixed role; arrays' bases come from what is left.
  static constexpr Gp kArrays = asmjit::x86::rdi, kSlots = asmjit::x86::rsi, kIndex = asmjit::x86::rdx,
                      kEnd = asmjit::x86::rcx, kState = asmjit::x86::r8, kLimit = asmjit::x86::r9,
                      kScratch = asmjit::x86::rax, kWork = asmjit::x86::r11;

  asmjit::x86::Assembler& a() { return a_; }
  Label label() { return a_.newLabel(); }
  void bind(Label l) { a_.bind(l); }
  /// So many bytes that nobody runs.
  void leave_out(std::uint32_t bytes);
  /// Names this place for the disassembly.
  void mark(std::string name);
  std::uint32_t offset() { return static_cast<std::uint32_t>(a_.offset()); }

  /// Opens the function, or another entry to it; `frame` and `arrays` are what its sections use.
  /// Returns the offset of the entry.
  std::uint32_t begin_function(std::string name, const std::vector<bool>& arrays, const Frame& frame);
  /// Closes it, for all its entries.
  void end_function();

  /// Emits a section. Copy `u` of an unrolled body: `element` is the offset of its first element from the index.
  void section(const Allocated& code, const std::vector<Accumulator>* accs = nullptr, std::uint32_t u = 0);
  /// What follows brings this leaf to where a loop has it; of none: that is over.
  void note_leaf(const Operand& leaf) {
    if (trace_ != nullptr) add_leaf(leaf);
  }
  void instruction(const Instruction& inst, const std::vector<Accumulator>* accs, std::uint32_t u);
  /// Vector moves and broadcasts in the ISA's encoding.
  void move(std::uint32_t reg, asmjit::x86::Mem from, std::uint32_t width);
  void move(asmjit::x86::Mem to, std::uint32_t reg, std::uint32_t width);
  void move(std::uint32_t to, std::uint32_t from, std::uint32_t width);
  void broadcast(std::uint32_t reg, const asmjit::Operand& from, std::uint32_t bytes, std::uint32_t width);
  /// True if the tail of that array is copied through the frame; while `staged(true)` holds, sections use the copy.
  bool is_staged(std::uint32_t array) const;
  void staged(bool on) { staged_ = on; }
  /// While it holds, vectors are stored to arrays past the caches: they must be aligned.
  void past_caches(bool on) { past_caches_ = on; }
  std::uint32_t element_bytes(std::uint32_t array) const { return array_bytes_[array]; }
  /// The address of the element at kIndex. Uses kScratch.
  void address(Gp to, std::uint32_t array);
  /// Copies kWork elements (at least one) between the array at kIndex and its stage; kWork ends at 0.
  void copy_tail(std::uint32_t array, bool in, std::uint32_t temp);
  /// Lane positions for accumulators in the frame: kIndex modulo V, for each element size.
  void set_lane_positions();
  /// The base of the sliding window of AVX2's tail masks, lanes missing from the step in kWork.
  void set_tail_window(std::uint32_t pool_offset);

  asmjit::x86::Vec vector(std::uint32_t reg, std::uint32_t width) const;
  asmjit::x86::Mem frame_at(std::uint32_t offset, std::uint32_t size) const;
  asmjit::x86::Mem pool_at(std::uint32_t offset, std::uint32_t size) const;
  const Frame& frame() const { return frame_; }
  std::uint32_t vector_bytes() const { return static_cast<std::uint32_t>(layout_.target.vector_bytes()); }

  /// Appends the pool and gives everything out. Errors: what asmjit complained of first; out_of_memory.
  Result<void> finish(const Pool& pool, Code& code);
  std::size_t instructions = 0;

 private:
  /// What follows the first mistake is its consequence. Comes from inside asmjit, where nothing may be thrown.
  void handleError(asmjit::Error error, const char* message, asmjit::BaseEmitter*) override;
  asmjit::Operand operand(const Operand& o, const std::vector<Accumulator>* accs, std::uint32_t u);
  void lookup(const Instruction& inst, const std::vector<Accumulator>* accs, std::uint32_t u);
  void position(const Instruction& inst, std::uint32_t u);
  asmjit::x86::Mem array_at(const Operand& o, std::uint32_t u);

  /// What follows, up to the next such note, computes that node.
  void note(ir::NodeId node, std::uint32_t copy) {
    if (trace_ != nullptr) add_line({offset(), node, copy});
  }
  void add_line(Trace::Line line);
  void add_leaf(const Operand& leaf);

  const Layout& layout_;
  Trace* trace_;
  asmjit::CodeHolder holder_;
  asmjit::x86::Assembler a_;
  Label pool_;
  Frame frame_;
  std::vector<Gp> base_;  // per array; rax: loaded at each use
  std::vector<Gp> saved_;
  Gp tables_;  // the pool's address, where tables are looked up lane by lane
  Gp byte_;    // carries one byte of a staged mask result
  bool staged_ = false, past_caches_ = false;
  Gp position64_, position32_;  // kIndex mod 64, mod 32
  std::vector<trueno::jit::Label> marks_;
  FrameShape shape_;
  std::vector<std::uint32_t> array_bytes_;
  asmjit::Error failed_ = asmjit::kErrorOk;
  char complaint_[120] = {};  ///< what it said of that
};

}  // namespace trueno::jit
