// See study.h. What memory operands are is told by their base registers, whose roles the generator fixes: rdi the list
// of arrays, rsi the slots, r8 the state; the bases of arrays are found where they are loaded.
#include "inspect/study.h"

#include <algorithm>
#include <map>
#include <set>

#include "inspect/ranges.h"

namespace trueno::inspect {
namespace {

const ZydisDecodedOperand* memory_of(const Step& step) {
  for (int i = 0; step.valid && i < step.instruction.operand_count_visible; ++i)
    if (step.operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY) return &step.operands[i];
  return nullptr;
}

/// A place in the frame at a fixed distance from its start.
bool in_frame(const ZydisDecodedOperand& o) {
  return o.mem.base == ZYDIS_REGISTER_RSP && o.mem.index == ZYDIS_REGISTER_NONE;
}
constexpr std::int64_t kFrameSlot = 64;  // bytes that one value has there, from a multiple of it on

/// It works on a vector or mask register.
bool takes_vector(const Step& step) {
  const Register r = step.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER   ? register_of(step.operands[0].reg.value)
                     : step.operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_of(step.operands[1].reg.value)
                                                                            : kNoRegister;
  return r < kFirstGeneral;
}

/// Into a vector register, and nothing else: a plain or a masked move.
bool loads(const Step& step) {
  const ZydisInstructionCategory category = step.instruction.meta.category;
  const bool moves = category == ZYDIS_CATEGORY_DATAXFER || step.instruction.mnemonic == ZYDIS_MNEMONIC_VMASKMOVPS ||
                     step.instruction.mnemonic == ZYDIS_MNEMONIC_VMASKMOVPD ||
                     step.instruction.mnemonic == ZYDIS_MNEMONIC_VPMASKMOVD ||
                     step.instruction.mnemonic == ZYDIS_MNEMONIC_VPMASKMOVQ;
  return moves && takes_vector(step);
}

class Reader {
 public:
  Reader(Study& study, const jit::Trace& trace) : s_(study), trace_(trace) {
    for (const ir::Param& p : s_.kernel.params)
      if (p.is_array()) arrays_.push_back(p.name);
    for (std::size_t i = 0; i < s_.kernel.outputs.size(); ++i)
      if (const ir::Output& o = s_.kernel.outputs[i]; o.array) {
        const std::string number = s_.kernel.outputs.size() == 1 ? "result" : "result " + std::to_string(i + 1);
        arrays_.push_back(o.name.empty() ? number : o.name);
      }
    name_slots();
  }

  void run() {
    s_.notes.resize(s_.steps.size());
    std::size_t line = 0;
    for (std::size_t i = 0; i < s_.steps.size(); ++i) {
      while (line + 1 < trace_.lines.size() && trace_.lines[line + 1].offset <= s_.steps[i].offset) ++line;
      if (line < trace_.lines.size() && trace_.lines[line].offset <= s_.steps[i].offset)
        s_.notes[i].node = trace_.lines[line].node, s_.notes[i].copy = trace_.lines[line].copy;
    }
    find_frame();
    for (std::size_t i = 0; i < s_.steps.size(); ++i) {
      s_.notes[i].touch = touch(i);
      s_.notes[i].value = value(i);
    }
  }

 private:
  void name_slots() {
    const jit::SlotMap& slots = s_.code.slots;
    slots_[jit::SlotMap::kCount] = "n";
    for (std::size_t i = 0; i < slots.scalars.size(); ++i)
      if (slots.scalars[i] != ~0u) slots_[slots.scalars[i]] = s_.kernel.params[i].name;
    for (std::size_t i = 0; i < slots.outputs.size(); ++i)
      if (slots.outputs[i] != ~0u) slots_[slots.outputs[i]] = s_.names[s_.kernel.outputs[i].value].text;
  }

  /// Places of the frame: what a part stores and loads again is a spill, unless it is taken apart lane by lane for a
  /// lookup; what is only stored is a uniform value for a loop.
  void find_frame() {
    for (const Part& part : s_.parts) {
      std::map<std::int64_t, ir::NodeId> stored;
      std::set<std::int64_t> reloaded, apart;
      for (std::size_t i = part.first; i < part.first + part.steps; ++i) {
        const ZydisDecodedOperand* o = memory_of(s_.steps[i]);
        if (o == nullptr || !in_frame(*o)) continue;
        const std::int64_t at = o->mem.disp.value;
        if (!takes_vector(s_.steps[i]))
          apart.insert(at & -kFrameSlot);
        else if ((o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0)
          stored[at] = s_.notes[i].node;
        else if (stored.contains(at))
          reloaded.insert(at);
      }
      for (const std::int64_t at : reloaded)
        if (!apart.contains(at & -kFrameSlot)) spills_.insert({part.begin, at});
      for (const auto& [at, node] : stored) {
        if (node == ir::kNoNode || reloaded.contains(at)) continue;
        if (ir::is_reduced(s_.kernel[node].op))
          lanes_.insert(at);
        else
          uniforms_[at] = s_.names[node].text;
      }
    }
  }
  bool spilled(std::size_t step, std::int64_t at) const {
    const Part* part = part_of(s_.parts, step);
    return part != nullptr && spills_.contains({part->begin, at});
  }

  std::string value(std::size_t i) const {
    const Note& note = s_.notes[i];
    if (note.touch.memory == MemoryKind::array && note.touch.read && loads(s_.steps[i])) return note.touch.what;
    return note.node == ir::kNoNode ? std::string() : s_.names[note.node].text;
  }

  Touch touch(std::size_t i) const {
    Touch t;
    const ZydisDecodedOperand* o = memory_of(s_.steps[i]);
    if (o == nullptr || o->mem.type == ZYDIS_MEMOP_TYPE_AGEN || s_.steps[i].instruction.mnemonic == ZYDIS_MNEMONIC_NOP)
      return t;
    t.read = (o->actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    t.written = (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    t.bytes = o->size / 8;
    place(i, *o, t);
    return t;
  }

  void place(std::size_t i, const ZydisDecodedOperand& o, Touch& t) const {
    const std::int64_t at = o.mem.disp.value;
    switch (o.mem.base) {
      case ZYDIS_REGISTER_RIP: t.memory = MemoryKind::constant, t.what = s_.instructions[i].constant; break;
      case ZYDIS_REGISTER_RDI: t.memory = MemoryKind::arguments, t.what = array_name(at); break;
      case ZYDIS_REGISTER_R8: t.memory = MemoryKind::state; break;
      case ZYDIS_REGISTER_RSI:
        t.memory = MemoryKind::slot;
        if (const auto slot = slots_.find(static_cast<std::uint32_t>(at / 8)); slot != slots_.end())
          t.what = slot->second;
        else if (s_.notes[i].node != ir::kNoNode)
          t.what = s_.names[s_.notes[i].node].text;
        break;
      case ZYDIS_REGISTER_RSP:
        t.memory = !in_frame(o) ? MemoryKind::lanes : MemoryKind::frame;
        if (!in_frame(o) || !takes_vector(s_.steps[i])) break;
        if (spilled(i, at))
          t.memory = MemoryKind::spill;
        else if (lanes_.contains(at))
          t.memory = MemoryKind::lanes;
        else if (const auto u = uniforms_.find(at); u != uniforms_.end())
          t.memory = MemoryKind::uniform, t.what = u->second;
        break;
      default: based(i, register_of(o.mem.base), t);
    }
  }

  /// MemoryKind at a register whose meaning is where it was filled.
  void based(std::size_t i, Register base, Touch& t) const {
    for (int hops = 0; hops < 4; ++hops) {
      const auto def = written_before(s_, i, base);
      if (!def) return;
      i = *def;
      const ZydisDecodedOperand* from = memory_of(s_.steps[i]);
      if (from == nullptr) break;
      if (from->mem.base == ZYDIS_REGISTER_RDI)
        return static_cast<void>((t.memory = MemoryKind::array, t.what = array_name(from->mem.disp.value)));
      if (from->mem.base == ZYDIS_REGISTER_RIP) return static_cast<void>(t.memory = MemoryKind::constant);
      if (from->mem.base == ZYDIS_REGISTER_RSP) return static_cast<void>(t.memory = MemoryKind::frame);
      base = register_of(from->mem.base);
    }
    t.memory = MemoryKind::state;
  }

  std::string array_name(std::int64_t disp) const {
    const auto index = static_cast<std::size_t>(disp / 8);
    return index < arrays_.size() ? arrays_[index] : std::string();
  }

  Study& s_;
  const jit::Trace& trace_;
  std::vector<std::string> arrays_;
  std::map<std::uint32_t, std::string> slots_;
  std::map<std::int64_t, std::string> uniforms_;
  std::set<std::int64_t> lanes_;
  std::set<std::pair<std::uint32_t, std::int64_t>> spills_;  // where a part begins, and the place
};

/// What instructions read from registers that a loop leaves alone.
void name_pinned(Study& study) {
  for (const Part& part : study.parts) {
    if (part.purpose < Purpose::peel || part.purpose > Purpose::tail) continue;
    std::map<Register, std::string> pinned;
    for (const Range& range : find_ranges(study, part).list)
      if (range.holds == Holds::pinned && !range.what.empty())
        pinned[range.reg] = range.what.substr(0, range.what.find(" (0x"));
    for (std::size_t i = part.first; i < part.first + part.steps; ++i)
      for (int o = 0; study.steps[i].valid && o < study.steps[i].instruction.operand_count_visible; ++o) {
        const ZydisDecodedOperand& operand = study.steps[i].operands[o];
        if (operand.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
        if (const auto held = pinned.find(register_of(operand.reg.value)); held != pinned.end())
          study.notes[i].reads.push_back(held->second);
      }
  }
}

}  // namespace

std::string_view name_of(MemoryKind memory) {
  constexpr std::string_view kNames[] = {"none",  "array", "constant", "uniform", "slot",
                                         "lanes", "spill", "frame",    "state",   "arguments"};
  return kNames[static_cast<std::size_t>(memory)];
}

std::optional<std::size_t> written_before(const Study& study, std::size_t step, Register reg) {
  while (step-- > 0)
    if (has(study.liveness.access[step].writes, reg)) return step;
  return std::nullopt;
}

Result<Study> study(const ir::Kernel& kernel, const jit::Target& target) {
  jit::Trace trace;
  auto code = jit::compile(kernel, target, &trace);
  if (!code) return code.error();
  Study out;
  out.kernel = kernel;
  out.names = ir::print_nodes(kernel);
  out.code = std::move(*code);
  out.steps = decode_steps(out.code, 0, end_of_instructions(out.code));
  out.instructions = decode(out.code, 0, end_of_instructions(out.code));
  out.parts = find_parts(out.code, out.steps);
  out.liveness = find_liveness(out.steps);
  for (const Step& step : out.steps) out.invalid += !step.valid;
  Reader(out, trace).run();
  name_pinned(out);
  return out;
}

}  // namespace trueno::inspect
