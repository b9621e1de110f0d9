// One walk over the code with exact knowledge of the future: in straight-line code the register to give up
// is always the one whose next use is farthest away (Belady). Constants and uniforms are memory operands to
// begin with, so what is spilled here are only computed values.
#include "jit/allocate.h"

#include <algorithm>
#include <bit>

namespace trueno::jit {
namespace {

constexpr std::uint32_t kNever = ~0u;

struct Live {
  int reg = -1;   // machine register, or -1
  int slot = -1;  // spill slot, or -1
  RegClass cls = RegClass::vector;
  std::uint8_t width = 0;
  std::uint32_t next = 0;    // index of its next use in `uses`
  std::uint32_t end = 0;     // end of its uses
  std::uint32_t node = ~0u;  // the IR node it belongs to
};

class Walk {
 public:
  Walk(const Section& section, const RegisterFile& file) : section_(section), file_(file) {
    free_[0] = file.vectors;
    free_[1] = file.masks;
    for (auto& owner : owner_) owner.fill(kNever);
    collect_uses();
  }

  Allocated run() {
    out_.code.reserve(section_.code.size() + 8);
    for (at_ = 0; at_ < section_.code.size() && out_.ok; ++at_) place(section_.code[at_]);
    return std::move(out_);
  }

 private:
  template <class F>
  static void each_register(const Instruction& inst, F f) {
    for (int i = 0; i < inst.sources; ++i)
      if (inst.src[i].is_virtual()) f(inst.src[i]);
    if (inst.mask.is_virtual()) f(inst.mask);
  }

  void collect_uses() {
    live_.resize(section_.virtual_registers);
    for (const Instruction& inst : section_.code) each_register(inst, [&](const Operand& o) { ++live_[o.index].end; });
    std::uint32_t sum = 0;
    for (Live& l : live_) l.next = sum, sum += l.end, l.end = l.next;
    uses_.resize(sum);
    for (std::uint32_t i = 0; i < section_.code.size(); ++i)
      each_register(section_.code[i], [&](const Operand& o) { uses_[live_[o.index].end++] = i; });
  }

  std::uint32_t next_use(std::uint32_t v) const { return live_[v].next < live_[v].end ? uses_[live_[v].next] : kNever; }
  bool dies_here(const Operand& o) const { return o.is_virtual() && last_use_here(o.index); }
  bool last_use_here(std::uint32_t v) const {
    const Live& l = live_[v];
    return l.end == 0 || uses_[l.end - 1] <= at_;
  }

  /// A free register of the class, evicting if need be. `locked_` registers stay.
  int take(RegClass cls, std::uint32_t v) {
    const int c = static_cast<int>(cls);
    if (free_[c] == 0) evict(c);
    if (!out_.ok) return 0;
    const int reg = std::countr_zero(free_[c]);
    free_[c] &= ~(1u << reg);
    owner_[c][reg] = v;
    if (cls == RegClass::vector) out_.vectors_used |= 1u << reg;
    return reg;
  }

  void evict(int c) {
    int victim = -1;
    std::uint32_t farthest = 0;
    for (int r = 0; r < 32; ++r) {
      if (owner_[c][r] == kNever || (locked_[c] >> r & 1)) continue;
      const std::uint32_t use = next_use(owner_[c][r]);
      if (victim < 0 || use > farthest) victim = r, farthest = use;
    }
    if (victim < 0) {
      out_.ok = false;
      return;
    }
    spill(owner_[c][victim]);
    release(c, victim);
  }

  void spill(std::uint32_t v) {
    Live& l = live_[v];
    if (l.slot < 0) {  // SSA: a value stored once stays valid
      l.slot = static_cast<int>(out_.spill_slots++);
      move(spill_operand(l), reg_operand(l), l.node);
      ++out_.spills;
    }
    l.reg = -1;
  }

  void release(int c, int reg) {
    owner_[c][reg] = kNever;
    free_[c] |= 1u << reg;
  }

  Operand reg_operand(const Live& l) const {
    return {Place::fixed_reg, l.cls, 0, l.width, static_cast<std::uint32_t>(l.reg)};
  }
  Operand spill_operand(const Live& l) const {
    return {Place::spill, l.cls, 0, l.cls == RegClass::mask ? std::uint8_t{8} : l.width,
            static_cast<std::uint32_t>(l.slot)};
  }
  void move(Operand to, Operand from, std::uint32_t node) {
    Instruction inst;
    inst.node = node;
    inst.id = to.cls == RegClass::mask ? file_.mask_move : file_.vector_move;
    inst.dst = to;
    inst.src[0] = from;
    inst.sources = 1;
    out_.code.push_back(inst);
  }

  /// The machine register of a source; reloaded if it was spilled. Locked until the instruction is placed.
  Operand source(const Operand& o) {
    if (!o.is_virtual()) return o;
    Live& l = live_[o.index];
    if (l.reg < 0) {
      l.reg = take(l.cls, o.index);
      move(reg_operand(l), spill_operand(l), l.node);
      ++out_.spills;
    }
    locked_[static_cast<int>(l.cls)] |= 1u << l.reg;
    Operand r = reg_operand(l);
    r.width = o.width;
    return r;
  }

  void end_uses(const Instruction& inst) {
    each_register(inst, [&](const Operand& o) {
      Live& l = live_[o.index];
      while (l.next < l.end && uses_[l.next] <= at_) ++l.next;
      if (l.next == l.end && l.reg >= 0) {
        release(static_cast<int>(l.cls), l.reg);
        l.reg = -1;
      }
    });
  }

  void place(const Instruction& virtual_inst) {
    locked_[0] = locked_[1] = 0;
    Instruction inst = virtual_inst;
    bool dies[3] = {};
    for (int i = 0; i < inst.sources; ++i) {
      dies[i] = dies_here(virtual_inst.src[i]);
      inst.src[i] = source(virtual_inst.src[i]);
    }
    inst.mask = source(virtual_inst.mask);
    if (inst.fma) choose_form(inst, dies);
    if (inst.tied && !dies[tie_] && !(inst.dst == inst.src[0])) copy_tied(inst);
    end_uses(virtual_inst);
    define(inst, virtual_inst);
    if (inst.tied && !(inst.dst == inst.src[0])) {  // a fixed destination: bring the value there first
      if (inst.dst.is_reg()) move(inst.dst, inst.src[0].at_width(inst.dst.width), inst.node);
      inst.src[0] = inst.dst;
    }
    tie_ = 0;
    out_.code.push_back(inst);
  }

  void define(Instruction& inst, const Instruction& virtual_inst) {
    if (!virtual_inst.dst.is_virtual()) return;
    Live& l = live_[virtual_inst.dst.index];
    l.node = inst.node;
    l.cls = virtual_inst.dst.cls;
    l.width = virtual_inst.dst.width;
    if (inst.tied && inst.src[0].place == Place::fixed_reg && reuse(inst.src[0], virtual_inst.dst.index)) {
      l.reg = static_cast<int>(inst.src[0].index);
    } else {
      l.reg = take(l.cls, virtual_inst.dst.index);
    }
    inst.dst = reg_operand(l);
    if (l.next == l.end) {  // never used: give the register back at once
      release(static_cast<int>(l.cls), l.reg);
      l.reg = -1;
    }
  }

  /// Takes exactly the (just freed) register of a tied source.
  bool reuse(const Operand& o, std::uint32_t v) {
    const int c = static_cast<int>(o.cls);
    if (!(free_[c] >> o.index & 1)) return false;
    free_[c] &= ~(1u << o.index);
    owner_[c][o.index] = v;
    return true;
  }

  /// The tied source lives on: work on a copy, in a register that is free again after this instruction.
  void copy_tied(Instruction& inst) {
    if (!inst.dst.is_virtual()) return;  // place() moves it into the fixed destination
    const int c = static_cast<int>(inst.src[0].cls);
    const int reg = take(inst.src[0].cls, inst.dst.index);
    if (!out_.ok) return;
    Operand copy = inst.src[0];
    copy.place = Place::fixed_reg;
    copy.index = static_cast<std::uint32_t>(reg);
    move(copy, inst.src[0], inst.node);
    inst.src[0] = copy;
    release(c, reg);  // define() takes it as the destination
  }

  /// 231: c is overwritten; 213: a or b is; 132 with b in memory: a is. Sources are reordered to the encoding.
  void choose_form(Instruction& inst, const bool (&dies)[3]) {
    const Operand a = inst.src[0], b = inst.src[1], c = inst.src[2];
    inst.tied = true;
    const bool into_a = inst.dst.exists() && inst.dst == a, into_b = inst.dst.exists() && inst.dst == b;
    if (into_a || into_b) {  // an accumulator that is a factor of its own next value
      const Operand own = into_a ? a : b, other = into_a ? b : a;
      inst.id = other.is_memory() ? inst.fma->f132 : inst.fma->f213;
      inst.src = other.is_memory() ? std::array{own, c, other} : std::array{own, other, c};
      tie_ = into_a ? 0 : 1;
      return;
    }
    const bool into_c = inst.dst.exists() && inst.dst == c;
    if (c.is_memory() || (!into_c && !dies[2] && !b.is_memory() && (dies[0] || dies[1]))) {
      const bool swap = !dies[0] && dies[1] && b.is_reg();
      inst.id = inst.fma->f213;
      inst.src = {swap ? b : a, swap ? a : b, c};
      tie_ = swap ? 1 : 0;
    } else if (!into_c && !dies[2] && dies[0]) {
      inst.id = inst.fma->f132;
      inst.src = {a, c, b};
      tie_ = 0;
    } else {
      inst.id = inst.fma->f231;
      inst.src = {c, a, b};
      tie_ = 2;
    }
  }

  const Section& section_;
  const RegisterFile& file_;
  Allocated out_;
  std::vector<Live> live_;
  std::vector<std::uint32_t> uses_;
  std::uint32_t free_[2] = {}, locked_[2] = {};
  std::array<std::uint32_t, 32> owner_[2];
  std::uint32_t at_ = 0;
  int tie_ = 0;
};

}  // namespace

namespace {

/// Does it have registers to give out, or operands to put in their encoding's order?
bool is_open(const Section& section) {
  const auto open = [](const Instruction& i) { return i.fma != nullptr || (i.tied && !(i.dst == i.src[0])); };
  return section.virtual_registers != 0 || std::any_of(section.code.begin(), section.code.end(), open);
}

}  // namespace

Allocated allocate(const Section& section, const RegisterFile& registers) {
  if (is_open(section)) return Walk(section, registers).run();
  Allocated out;  // every place is fixed already
  out.code = section.code;
  return out;
}

Allocated allocate(Section&& section, const RegisterFile& registers) {
  if (is_open(section)) return Walk(section, registers).run();
  Allocated out;
  out.code = std::move(section.code);
  return out;
}

}  // namespace trueno::jit
