// The mechanics of selection that know no ISA: operands into registers, parts, the dispatch to rows.
#include "jit/select.h"

#include <cstring>

#include "jit/isa.h"

namespace trueno::jit {

using ir::Op;

/// In the older encoding the destination is the first source, and memory must be aligned: arrays are loaded first.
void Select::to_legacy(Instruction& inst) {
  for (int i = 0; i < inst.sources; ++i)
    if (inst.src[i].place == Place::array && inst.src[i].width >= 16) inst.src[i] = reg(inst.src[i]);
  inst.tied = inst.dst.is_reg() && (inst.sources == 2 || ties_immediate(inst.id));
  inst.id = isa_.legacy(inst.id);
}

namespace {

/// What holds the same value wherever in a section it is read.
bool is_fixed_value(const Operand& o) { return !o.exists() || o.is_virtual() || o.place == Place::pool; }

/// Does `earlier` compute what `later` would, from the same values? Moves are left out: what they copy may have
/// changed, and a constant is better read again than kept.
bool computes_same(const Instruction& earlier, const Instruction& later) {
  if (earlier.id != later.id || !(earlier.src == later.src) || !(earlier.mask == later.mask)) return false;
  if (!earlier.dst.is_virtual() || earlier.dst.cls != later.dst.cls || earlier.dst.width != later.dst.width)
    return false;
  return earlier.sources == later.sources && earlier.has_imm == later.has_imm && earlier.imm == later.imm &&
         earlier.zeroing == later.zeroing && earlier.fma == later.fma && !earlier.lookup && !earlier.position;
}

}  // namespace

/// The rows of two nodes may share steps, as exponent and significand of one operand do. Only a short way back, so that
/// no value is kept for long.
const Instruction* Select::same_before(const Instruction& inst) const {
  constexpr std::size_t kReach = 48;
  const bool pure = inst.dst.is_virtual() && inst.id != isa_.move && inst.id != isa_.reg_move && !inst.lookup &&
                    !inst.position && is_fixed_value(inst.mask) && is_fixed_value(inst.src[0]) &&
                    is_fixed_value(inst.src[1]) && is_fixed_value(inst.src[2]);
  if (!pure) return nullptr;
  const std::vector<Instruction>& code = out_.code;
  for (std::size_t at = code.size(); at-- > 0 && code.size() - at <= kReach;)
    if (computes_same(code[at], inst)) return &code[at];
  return nullptr;
}

Operand Select::push(Instruction inst) {
  inst.node = current_node;
  if (isa_.legacy && inst.id != isa_.move && !inst.lookup && !inst.position) to_legacy(inst);
  if (const Instruction* same = same_before(inst)) return same->dst;
  out_.code.push_back(inst);
  return inst.dst;
}

void Select::move(Operand to, Operand from) {
  Instruction inst;
  inst.id = isa_.move;
  inst.dst = to;
  inst.src[0] = from;
  inst.sources = 1;
  push(inst);
}

void Select::zero(Operand reg) {
  Instruction inst;
  inst.id = isa_.zero;
  inst.dst = reg;
  inst.src = {reg, reg, {}};
  inst.sources = 2;
  push(inst);
}

Operand Select::reg(Operand o) {
  if (!o.is_memory()) return o;
  const Operand r = fresh(RegClass::vector, o.width < 16 ? std::uint8_t{16} : o.width);
  move(r, o);
  return r;
}

Operand Select::emit(std::uint32_t id, std::array<Operand, 3> src, std::uint8_t n, int imm, std::uint8_t width) {
  Instruction inst;
  inst.id = id;
  for (int i = 0; i < n; ++i) inst.src[i] = i + 1 < n ? reg(src[i]) : src[i];
  inst.sources = n;
  inst.has_imm = imm >= 0;
  inst.imm = static_cast<std::uint8_t>(imm);
  const std::uint8_t natural = inst.src[0].width < 16 ? width_ : inst.src[0].width;
  inst.dst = fresh(RegClass::vector, width ? width : natural);
  return push(inst);
}

Operand Select::compare(std::uint32_t id, int imm, Operand a, Operand b) {
  Instruction inst;
  inst.id = id;
  inst.src = {reg(a), b, {}};
  inst.sources = 2;
  inst.has_imm = imm >= 0;
  inst.imm = static_cast<std::uint8_t>(imm);
  inst.dst = fresh(RegClass::mask, 8);
  return push(inst);
}

Operand Select::mask_constant(Type type, bool set) {
  if (isa_.never) return compare(isa_.never, set ? 7 : 3, reg(i32(0)), i32(0));
  return constant(type, set ? ~std::uint64_t{0} : 0);
}

Operand Select::mask_op(std::uint32_t id, Operand a, Operand b) {
  Instruction inst;
  inst.id = id;
  inst.src = {a, b, {}};
  inst.sources = b.exists() ? 2 : 1;
  inst.dst = fresh(RegClass::mask, 8);
  return push(inst);
}

Operand Select::mask_shift(std::uint32_t id, std::uint8_t count, Operand a) {
  Instruction inst;
  inst.id = id;
  inst.src = {a, {}, {}};
  inst.sources = 1;
  inst.has_imm = true;
  inst.imm = count;
  inst.dst = fresh(RegClass::mask, 8);
  return push(inst);
}

Operand Select::merge(std::uint32_t id, Operand mask, Operand keep, Operand a, Operand b) {
  Instruction inst;
  inst.id = id;
  inst.src = {reg(keep), b.exists() ? reg(a) : a, b};
  inst.sources = b.exists() ? 3 : 2;
  inst.mask = mask;
  inst.tied = true;
  inst.dst = fresh(RegClass::vector, inst.src[0].width);
  return push(inst);
}

Operand Select::zeroed(std::uint32_t id, Operand mask, Operand a) {
  Instruction inst;
  inst.id = id;
  inst.src = {a, {}, {}};
  inst.sources = 1;
  inst.mask = mask;
  inst.zeroing = true;
  inst.dst = fresh(RegClass::vector, a.width);
  return push(inst);
}

Operand Select::lookup(Type type, std::uint32_t entries, std::uint32_t table, Operand index) {
  Instruction inst;
  inst.lookup = true;
  inst.imm = static_cast<std::uint8_t>(entries - 1);
  inst.src = {reg(index), {Place::pool, RegClass::vector, 0, static_cast<std::uint8_t>(bits_of(type) / 8), table}, {}};
  inst.sources = 1;
  inst.dst = fresh(RegClass::vector, width_);
  return push(inst);
}

Operand Select::index(std::uint8_t part) {
  std::uint64_t numbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  std::uint8_t bytes[64];
  std::memcpy(bytes, numbers, sizeof(bytes));
  Instruction inst;
  inst.position = true;
  inst.imm = static_cast<std::uint8_t>(part * width_ / 8);
  inst.dst = fresh(RegClass::vector, width_);
  const Operand first = push(inst);
  return primitive(Op::add, Type::i64, first, {Place::pool, RegClass::vector, 0, width_, pool_.raw({bytes, width_})});
}

Operand Select::fma(const FmaForms& forms, Operand a, Operand b, Operand c) {
  Instruction inst;
  inst.fma = &forms;
  if (a.is_memory() && !b.is_memory()) std::swap(a, b);
  a = reg(a);
  if (b.is_memory() && c.is_memory()) b = reg(b);
  inst.src = {a, b, c};
  inst.sources = 3;
  inst.dst = fresh(RegClass::vector, a.width);
  return push(inst);
}

namespace {

bool same_place(const Operand& a, const Operand& b) {
  return a.place == b.place && a.index == b.index && a.part == b.part;
}

/// Does the instruction read or write that place?
bool touches(const Instruction& inst, const Operand& o) {
  return same_place(inst.dst, o) || same_place(inst.src[0], o) || same_place(inst.src[1], o) ||
         same_place(inst.src[2], o);
}

}  // namespace

void Select::settle(Operand value, Operand home) {
  if (value == home) return;
  if (!home.is_reg()) return move(home, reg(value));
  if (!value.is_virtual()) return move(home, value);
  // From its definition on, the value lives at home, unless what is there is still needed then.
  std::vector<Instruction>& code = out_.code;
  std::size_t at = code.size();
  while (at-- > 0 && !(code[at].dst.is_virtual() && code[at].dst.index == value.index))
    if (touches(code[at], home)) return move(home, value);
  Instruction& definition = code[at];
  if (definition.lookup || definition.position) return move(home, value);
  for (int i = 1; i < definition.sources; ++i)  // a tied destination is written before the other sources are read
    if (definition.tied && same_place(definition.src[i], home)) return move(home, value);
  definition.dst = home.at_width(definition.dst.width);
  for (std::size_t later = at + 1; later < code.size(); ++later)
    for (Operand* o : {&code[later].src[0], &code[later].src[1], &code[later].src[2]})
      if (o->is_virtual() && o->index == value.index) *o = home.at_width(o->width);
}

Operand Select::primitive(Op op, Type type, Operand a, Operand b) {
  const ir::Kernel none;  // no row that is asked here looks at it
  ir::Node node;
  node.op = op;
  node.type = type;
  const Row& r = isa_.table[op];
  if (r.kind == Row::lanewise && r.id[static_cast<int>(type)]) {
    const std::uint32_t id = r.id[static_cast<int>(type)];
    return b.exists() ? this->op(id, a, b) : this->op(id, a);
  }
  if (r.kind == Row::custom) return r.lane(*this, {none, node, type, a, b, {}});
  return {};
}

Value Select::node(const ir::Kernel& k, const ir::Node& n, const Value* args, bool negate_product, bool negate_addend) {
  const bool selects = ir::row(n.op).typing == ir::Typing::select;  // its first operand is a mask
  const Type type = n.arity ? k[n.args[selects ? 1 : 0]].type : n.type;
  const Row& r = isa_.table[n.op];
  Value out;
  if (r.kind == Row::whole) {
    out = r.value(*this, {k, n, type, {}, {}, {}}, args[0]);
  } else if (r.kind == Row::custom || r.kind == Row::lanewise) {
    const std::uint8_t count = parts(is_mask(n.type) || selects ? type : n.type);
    for (std::uint8_t p = 0; p < count; ++p) {
      const Lane lane{k,
                      n,
                      type,
                      args[0].part[p],
                      n.arity > 1 ? args[1].part[p] : Operand{},
                      n.arity > 2 ? args[2].part[p] : Operand{},
                      negate_product,
                      negate_addend};
      Operand result;
      if (r.kind == Row::custom) {
        result = r.lane(*this, lane);
      } else if (const std::uint32_t id = is_mask(type) ? 0 : r.id[static_cast<int>(type)]; id && n.arity == 1) {
        result = op(id, lane.a);
      } else if (id) {
        const bool swap = ir::row(n.op).commutes && lane.a.is_memory() && !lane.b.is_memory();
        result = swap ? op(id, lane.b, lane.a) : op(id, lane.a, lane.b);
      }
      if (!result.exists()) break;
      out.part[p] = result;
      out.parts = static_cast<std::uint8_t>(p + 1);
    }
    if (out.parts != count) out.parts = 0;
  }
  out.array = {};  // a row may have handed on its operand with some parts replaced
  if (out.parts == 0)
    reason = "no code for '" + std::string(ir::row(n.op).id) + "' from " + std::string(name_of(type)) + " to " +
             std::string(name_of(n.type));
  return out;
}

}  // namespace trueno::jit
