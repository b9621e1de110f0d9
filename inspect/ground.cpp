// See ground.h. This is what runtime/plan.h and jit/compile.h promise each other.
#include "inspect/ground.h"

namespace trueno::inspect {

namespace {

constexpr std::int64_t kAddresses = std::int64_t{1} << 47, kMostElements = std::int64_t{1} << 56;

}  // namespace

Subject::Subject(const jit::Code& from, const ir::Kernel& kernel) : code(from) {
  for (const ir::Param& p : kernel.params)
    if (p.is_array()) arrays.push_back({p.name, static_cast<std::uint32_t>(stored_bytes(p.type)), false});
  for (const ir::Output& o : kernel.outputs)
    if (o.array) arrays.push_back({o.name, static_cast<std::uint32_t>(stored_bytes(kernel[o.value].type)), true});
  fixed_slots.assign(code.slots.size, false);
  fixed_slots[jit::SlotMap::kCount] = true;
  for (const std::uint32_t slot : code.slots.scalars)
    if (slot < fixed_slots.size()) fixed_slots[slot] = true;
}

std::vector<Entry> entries_of(const jit::Code& code) {
  std::vector<Entry> out = {{Entry::whole, code.whole, "whole", 0}};
  for (std::size_t p = 0; p < code.passes.size(); ++p) {
    const jit::PassCode& pass = code.passes[p];
    const std::string of = code.passes.size() > 1 ? " of pass " + std::to_string(p) : "";
    const auto bytes = static_cast<std::int64_t>(pass.state_bytes_per_level);
    out.push_back({Entry::stretch, pass.stretch, "stretch" + of, bytes});
    if (pass.finish != 0) out.push_back({Entry::finish, pass.finish, "finish" + of, bytes});
  }
  return out;
}

Symbol Ground::integer(std::string name) { return symbols.given(std::move(name)); }

Symbol Ground::address(std::string name, std::int64_t alignment) {
  const Symbol s = integer(std::move(name));
  bases.push_back(s);
  axioms.push_back({Linear::of(s) - 1, Fact::not_negative});
  axioms.push_back({Linear(kAddresses) - Linear::of(s), Fact::not_negative});
  if (alignment > 1) axioms.push_back({Linear::of(s), Fact::multiple, alignment});
  return s;
}

Ground::Ground(const Subject& from, const Entry& of) : subject(from), entry(of) {
  const std::int64_t block = subject.code.block;
  begin = Linear(0);
  if (of.kind != Entry::whole) {
    begin = Linear::of(integer("begin"));
    axioms.push_back({begin, Fact::not_negative});
    if (block != 0) axioms.push_back({begin, Fact::multiple, block});
  }
  end = Linear::of(integer("end"));
  axioms.push_back({end - begin, Fact::not_negative});
  axioms.push_back({Linear(of.kind == Entry::whole && block != 0 ? block : kMostElements) - end, Fact::not_negative});
  table = address("arrays", 8);
  slots = address("slots", 8);
  merge_stack = address("state", jit::PassCode::kStateAlignment);
  stack = address("stack", 8);  // 8 below a multiple of 16, with the return address on it
  code = address("code", 64);
  for (const Subject::Array& array : subject.arrays) arrays.push_back(address(array.name, 1));
  static constexpr const char* kNames[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                           "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
  for (const char* name : kNames) bases.push_back(before.emplace_back(integer(std::string("the caller's ") + name)));
}

bool Ground::on_stack(const Linear& base) const {
  if (!base.known() || base.is_constant()) return false;
  const Symbol symbol = base.newest().symbol;
  return symbol == stack || std::find(frames.begin(), frames.end(), symbol) != frames.end();
}

State Ground::at_entry() const {
  State s;
  for (const unsigned reg : {kRbx, kRbp, 12u, 13u, 14u, 15u}) s.gp[reg].e = Linear::of(before[reg]);
  s.gp[kRsp].e = s.saved = Linear::of(stack);
  s.gp[kRdi].e = Linear::of(table);
  s.gp[kRsi].e = Linear::of(slots);
  s.gp[kRdx].e = begin;
  s.gp[kRcx].e = end;
  s.gp[kR8].e = entry.kind == Entry::whole ? Linear(0) : Linear::of(merge_stack);
  return s;
}

}  // namespace trueno::inspect
