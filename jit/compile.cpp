// The function of a kernel, put together: one copy of every loop, entered at the top (whole) or at a pass
// (stretch, finish).
//
// Everything is selected and allocated before the first byte is emitted, because a declined primitive must
// leave nothing behind and because the frame's size must be known at the entry.
#include "jit/compile.h"

#include <algorithm>
#include <cstring>

#include "jit/loop.h"

namespace trueno::jit {

using namespace asmjit;

namespace {

class Generator {
 public:
  Generator(const ir::Kernel& kernel, const Target& target, Trace* trace)
      : layout_(kernel, target), pool_(static_cast<std::uint32_t>(target.vector_bytes())), trace_(trace) {}

  Result<Code> run() {
    if (const std::string why = select_and_allocate(); !why.empty()) return decline(why);
    Emitter e(layout_, trace_);
    Code code;
    code.target = layout_.target;
    code.block = layout_.block;
    code.slots = layout_.slots;
    e.leave_out(layout_.target.tuning.code_offset);
    code.whole = whole(e);
    if (layout_.block != 0)
      for (const PassPlan& plan : plans_) code.passes.push_back({stretch(e, plan), finish(e, plan), entry_bytes(plan)});
    for (const PassPlan& plan : plans_) code.spills += plan.main.spills;
    if (auto done = e.finish(pool_, code); !done) return done.error();
    return code;
  }

 private:
  Error decline(const std::string& why) const {
    return {Status::unavailable, std::string(name_of(layout_.target.isa)) + " vl" +
                                     std::to_string(layout_.target.vector_bits) + " declines '" + layout_.kernel.name +
                                     "': " + why};
  }

  std::string select_and_allocate() {
    // Arrays must stay as they are if it is refused in the end; the interpreter holds them back.
    if (!layout_.schedule.guards.empty() && layout_.has_array_results())
      return "array results beside a filtered min or max, which may turn out to be of nothing";
    if (!layout_.isa.opmasks()) window_ = add_window();
    plans_.resize(layout_.schedule.passes);
    for (std::uint32_t p = 0; p < plans_.size(); ++p)
      if (std::string why = plan_pass(layout_, p, pool_, plans_[p]); !why.empty()) return why;
    between_.resize(plans_.size() + 1);
    if (std::string why = uniform_code(0, false, nullptr, between_[0]); !why.empty()) return why;
    for (PassPlan& plan : plans_) {
      const bool conditional = layout_.schedule.conditional(plan.pass);
      if (std::string why = conditional ? make_conditional(plan) : ""; !why.empty()) return why;
      const PassPlan* fold = conditional ? nullptr : &plan;
      if (std::string why = uniform_code(plan.pass + 1, false, fold, between_[plan.pass + 1]); !why.empty()) return why;
    }
    arrays_.assign(layout_.arrays, false);
    for (const PassPlan& p : plans_)
      for (std::size_t i = 0; i < arrays_.size(); ++i) arrays_[i] = arrays_[i] || p.reads[i] || p.writes[i];
    return lay_out_frame();
  }

  std::string uniform_code(std::uint32_t q, bool left_out, const PassPlan* fold, Allocated& out) {
    BodyBuilder builder(layout_, pool_);
    Section section;
    if (!builder.between(q, left_out, fold ? &fold->accs : nullptr, fold ? fold->lanes : Lanes::registers, section))
      return builder.reason;
    out = allocate_around(layout_, section, fold);
    return out.ok ? "" : "not enough registers for uniform code";
  }

  std::string make_conditional(PassPlan& plan) {
    plan.condition = layout_.slot_of[layout_.schedule.condition[plan.pass]];
    for (ir::NodeId id = 0; id < layout_.kernel.nodes.size(); ++id)
      if (layout_.schedule.level[id] == plan.pass + 1 && layout_.schedule.is_left_out(id) && layout_.crosses[id] &&
          layout_.slot_of[id] != ~0u)
        plan.zeroed.push_back(layout_.slot_of[id]);
    return uniform_code(plan.pass + 1, true, &plan, plan.result);
  }

  /// AVX2's tail masks slide along ones followed by zeros: 4-byte lanes, then 8-byte lanes.
  std::uint32_t add_window() {
    const std::size_t n = layout_.lanes;
    std::vector<std::uint8_t> bytes(2 * n * 12, 0);
    std::memset(bytes.data(), 0xff, n * 4);
    std::memset(bytes.data() + 2 * n * 4, 0xff, n * 8);
    return pool_.raw(bytes);
  }

  std::string lay_out_frame() {
    std::uint32_t lanes = 0, spills = 0;
    bool uniforms = false;
    for (const PassPlan& p : plans_) {
      if (p.lanes == Lanes::frame) lanes = std::max(lanes, static_cast<std::uint32_t>(p.accs.size()) * kLaneBytes);
      uniforms = uniforms || !p.in_frame.empty();
      spills = std::max({spills, p.main.spill_slots, p.tail.spill_slots, p.result.spill_slots});
      for (int w = 0; w < 2; ++w)
        for (const Allocated* a : {&p.merge[w], &p.init[w], &p.push[w], &p.pop[w]})
          spills = std::max(spills, a->spill_slots);
      frame_.lanes_used = frame_.lanes_used || p.lanes == Lanes::frame;
    }
    for (const Allocated& b : between_) spills = std::max(spills, b.spill_slots);
    frame_.lanes = 0;
    frame_.uniforms = lanes;
    frame_.spills = frame_.uniforms + (uniforms ? layout_.slots.size * 64 : 0);
    frame_.stages = frame_.spills + spills * 64;
    for (const ir::Output& o : layout_.kernel.outputs)
      frame_.bytes_used = frame_.bytes_used || (o.array && is_mask(layout_.kernel[o.value].type));
    const bool stages = layout_.isa.tails == Tails::staged || (!layout_.isa.opmasks() && frame_.bytes_used);
    frame_.lookup = frame_.stages + (stages ? layout_.arrays * 64 : 0);
    frame_.lookup_used = uses_lookup();
    frame_.size = frame_.lookup + (frame_.lookup_used ? 64 : 0);
    constexpr std::uint32_t kMaxFrame = 256 * 1024;
    return frame_.size > kMaxFrame ? "its frame would need " + std::to_string(frame_.size) + " bytes of stack" : "";
  }

  bool uses_lookup() const {
    const auto in = [](const Allocated& a) {
      return std::any_of(a.code.begin(), a.code.end(), [](const Instruction& i) { return i.lookup; });
    };
    return std::any_of(between_.begin(), between_.end(), in) ||
           std::any_of(plans_.begin(), plans_.end(), [&](const PassPlan& p) { return in(p.main) || in(p.result); });
  }

  static std::uint32_t entry_bytes(const PassPlan& plan) {
    return static_cast<std::uint32_t>(plan.accs.size()) * kLaneBytes;
  }

  /// All passes, one after the other. The other entries lead into this code: each pass can be entered at its
  /// loop (stretch) and at its fold (finish), and returns to whoever has a state. One that is not asked for ends
  /// where the section that follows it begins.
  std::uint32_t whole(Emitter& e) {
    out_ = e.label();
    const std::uint32_t entry = e.begin_function("whole", arrays_, frame_);
    for (const PassPlan& plan : plans_) {
      loops_.push_back(e.label());
      folds_.push_back(e.label());
      blocks_.push_back(e.label());
      merges_.push_back(e.label());
      ends_.push_back(e.label());
      if (plan.pass == 0) {
        e.bind(loops_[0]);
        e.section(between_[0]);
      }
      zero_results(e, plan);
      leave_out(e, plan, ends_[plan.pass]);
      emit_leaves(e, plan, held_after(between_[plan.pass]));
      if (plan.pass != 0) {
        e.a().xor_(Emitter::kIndex.r32(), Emitter::kIndex.r32());
        e.bind(loops_[plan.pass]);
      }
      if (plan.accs.empty())
        emit_loop(e, layout_, plan, Emitter::kEnd, window_);
      else
        block(e, plan);
      if (plan.accs.empty() && layout_.block != 0) return_to_plan(e);
      e.bind(folds_[plan.pass]);
      if (plan.condition != ~0u) {
        e.mark("fold");
        e.section(plan.result);
      }
      e.bind(ends_[plan.pass]);
      e.mark(plan.accs.empty() || plan.condition != ~0u ? "results" : "fold");
      e.section(between_[plan.pass + 1]);
      if (plan.pass + 1 != plans_.size()) return_to_plan(e);
    }
    if (plans_.empty()) e.section(between_[0]);
    e.bind(out_);
    e.end_function();
    for (const PassPlan& plan : plans_)
      if (!plan.accs.empty()) merge_blocks(e, plan);
    return entry;
  }

  void zero_results(Emitter& e, const PassPlan& plan) {
    for (const std::uint32_t slot : plan.zeroed)
      e.a().mov(x86::qword_ptr(Emitter::kSlots, static_cast<int>(8 * slot)), 0);
  }

  /// Goes there if the pass has a condition, and it is false.
  void leave_out(Emitter& e, const PassPlan& plan, Emitter::Label there) {
    if (plan.condition == ~0u) return;
    e.mark("condition");
    e.a().test(x86::byte_ptr(Emitter::kSlots, static_cast<int>(8 * plan.condition)), 1);  // the lowest bit counts
    e.a().jz(there);
  }

  void return_to_plan(Emitter& e) {
    e.a().test(Emitter::kState, Emitter::kState);
    e.a().jnz(out_);
  }

  std::uint32_t stretch(Emitter& e, const PassPlan& plan) {
    const std::uint32_t entry = e.begin_function(named("stretch", plan), arrays_, frame_);
    if (plan.pass != 0) {  // the first finds out in the code it jumps to
      leave_out(e, plan, out_);
      emit_leaves(e, plan, {});
    }
    e.a().jmp(loops_[plan.pass]);
    return entry;
  }

  /// A block of the contract: lanes start anew and are filled. Without a state there is one block, and its lanes are
  /// the result, which the fold makes; else they meet those of earlier blocks, out of the way.
  /// With reductions of 64 and of 32 lanes, two blocks of the latter lie in one of the former.
  void block(Emitter& e, const PassPlan& plan) {
    auto& a = e.a();
    const bool narrow = plan.has(64), wide = plan.has(32);
    const int chunk = wide ? 4096 : 8192;
    a.bind(blocks_[plan.pass]);
    e.mark("block");
    a.lea(Emitter::kLimit, x86::ptr(Emitter::kIndex, chunk));
    a.cmp(Emitter::kLimit, Emitter::kEnd);
    a.cmovg(Emitter::kLimit, Emitter::kEnd);
    if (wide) e.section(plan.init[1]);
    const Emitter::Label filled = e.label();
    if (narrow && wide) {
      a.test(Emitter::kIndex.r32(), 8191);
      a.jnz(filled);
    }
    if (narrow) e.section(plan.init[0]);
    a.bind(filled);
    emit_loop(e, layout_, plan, Emitter::kLimit, window_);
    if (in_order(plan)) emit_realign(e, layout_, plan, Emitter::kLimit);
    a.test(Emitter::kState, Emitter::kState);
    a.jnz(merges_[plan.pass]);
  }

  /// Rotated lanes fold in the same pairs, but the later one may come first: does that matter?
  bool in_order(const PassPlan& plan) const {
    return std::any_of(plan.accs.begin(), plan.accs.end(), [&](const Accumulator& acc) {
      return !ir::reducer_of(layout_.kernel, layout_.kernel[acc.node]).merges_either_way();
    });
  }

  /// What follows a block where there is a state: its lanes meet those of earlier blocks on the stack.
  void merge_blocks(Emitter& e, const PassPlan& plan) {
    auto& a = e.a();
    const bool narrow = plan.has(64), wide = plan.has(32);
    const Emitter::Label not_yet = e.label(), complete = e.label();
    a.bind(merges_[plan.pass]);
    if (!in_order(plan)) emit_realign(e, layout_, plan, Emitter::kLimit);
    if (wide) merge_block(e, plan, 1);
    if (narrow && wide) {
      a.cmp(Emitter::kIndex, Emitter::kEnd);
      a.je(complete);
      a.test(Emitter::kIndex.r32(), 8191);
      a.jnz(not_yet);
      a.bind(complete);
    }
    if (narrow) merge_block(e, plan, 0);
    a.bind(not_yet);
    a.cmp(Emitter::kIndex, Emitter::kEnd);
    a.jl(blocks_[plan.pass]);
    a.jmp(out_);
  }

  static x86::Mem state_word(int word) { return x86::qword_ptr(Emitter::kState, 8 * word); }

  /// Binary counter: as many merges as the number of earlier blocks has trailing ones, then one push. The loop's limit
  /// is not needed any more, and its register free to count; kScratch belongs to lookups in tables.
  void merge_block(Emitter& e, const PassPlan& plan, int wide) {
    auto& a = e.a();
    const auto entry = static_cast<int>(entry_bytes(plan));
    const Emitter::Label next = e.label(), push = e.label();
    e.mark("merge");
    a.mov(Emitter::kLimit, state_word(wide));
    a.mov(Emitter::kWork, state_word(2 + wide));
    a.add(Emitter::kWork, Emitter::kState);
    a.bind(next);
    a.test(Emitter::kLimit.r32(), 1);
    a.jz(push);
    a.sub(Emitter::kWork, entry);
    e.section(plan.merge[wide]);
    a.shr(Emitter::kLimit, 1);
    a.jmp(next);
    a.bind(push);
    e.section(plan.push[wide]);
    a.add(Emitter::kWork, entry);
    a.sub(Emitter::kWork, Emitter::kState);
    a.mov(state_word(2 + wide), Emitter::kWork);
    a.inc(state_word(wide));
  }

  std::uint32_t finish(Emitter& e, const PassPlan& plan) {
    const std::uint32_t entry = e.begin_function(named("finish", plan), arrays_, frame_);
    zero_results(e, plan);
    leave_out(e, plan, ends_[plan.pass]);
    for (int wide = 0; wide < 2; ++wide)
      if (plan.has(wide ? 32 : 64)) merge_rest(e, plan, wide);
    e.a().jmp(folds_[plan.pass]);
    return entry;
  }

  /// Leftovers fold from the right.
  void merge_rest(Emitter& e, const PassPlan& plan, int wide) {
    auto& a = e.a();
    const auto entry = static_cast<int>(entry_bytes(plan));
    const Emitter::Label next = e.label(), done = e.label();
    a.mov(Emitter::kWork, state_word(2 + wide));
    a.add(Emitter::kWork, Emitter::kState);
    a.sub(Emitter::kWork, entry);
    e.section(plan.pop[wide]);
    a.lea(Emitter::kLimit, x86::ptr(Emitter::kState, static_cast<int>(PassCode::kStateHeader)));
    a.bind(next);
    e.mark("merge");
    a.cmp(Emitter::kWork, Emitter::kLimit);
    a.jbe(done);
    a.sub(Emitter::kWork, entry);
    e.section(plan.merge[wide]);
    a.jmp(next);
    a.bind(done);
  }

  std::string named(const char* what, const PassPlan& plan) const {
    return plans_.size() == 1 ? what : std::string(what) + " of pass " + std::to_string(plan.pass);
  }

  Layout layout_;
  Pool pool_;
  Trace* trace_;
  std::vector<PassPlan> plans_;
  std::vector<Allocated> between_;
  Frame frame_;
  std::vector<bool> arrays_;  // which the code reads or writes
  std::uint32_t window_ = 0;
  std::vector<Emitter::Label> loops_, folds_, blocks_, merges_, ends_;  // of each pass
  Emitter::Label out_;
};

}  // namespace

Result<Code> compile(const ir::Kernel& kernel, const Target& target, Trace* trace) {
  if (!has_vector_length(target.isa, target.vector_bits))
    return Error(Status::unavailable, "no code generator for " + std::string(name_of(target.isa)) +
                                          " with vectors of " + std::to_string(target.vector_bits) + " bits");
  for (const ir::Node& n : kernel.nodes)
    if (n.op == ir::Op::call)
      return Error(Status::internal,
                   "jit: kernel '" + kernel.name + "' still calls '" + kernel.calls[n.imm].callee + "'");
  return Generator(kernel, target, trace).run();
}

}  // namespace trueno::jit
