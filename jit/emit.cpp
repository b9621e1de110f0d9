// See emit.h. System V calling convention: rbx, rbp and r12-r15 are the caller's and are saved if used.
#include "jit/emit.h"

#include <cstring>

namespace trueno::jit {

using namespace asmjit;

Emitter::Emitter(const Layout& layout, Trace* trace) : layout_(layout), trace_(trace) {
  asmjit::Error error = holder_.init(Environment(Arch::kX64));
  holder_.setErrorHandler(this);
  if (error == kErrorOk) error = holder_.attach(&a_);
  if (error != kErrorOk) handleError(error, DebugUtils::errorAsString(error), nullptr);
  a_.addEncodingOptions(EncodingOptions::kOptimizedAlign);
#ifndef NDEBUG
  a_.addDiagnosticOptions(DiagnosticOptions::kValidateAssembler);
#endif
  pool_ = a_.newLabel();
  marks_.reserve(16);
  const ir::Kernel& k = layout.kernel;
  for (const ir::Param& p : k.params)
    if (p.is_array()) array_bytes_.push_back(static_cast<std::uint32_t>(stored_bytes(p.type)));
  for (const ir::Output& o : k.outputs)
    if (o.array) array_bytes_.push_back(static_cast<std::uint32_t>(stored_bytes(k[o.value].type)));
}

void Emitter::handleError(asmjit::Error error, const char* message, BaseEmitter*) {
  if (failed_ != kErrorOk) return;
  failed_ = error;
  std::strncpy(complaint_, message, sizeof complaint_ - 1);
}

void Emitter::leave_out(std::uint32_t bytes) {
  constexpr std::uint8_t kBreakpoint = 0xcc;
  if (bytes != 0) a_.embedUInt8(kBreakpoint, bytes);
}

void Emitter::mark(std::string name) { marks_.push_back({offset(), std::move(name)}); }

std::uint32_t Emitter::begin_function(std::string name, const std::vector<bool>& arrays, const Frame& frame) {
  static const Gp kCheap[] = {x86::r10}, kSaved[] = {x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15};
  frame_ = frame;
  saved_.clear();
  base_.assign(arrays.size(), kScratch);
  std::size_t cheap = 0, saved = 0;
  const auto take = [&]() -> Gp {
    if (cheap < std::size(kCheap)) return kCheap[cheap++];
    if (saved == std::size(kSaved)) return kScratch;
    saved_.push_back(kSaved[saved]);
    return kSaved[saved++];
  };
  if (frame.lanes_used) position64_ = take(), position32_ = take();
  if (frame.lookup_used) tables_ = take();
  if (frame.bytes_used) byte_ = take();
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (arrays[i]) base_[i] = take();

  a_.align(AlignMode::kCode, 16);
  mark(std::move(name));
  const std::uint32_t entry = offset();
  a_.endbr64();
  shape_.any = frame_.size || !saved_.empty();
  shape_.saved = static_cast<std::uint8_t>(saved_.size());
  if (shape_.any) {
    a_.push(x86::rbp);
    a_.mov(x86::rbp, x86::rsp);
    for (const Gp& r : saved_) a_.push(r);
    if (frame_.size) {
      a_.sub(x86::rsp, frame_.size + 64);
      a_.and_(x86::rsp, -64);
    }
  }
  for (std::size_t i = 0; i < base_.size(); ++i)
    if (base_[i] != kScratch) a_.mov(base_[i], x86::qword_ptr(kArrays, static_cast<int>(8 * i)));
  if (frame.lookup_used) a_.lea(tables_, pool_at(0, 0));
  return entry;
}

void Emitter::end_function() {
  if (!layout_.isa.legacy) a_.vzeroupper();
  if (shape_.any) {
    if (frame_.size) a_.lea(x86::rsp, x86::ptr(x86::rbp, -8 * static_cast<int>(saved_.size())));
    for (std::size_t i = saved_.size(); i-- > 0;) a_.pop(saved_[i]);
    a_.pop(x86::rbp);
  }
  shape_.leave = offset();
  a_.ret();
}

x86::Vec Emitter::vector(std::uint32_t reg, std::uint32_t width) const {
  if (width == 64) return x86::zmm(reg);
  if (width == 32) return x86::ymm(reg);
  return x86::xmm(reg);
}

x86::Mem Emitter::frame_at(std::uint32_t offset, std::uint32_t size) const {
  return x86::ptr(x86::rsp, static_cast<int>(offset), size);
}

x86::Mem Emitter::pool_at(std::uint32_t offset, std::uint32_t size) const {
  return x86::ptr(pool_, static_cast<int>(offset), size);
}

x86::Mem Emitter::array_at(const Operand& o, std::uint32_t u) {
  if (staged_ && is_staged(o.index)) return frame_at(frame_.stages + o.index * 64 + o.part * 8u, o.width);
  const std::uint32_t bytes = array_bytes_[o.index];
  const Gp base = base_[o.index];
  if (base == kScratch) a_.mov(kScratch, x86::qword_ptr(kArrays, static_cast<int>(8 * o.index)));
  return x86::ptr(base, kIndex,
                  bytes == 8   ? 3
                  : bytes == 4 ? 2
                               : 0,
                  static_cast<int>(u * layout_.lanes * bytes + o.part * 8u), o.width);
}

void Emitter::address(Gp to, std::uint32_t array) {
  const std::uint32_t bytes = array_bytes_[array];
  a_.mov(kScratch, x86::qword_ptr(kArrays, static_cast<int>(8 * array)));
  a_.lea(to, x86::ptr(kScratch, kIndex, bytes == 8 ? 3 : bytes == 4 ? 2 : 0, 0));
}

asmjit::Operand Emitter::operand(const Operand& o, const std::vector<Accumulator>* accs, std::uint32_t u) {
  const auto offset = static_cast<std::uint32_t>(o.part) * 8;
  switch (o.place) {
    case Place::fixed_reg:
      if (o.cls == RegClass::mask) return x86::k(o.index);
      return vector(o.index, o.width);
    case Place::accumulator: {
      const Accumulator& acc = (*accs)[o.index];
      return vector(acc.first_reg + (u * acc.parts + o.part) % acc.vectors, o.width);
    }
    case Place::pool: return pool_at(o.index + offset, o.width);
    case Place::array: return array_at(o, u);
    case Place::uniform: return frame_at(frame_.uniforms + o.index * 64, o.width);
    case Place::slot: return x86::ptr(kSlots, static_cast<int>(8 * o.index), o.width);
    case Place::lanes: {
      const Accumulator& acc = (*accs)[o.index];
      return x86::ptr(x86::rsp, acc.lanes == 32 ? position32_ : position64_, bits_of(acc.type) == 64 ? 3 : 2,
                      static_cast<int>(frame_.lanes + o.index * kLaneBytes + offset), o.width);
    }
    case Place::frame_lanes: return frame_at(frame_.lanes + o.index * kLaneBytes + offset, o.width);
    case Place::stack_lanes: return x86::ptr(kWork, static_cast<int>(o.index * kLaneBytes + offset), o.width);
    case Place::tail_window: return x86::ptr(kScratch, kWork, o.index == 8 ? 3 : 2, static_cast<int>(offset), o.width);
    case Place::spill: return frame_at(frame_.spills + o.index * 64, o.cls == RegClass::mask ? 2 : o.width);
    default: break;
  }
  return {};
}

void Emitter::instruction(const Instruction& inst, const std::vector<Accumulator>* accs, std::uint32_t u) {
  if (inst.lookup) return lookup(inst, accs, u);
  if (inst.position) return position(inst, u);
  asmjit::Operand ops[5];
  std::size_t n = 0;
  std::uint32_t id = inst.id;
  if (id == layout_.isa.move) {  // scalars have moves of their own
    const Operand& memory = inst.dst.is_memory() ? inst.dst : inst.src[0];
    if (memory.is_memory() && memory.width < 16)
      id = layout_.isa.scalar_move[memory.width == 8];
    else if (!memory.is_memory())
      id = layout_.isa.reg_move;
    else if (past_caches_ && inst.dst.place == Place::array && !inst.mask.exists())
      id = layout_.isa.legacy ? I::kIdMovntps : I::kIdVmovntps;
  }
  if (inst.dst.exists()) ops[n++] = operand(inst.dst, accs, u);
  for (int i = inst.tied ? 1 : 0; i < inst.sources; ++i) ops[n++] = operand(inst.src[i], accs, u);
  if (inst.has_imm) ops[n++] = Imm(inst.imm);
  if (inst.mask.exists()) a_.setExtraReg(x86::k(inst.mask.index));
  if (inst.zeroing) a_.addInstOptions(InstOptions::kX86_ZMask);
  a_.emitOpArray(id, ops, n);
  ++instructions;
}

void Emitter::move(std::uint32_t reg, x86::Mem from, std::uint32_t width) {
  a_.emit(layout_.isa.move, vector(reg, width), from);
}
void Emitter::move(x86::Mem to, std::uint32_t reg, std::uint32_t width) {
  a_.emit(layout_.isa.move, to, vector(reg, width));
}
void Emitter::move(std::uint32_t to, std::uint32_t from, std::uint32_t width) {
  a_.emit(layout_.isa.reg_move, vector(to, width), vector(from, width));
}

void Emitter::broadcast(std::uint32_t reg, const asmjit::Operand& from, std::uint32_t bytes, std::uint32_t width) {
  const x86::Vec v = vector(reg, width);
  if (layout_.isa.legacy) {
    if (from.isMem()) a_.emit(layout_.isa.scalar_move[bytes == 8], v, from);
    a_.emit(I::kIdPshufd, v, from.isMem() ? v : from, Imm(bytes == 8 ? 0x44 : 0));
  } else {
    a_.emit(bytes == 4 ? I::kIdVbroadcastss : width == 16 ? I::kIdVmovddup : I::kIdVbroadcastsd, v, from);
  }
}

bool Emitter::is_staged(std::uint32_t array) const {
  if (layout_.isa.tails == Tails::opmask) return false;
  return layout_.isa.tails == Tails::staged || array_bytes_[array] == 1;
}

void Emitter::copy_tail(std::uint32_t array, bool in, std::uint32_t temp) {
  const auto bytes = static_cast<int>(array_bytes_[array]);
  Gp base = base_[array];
  if (base == kScratch) a_.mov(kScratch, x86::qword_ptr(kArrays, static_cast<int>(8 * array)));
  a_.lea(kScratch, x86::ptr(base, kIndex, bytes == 8 ? 3 : bytes == 4 ? 2 : 0, -bytes));
  const int shift = bytes == 8 ? 3 : bytes == 4 ? 2 : 0;
  const auto size = static_cast<std::uint32_t>(bytes);
  const x86::Mem outside = x86::ptr(kScratch, kWork, shift, 0, size);
  const x86::Mem inside = x86::ptr(x86::rsp, kWork, shift, static_cast<int>(frame_.stages + array * 64) - bytes, size);
  const Label next = label();
  a_.bind(next);
  if (bytes == 1) {
    a_.movzx(byte_.r32(), in ? outside : inside);
    a_.mov(in ? inside : outside, byte_.r8());
  } else {
    const std::uint32_t id = layout_.isa.scalar_move[bytes == 8];
    a_.emit(id, x86::xmm(temp), in ? outside : inside);
    a_.emit(id, in ? inside : outside, x86::xmm(temp));
  }
  a_.dec(kWork);
  a_.jnz(next);
}

/// Lane by lane: slow beside a permutation, but any table on any ISA.
void Emitter::lookup(const Instruction& inst, const std::vector<Accumulator>* accs, std::uint32_t u) {
  const std::uint32_t bytes = inst.src[1].width, lanes = inst.dst.width / bytes;
  const Gp scratch = bytes == 8 ? kScratch : kScratch.r32();
  a_.emit(layout_.isa.move, frame_at(frame_.lookup, inst.dst.width), operand(inst.src[0], accs, u));
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const x86::Mem lane = frame_at(frame_.lookup + i * bytes, bytes);
    a_.mov(kScratch.r32(), frame_at(frame_.lookup + i * bytes, 4));
    a_.and_(kScratch.r32(), inst.imm);
    a_.mov(scratch, x86::ptr(tables_, kScratch, bytes == 8 ? 3 : 2, static_cast<int>(inst.src[1].index), bytes));
    a_.mov(lane, scratch);
  }
  move(inst.dst.index, frame_at(frame_.lookup, inst.dst.width), inst.dst.width);
}

void Emitter::position(const Instruction& inst, std::uint32_t u) {
  a_.lea(kScratch, x86::ptr(kIndex, static_cast<int>(u * layout_.lanes + inst.imm)));
  const x86::Vec v = vector(inst.dst.index, inst.dst.width);
  if (layout_.isa.opmasks()) {
    a_.emit(I::kIdVpbroadcastq, v, kScratch);
  } else if (layout_.isa.legacy) {
    a_.emit(I::kIdMovq, v, kScratch);
    a_.emit(I::kIdPshufd, v, v, Imm(0x44));
  } else {
    a_.emit(I::kIdVmovq, v.xmm(), kScratch);
    a_.emit(I::kIdVpbroadcastq, v, v.xmm());
  }
}

void Emitter::add_line(Trace::Line line) {
  if (!trace_->lines.empty() && trace_->lines.back().offset == line.offset) trace_->lines.pop_back();  // of no code
  trace_->lines.push_back(line);
}

void Emitter::add_leaf(const Operand& leaf) {
  ir::NodeId node = ir::kNoNode;
  for (ir::NodeId id = 0; leaf.place == Place::uniform && id < layout_.slot_of.size(); ++id)
    if (layout_.slot_of[id] == leaf.index) node = id;
  add_line({offset(), node, 0});
}

void Emitter::section(const Allocated& code, const std::vector<Accumulator>* accs, std::uint32_t u) {
  for (const Instruction& inst : code.code) {
    note(inst.node, u);
    instruction(inst, accs, u);
  }
  note(ir::kNoNode, u);
}

void Emitter::set_lane_positions() {
  a_.mov(position64_.r32(), kIndex.r32());
  a_.and_(position64_.r32(), 63);
  a_.mov(position32_.r32(), kIndex.r32());
  a_.and_(position32_.r32(), 31);
}

void Emitter::set_tail_window(std::uint32_t pool_offset) { a_.lea(kScratch, pool_at(pool_offset, 0)); }

Result<void> Emitter::finish(const Pool& pool, Code& code) {
  const auto require = [this](bool fine, const char* what) {
    if (!fine) handleError(kErrorInvalidState, what, nullptr);
  };
  code.pool_offset = offset();
  a_.align(AlignMode::kData, 64);
  a_.bind(pool_);
  a_.embed(pool.bytes().data(), pool.bytes().size());
  if (failed_ == kErrorOk && holder_.hasUnresolvedLinks())
    require(holder_.resolveUnresolvedLinks() == kErrorOk, "unresolved label");
  require(holder_.unresolvedLinkCount() == 0, "unbound label");
  require(holder_.relocEntries().empty(), "code is not position independent");
  if (failed_ == kErrorOutOfMemory) return Error::out_of_memory();
  if (failed_ != kErrorOk)
    return Error(Status::internal,
                 std::string("assembler: ") + complaint_ + " in kernel '" + layout_.kernel.name + "'");
  const CodeBuffer& buffer = holder_.textSection()->buffer();
  code.bytes.assign(buffer.data(), buffer.data() + buffer.size());
  code.labels = std::move(marks_);
  code.frame = shape_;
  code.instructions = instructions;
  return {};
}

}  // namespace trueno::jit
