// Main loop (unrolled so that each accumulator register meets its own lanes), and what is left after it (edges.cpp).
//
// Light reductions under opmasks take what is left without a branch: a masked copy of the body for each
// vector. Otherwise a one-vector loop and a tail: the accumulators rotate through their registers instead of
// the code being copied for each; the fold does not care (lanes.cpp), and before lanes meet those of other
// blocks they are turned back. Where registers or code size allow neither, the lanes live in the frame and the
// loop is rolled.
#include "jit/loop.h"

#include "jit/edges.h"

#include <algorithm>
#include <bit>

namespace trueno::jit {

using namespace asmjit;

namespace {

constexpr std::size_t kMaxUnrolledBody = 320;  // instructions in the main loop; beyond, lanes go to the frame
constexpr std::size_t kMaxMaskedRest = 32;     // instructions in masked copies of the body
constexpr std::uint32_t kScratchVectors = 6;   // temporaries that do for a body, unlooked at
constexpr std::uint32_t kFewestScratch = 4;    // for one that was seen not to spill with so few

RegisterFile register_file(const Layout& layout, std::uint32_t reserved, bool tail) {
  RegisterFile file;
  file.vectors = (layout.isa.vector_registers == 32 ? ~0u : 0xffffu) & ~reserved;
  file.masks = tail ? 0x3e : 0xfe;
  file.vector_move = layout.isa.move;
  file.mask_move = layout.isa.mask_move;
  file.vector_bytes = static_cast<std::uint8_t>(layout.target.vector_bytes());
  return file;
}

std::uint32_t accumulator_registers(const PassPlan& plan) {
  std::uint32_t bits = 0;
  if (plan.lanes == Lanes::registers)
    for (const Accumulator& a : plan.accs)
      for (std::uint32_t j = 0; j < a.vectors; ++j) bits |= 1u << (a.first_reg + j);
  return bits;
}

std::uint32_t pinned_registers(const PassPlan& plan) {
  std::uint32_t bits = 0;
  for (const Pinned& p : plan.pinned) bits |= 1u << p.reg;
  return bits;
}

void describe_accumulators(const Layout& layout, PassPlan& plan) {
  const auto bytes = static_cast<std::uint32_t>(layout.target.vector_bytes());
  std::uint32_t next = layout.isa.vector_registers;
  plan.wanted = 0;
  for (ir::NodeId id : layout.schedule.reductions[plan.pass]) {
    const ir::Reducer& reducer = ir::reducer_of(layout.kernel, layout.kernel[id]);
    for (std::uint32_t c = 0; c < reducer.state.size(); ++c) {
      const auto size = static_cast<std::uint32_t>(bits_of(reducer.state[c].type)) / 8;
      Accumulator acc;
      acc.node = id;
      acc.component = c;
      acc.type = reducer.state[c].type;
      acc.lanes = static_cast<std::uint32_t>(reducer.lanes());
      acc.vectors = acc.lanes * size / bytes;
      acc.parts = static_cast<std::uint8_t>(std::max(1u, layout.lanes * size / bytes));
      plan.wanted += acc.vectors;
      plan.accs.push_back(acc);
    }
  }
  const std::uint32_t most = layout.target.tuning.accumulators;
  const bool frame = plan.wanted + kFewestScratch > layout.isa.vector_registers || (most && plan.wanted > most);
  plan.lanes = frame ? Lanes::frame : Lanes::registers;
  if (plan.lanes == Lanes::registers)
    for (Accumulator& acc : plan.accs) next -= acc.vectors, acc.first_reg = next;
}

/// Copies of the body in the main loop: until every accumulator register had its turn; else as tuned, or by body size.
std::uint32_t choose_unroll(const Tuning& tuning, const PassPlan& plan, std::size_t body) {
  if (plan.accs.empty() && tuning.unroll)
    return std::clamp(static_cast<std::uint32_t>(kMaxUnrolledBody / std::max<std::size_t>(body, 1)), 1u, tuning.unroll);
  if (plan.accs.empty()) return body <= 10 ? 4 : body <= 28 ? 2 : 1;
  if (plan.lanes == Lanes::frame) return 1;
  std::uint32_t unroll = 1;
  for (const Accumulator& a : plan.accs) unroll = std::max(unroll, a.vectors / a.parts);
  return unroll;
}

bool same_leaf(const Operand& a, const Operand& b) {
  return a.place == b.place && a.index == b.index && a.width == b.width && a.part == b.part;
}

struct LeafUse {
  Operand leaf;
  std::uint32_t uses = 0;
};

/// Constants and uniforms of a body, most used first.
std::vector<LeafUse> leaf_uses(const Section& body) {
  std::vector<LeafUse> out;
  for (const Instruction& inst : body.code)
    for (int i = 0; i < inst.sources; ++i) {
      const Operand& o = inst.src[i];
      if (o.place != Place::pool && o.place != Place::uniform) continue;
      const auto found = std::find_if(out.begin(), out.end(), [&](const LeafUse& l) { return same_leaf(l.leaf, o); });
      if (found == out.end())
        out.push_back({o, 1});
      else
        ++found->uses;
    }
  std::stable_sort(out.begin(), out.end(), [](const LeafUse& a, const LeafUse& b) { return a.uses > b.uses; });
  return out;
}

/// Replaces pinned leaves by their registers; loads of them disappear.
void use_pinned(Section& body, const std::vector<Pinned>& pinned, std::uint32_t move) {
  std::vector<Operand> alias(body.virtual_registers);
  std::vector<Instruction> code;
  code.reserve(body.code.size());
  const auto replace = [&](Operand& o) {
    if (o.is_virtual() && alias[o.index].exists())
      o = alias[o.index].at_width(o.width);
    else if (o.is_memory())
      for (const Pinned& p : pinned)
        if (same_leaf(p.leaf, o)) {
          o = {Place::fixed_reg, RegClass::vector, 0, o.width, p.reg};
          break;
        }
  };
  for (Instruction inst : body.code) {
    for (int i = 0; i < inst.sources; ++i) replace(inst.src[i]);
    if (inst.id == move && inst.dst.is_virtual() && inst.src[0].place == Place::fixed_reg && !inst.mask.exists())
      alias[inst.dst.index] = inst.src[0];
    else
      code.push_back(inst);
  }
  body.code = std::move(code);
}

/// As many leaves as registers remain when the body has what it needs.
void choose_pinned(const Layout& layout, const Section& main, const Section& tail, PassPlan& plan) {
  const std::vector<LeafUse> leaves = leaf_uses(main);
  if (leaves.empty()) return;
  const std::uint32_t accs = accumulator_registers(plan);
  const Allocated trial = allocate(main, register_file(layout, accs, false));
  const Allocated tail_trial = allocate(tail, register_file(layout, accs, true));
  std::uint32_t free = (layout.isa.vector_registers == 32 ? ~0u : 0xffffu) & ~accs;
  const int needed = std::max(std::popcount(trial.vectors_used), std::popcount(tail_trial.vectors_used));
  int spare = std::popcount(free) - std::max(needed, 2);
  for (const LeafUse& l : leaves) {
    if (spare-- <= 0) break;
    const auto reg = static_cast<std::uint32_t>(31 - std::countl_zero(free));
    free &= ~(1u << reg);
    plan.pinned.push_back({l.leaf, reg});
  }
}

void collect_frame_uniforms(const Section& body, PassPlan& plan) {
  for (const LeafUse& l : leaf_uses(body)) {
    const auto known = [&](const Operand& o) { return same_leaf(o, l.leaf); };
    if (l.leaf.place == Place::uniform && std::none_of(plan.in_frame.begin(), plan.in_frame.end(), known))
      plan.in_frame.push_back(l.leaf);
  }
}

void collect_arrays(const Layout& layout, PassPlan& plan) {
  for (const Instruction& inst : plan.tail.code)
    plan.upper_mask = plan.upper_mask || (inst.mask.exists() && inst.mask.index == kTailMaskUpper);
  plan.reads.assign(layout.arrays, false);
  plan.writes = plan.reads;
  for (const Allocated* code : {&plan.main, &plan.tail})
    for (const Instruction& inst : code->code) {
      if (inst.dst.place == Place::array) plan.writes[inst.dst.index] = true;
      for (int i = 0; i < inst.sources; ++i)
        if (inst.src[i].place == Place::array) plan.reads[inst.src[i].index] = true;
    }
}

bool build_bodies(BodyBuilder& b, PassPlan& plan, Section& main, Section& tail) {
  return b.loop(plan.pass, plan.accs, plan.lanes, false, main) && b.loop(plan.pass, plan.accs, plan.lanes, true, tail);
}

/// Lanes in registers that leave too few for a body, or whose loop would be unrolled to too much code.
bool crowded(const Layout& layout, const PassPlan& plan, const Section& main, const Section& tail) {
  if (plan.lanes != Lanes::registers || plan.accs.empty()) return false;
  if (choose_unroll(layout.target.tuning, plan, main.code.size()) * main.code.size() > kMaxUnrolledBody) return true;
  if (plan.wanted + kScratchVectors <= layout.isa.vector_registers) return false;
  const std::uint32_t accs = accumulator_registers(plan);
  const Allocated body = allocate(main, register_file(layout, accs, false));
  const Allocated rest = allocate(tail, register_file(layout, accs, true));
  return !body.ok || !rest.ok || body.spills > 0;  // the tail runs once
}

bool turns(const PassPlan& plan) { return plan.lanes == Lanes::registers && plan.unroll > 1 && !plan.accs.empty(); }

/// A mask of all that is left takes one register of 64 bits: no unrolled loop of a reduction covers more.
bool masks_rest(const Layout& layout, const PassPlan& plan) {
  const bool stores = std::find(plan.writes.begin(), plan.writes.end(), true) != plan.writes.end();
  return turns(plan) && layout.isa.opmasks() && !stores && plan.tail.code.size() * plan.unroll <= kMaxMaskedRest;
}

bool rotates(const Layout& layout, const PassPlan& plan) { return turns(plan) && !masks_rest(layout, plan); }

void rotate(Emitter& e, const PassPlan& plan) {
  const std::uint32_t temp = plan.free_register, width = e.vector_bytes();
  for (const Accumulator& acc : plan.accs)
    for (std::uint8_t p = 0; p < acc.parts; ++p) {
      const std::uint32_t first = acc.first_reg, last = acc.first_reg + acc.vectors - 1;
      e.move(temp, first, width);
      for (std::uint32_t reg = first; reg < last; ++reg) e.move(reg, reg + 1, width);
      e.move(last, temp, width);
    }
}

}  // namespace

std::string plan_pass(const Layout& layout, std::uint32_t pass, Pool& pool, PassPlan& plan) {
  plan.pass = pass;
  describe_accumulators(layout, plan);
  BodyBuilder builder(layout, pool);
  Section main, tail;
  if (!build_bodies(builder, plan, main, tail)) return builder.reason;
  if (crowded(layout, plan, main, tail)) {
    plan.lanes = Lanes::frame;
    main = tail = {};
    if (!build_bodies(builder, plan, main, tail)) return builder.reason;
  }
  plan.unroll = choose_unroll(layout.target.tuning, plan, main.code.size());
  choose_pinned(layout, main, tail, plan);
  if (!plan.pinned.empty()) {
    use_pinned(main, plan.pinned, layout.isa.move);
    use_pinned(tail, plan.pinned, layout.isa.move);
  }
  collect_frame_uniforms(main, plan);
  collect_frame_uniforms(tail, plan);
  const std::uint32_t reserved = accumulator_registers(plan) | pinned_registers(plan);
  plan.free_register = static_cast<std::uint32_t>(std::countr_one(reserved));
  plan.main = allocate(main, register_file(layout, reserved, false));
  plan.tail = allocate(tail, register_file(layout, reserved, true));
  if (!plan.main.ok || !plan.tail.ok) return "not enough registers for one instruction";
  collect_arrays(layout, plan);
  for (int wide = 0; wide < 2; ++wide) {
    const std::uint32_t v = wide ? 32 : 64;
    if (!plan.has(v)) continue;
    Section init, merge, push, pop;
    builder.init(plan.accs, plan.lanes, v, init);
    builder.push(plan.accs, plan.lanes, v, push);
    builder.pop(plan.accs, plan.lanes, v, pop);
    if (!builder.merge(plan.accs, plan.lanes, v, merge)) return builder.reason;
    const RegisterFile file = register_file(layout, reserved, false);
    plan.init[wide] = allocate(std::move(init), file);
    plan.merge[wide] = allocate(std::move(merge), file);
    plan.push[wide] = allocate(std::move(push), file);
    plan.pop[wide] = allocate(std::move(pop), file);
    if (!plan.init[wide].ok || !plan.merge[wide].ok || !plan.push[wide].ok || !plan.pop[wide].ok)
      return "not enough registers to merge blocks";
  }
  return {};
}

Allocated allocate_around(const Layout& layout, const Section& section, const PassPlan* plan) {
  return allocate(section, register_file(layout, plan ? accumulator_registers(*plan) : 0, false));
}

std::vector<Held> held_after(const Allocated& code) {
  std::vector<Held> held;
  for (const Instruction& inst : code.code) {
    if (inst.dst.place == Place::fixed_reg && inst.dst.cls == RegClass::vector)
      std::erase_if(held, [&](const Held& h) { return h.reg == inst.dst.index; });
    if (inst.dst.place == Place::slot && inst.sources == 1 && inst.src[0].cls == RegClass::vector)
      held.push_back({inst.dst.index, inst.src[0].index});
  }
  return held;
}

void emit_leaves(Emitter& e, const PassPlan& plan, const std::vector<Held>& held) {
  std::uint32_t written = 0;
  const auto load = [&](const Operand& leaf, std::uint32_t reg) {
    e.note_leaf(leaf);
    const auto known = std::find_if(held.begin(), held.end(), [&](const Held& h) {
      return leaf.place == Place::uniform && h.slot == leaf.index && (written >> h.reg & 1) == 0;
    });
    if (leaf.place == Place::pool)
      e.move(reg, e.pool_at(leaf.index, leaf.width), leaf.width);
    else if (known != held.end())  // part: the bytes of an element
      e.broadcast(reg, e.vector(known->reg, 16), leaf.part, leaf.width);
    else
      e.broadcast(reg, x86::ptr(Emitter::kSlots, static_cast<int>(8 * leaf.index), leaf.part), leaf.part, leaf.width);
    written |= 1u << reg;
  };
  for (const Operand& leaf : plan.in_frame) {
    load(leaf, 0);  // before anything is pinned: every register is free
    e.move(e.frame_at(e.frame().uniforms + leaf.index * 64, leaf.width), 0, leaf.width);
  }
  for (const Place place : {Place::uniform, Place::pool})  // while they are held
    for (const Pinned& p : plan.pinned)
      if (p.leaf.place == place) load(p.leaf, p.reg);
  e.note_leaf({});
}

void emit_loop(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit, std::uint32_t window) {
  auto& a = e.a();
  const int step = static_cast<int>(layout.lanes);
  const bool masked = masks_rest(layout, plan);
  const auto loop = [&](const char* name, std::uint32_t unroll, bool turn) {
    const Emitter::Label top = e.label(), out = e.label();
    const int elements = step * static_cast<int>(unroll);
    a.lea(Emitter::kWork, x86::ptr(limit, -elements));
    a.cmp(Emitter::kIndex, Emitter::kWork);
    a.jg(out);
    a.align(AlignMode::kCode, 32);
    a.bind(top);
    e.mark(name);
    if (plan.lanes == Lanes::frame) e.set_lane_positions();
    for (std::uint32_t u = 0; u < unroll; ++u) e.section(plan.main, &plan.accs, u);
    if (turn) rotate(e, plan);
    a.add(Emitter::kIndex, elements);
    a.cmp(Emitter::kIndex, Emitter::kWork);
    a.jle(top);
    a.bind(out);
  };
  emit_peel(e, layout, plan, limit, window);
  if (const Emitter::Label ordinary = e.label(); emit_past_caches(e, layout, plan, limit, ordinary)) {
    e.past_caches(true);
    loop("main loop past the caches", plan.unroll, false);
    e.past_caches(false);
    a.sfence();
    a.bind(ordinary);
  }
  if (plan.unroll > 1) loop("main loop", plan.unroll, false);
  if (!masked) loop(plan.unroll > 1 ? "one-vector loop" : "main loop", 1, turns(plan));

  const Emitter::Label done = e.label();
  a.mov(Emitter::kWork, limit);
  a.sub(Emitter::kWork, Emitter::kIndex);
  a.jz(done);
  if (masked) {
    emit_masked_rest(e, layout, plan);
  } else {
    e.mark("tail");
    emit_partial_step(e, layout, plan, window, [&] {
      a.mov(Emitter::kWork, limit);
      a.sub(Emitter::kWork, Emitter::kIndex);
    });
  }
  a.mov(Emitter::kIndex, limit);
  a.bind(done);
}

void emit_realign(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit) {
  if (!rotates(layout, plan)) return;
  auto& a = e.a();
  const Emitter::Label aligned = e.label(), turn = e.label();
  const auto mask = static_cast<int>(plan.unroll - 1);
  a.mov(Emitter::kWork, limit);
  a.shr(Emitter::kWork, std::countr_zero(layout.lanes));
  a.and_(Emitter::kWork, mask);
  a.jz(aligned);
  a.bind(turn);
  e.mark("realign");
  rotate(e, plan);
  a.inc(Emitter::kWork);
  a.test(Emitter::kWork, mask);
  a.jnz(turn);
  a.bind(aligned);
}

}  // namespace trueno::jit
