// See term.h.
#include "inspect/term.h"

#include <fmt/format.h>

#include "ir/evaluate.h"
#include "ir/print.h"

namespace trueno::inspect {
namespace {

constexpr std::size_t kMostArgs = 260;  // of a table of 256 entries

std::uint64_t hash(const Term& t, std::span<const TermId> args) {
  std::uint64_t h =
      t.imm * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(t.fn) * 0x100000001b3u + t.width * 31u + t.from * 977u;
  for (const TermId a : args) h = (h ^ a) * 0xff51afd7ed558ccdu, h ^= h >> 29;
  return h ^ h >> 32;
}

}  // namespace

std::string_view name_of(Fn fn) {
  static constexpr std::string_view kNames[] = {
      "leaf",    "constant",   "primitive",   "low",        "high",      "join",        "byte",
      "bytes",   "half",       "halves",      "bit",        "spread",    "zero_extend", "sign_extend",
      "pack",    "choose",     "pick",        "and",        "or",        "xor",         "andnot",
      "add",     "sub",        "mul",         "mul_wide",   "abs",       "min",         "max",
      "compare", "shift_left", "shift_right", "shift_sign", "f_add",     "f_sub",       "f_mul",
      "f_div",   "f_sqrt",     "f_min",       "f_max",      "f_fma",     "f_compare",   "f_round",
      "f_range", "f_scale",    "f_exponent",  "f_mantissa", "f_convert", "f_from_int",  "f_to_int"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Fn::f_to_int) + 1);
  return kNames[static_cast<std::size_t>(fn)];
}

void Terms::grow() {
  std::vector<TermId> bigger(table_.empty() ? 1 << 12 : table_.size() * 2, 0);
  for (TermId id = 0; id < terms_.size(); ++id) {
    std::size_t at = hash(terms_[id], args(id)) & (bigger.size() - 1);
    while (bigger[at] != 0) at = (at + 1) & (bigger.size() - 1);
    bigger[at] = id + 1;
  }
  table_ = std::move(bigger);
}

TermId Terms::make(Term term, std::span<const TermId> of) {
  if (table_.size() < 2 * (terms_.size() + 1)) grow();
  std::size_t at = hash(term, of) & (table_.size() - 1);
  for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    const TermId id = table_[at] - 1;
    const Term& t = terms_[id];
    if (t.fn == term.fn && t.width == term.width && t.from == term.from && t.imm == term.imm && t.arity == of.size() &&
        std::equal(of.begin(), of.end(), args_.begin() + t.first))
      return id;
  }
  term.arity = static_cast<std::uint16_t>(of.size());
  term.first = static_cast<std::uint32_t>(args_.size());
  args_.insert(args_.end(), of.begin(), of.end());
  terms_.push_back(term);
  origin_.push_back(origin_now_);
  table_[at] = static_cast<TermId>(terms_.size());
  return static_cast<TermId>(terms_.size() - 1);
}

TermId Terms::constant(std::uint8_t width, std::uint64_t bits) {
  return make({Fn::constant, width, 0, 0, 0, bits}, {});
}

/// Parts of what was put together, and of bitwise functions. ~0: it stays as it is.
TermId Terms::form_of_part(const Term& t, TermId of) {
  const Term whole = terms_[of];
  const auto again = [&](TermId a, std::uint64_t imm = 0) { return make(t.fn, t.width, {a}, imm, t.from); };
  const bool bitwise = whole.fn >= Fn::bit_and && whole.fn <= Fn::bit_andnot;
  if (bitwise && (t.fn == Fn::byte || t.fn == Fn::bit)) {
    const TermId a = arg(of, 0), b = arg(of, 1);
    const TermId x = again(a, t.imm), y = again(b, t.imm);
    if (is(x, t.fn) || is(y, t.fn)) return ~TermId{0};  // nothing gained: not what masks are made of
    if (whole.fn != Fn::bit_andnot || t.width != 1) return make(whole.fn, t.width, {x, y});
    return make(Fn::bit_and, 1, {make(Fn::bit_xor, 1, {x, constant(1, 1)}), y});
  }
  switch (t.fn) {
    case Fn::low:
    case Fn::high:
      if (whole.fn == Fn::join) return arg(of, t.fn == Fn::high);
      if (whole.fn == Fn::zero_extend)
        return t.fn == Fn::high   ? constant(32, 0)
               : whole.from == 32 ? arg(of, 0)
                                  : make(Fn::zero_extend, 32, {arg(of, 0)}, 0, whole.from);
      if (whole.fn == Fn::spread) return make(Fn::spread, 32, {arg(of, 0)});
      break;
    case Fn::byte:
      if (whole.fn == Fn::bytes) return arg(of, t.imm);
      if (whole.fn == Fn::halves) return again(arg(of, t.imm / 2), t.imm % 2);
      if (whole.fn == Fn::spread) return make(Fn::spread, 8, {arg(of, 0)});
      if (whole.fn == Fn::zero_extend) return whole.from == 8 && t.imm == 0 ? arg(of, 0) : ~TermId{0};
      if (whole.fn == Fn::join) return again(arg(of, t.imm / 4), t.imm % 4);
      break;
    case Fn::half:
      if (whole.fn == Fn::halves) return arg(of, t.imm);
      break;
    case Fn::bit:
      if (whole.fn == Fn::spread) return arg(of, 0);
      if (whole.fn == Fn::join) return again(arg(of, t.imm / 32), t.imm % 32);
      if (whole.fn == Fn::high) return again(arg(of, 0), t.imm + 32);
      if (whole.fn == Fn::low) return again(arg(of, 0), t.imm);
      if (whole.fn == Fn::bytes && whole.width == 8) return arg(of, t.imm);
      if (whole.fn == Fn::bytes) return again(arg(of, t.imm / 8), t.imm % 8);
      break;
    case Fn::shift_sign:
      if (t.imm + 1 == t.width) return make(Fn::spread, t.width, {make(Fn::bit, 1, {of}, t.imm, t.width)});
      break;
    case Fn::pack:
    case Fn::sign_extend:
      if (whole.fn == Fn::spread) return make(Fn::spread, t.width, {arg(of, 0)});
      break;
    default: break;
  }
  return ~TermId{0};
}

/// Bitwise functions with no bits, with all, or of one term twice. ~0: it stays as it is.
TermId Terms::neutral(const Term& t, TermId a, TermId b) {
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - t.width);
  const auto is_bits = [&](TermId id, std::uint64_t bits) { return is_constant(id) && imm(id) == bits; };
  switch (t.fn) {
    case Fn::bit_and:
      if (is_bits(a, 0) || is_bits(b, all) || a == b) return a;
      return is_bits(b, 0) || is_bits(a, all) ? b : ~TermId{0};
    case Fn::bit_or:
      for (const auto& [no, yes] : {std::pair{a, b}, std::pair{b, a}})  // how a choice is made without a blend
        if (is(no, Fn::bit_andnot) && is(yes, Fn::bit_and) && is(arg(no, 0), Fn::spread) && arg(no, 0) == arg(yes, 0))
          return make(Fn::choose, t.width, {arg(arg(no, 0), 0), arg(yes, 1), arg(no, 1)});
      if (is_bits(a, all) || is_bits(b, 0) || a == b) return a;
      return is_bits(b, all) || is_bits(a, 0) ? b : ~TermId{0};
    case Fn::bit_xor:
      if (a == b) return constant(t.width, 0);
      return is_bits(b, 0) ? a : is_bits(a, 0) ? b : ~TermId{0};
    default:
      if (is_bits(a, all) || a == b) return constant(t.width, 0);
      return is_bits(a, 0) || is_bits(b, 0) ? b : ~TermId{0};
  }
}

/// The other half of a word that one half is taken from. ~0: it is not.
TermId Terms::other_half(TermId half) {
  if (is(half, Fn::spread)) return half;
  if (is(half, Fn::low)) return make(Fn::high, 32, {arg(half, 0)});
  return is(half, Fn::high) ? make(Fn::low, 32, {arg(half, 0)}) : ~TermId{0};
}

/// A half that became simpler than the other one, f(a, b) with a constant: as what it would be otherwise. False: it is
/// not of that kind.
bool Terms::as_other_half(TermId half, TermId other, TermId (&args)[2]) {
  const Fn fn = terms_[other].fn;
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
    if (!is_constant(arg(other, i))) continue;
    const TermId kept = other_half(arg(other, 1 - i));
    if (kept == ~TermId{0}) return false;
    for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{0xffffffff}}) {
      args[i] = constant(32, bits), args[1 - i] = kept;
      if (make(fn, 32, {args[0], args[1]}) == half) return true;
    }
  }
  return false;
}

/// Halves of one word: what was taken apart, constants, and bitwise functions of such halves. ~0: they are not.
TermId Terms::one_word(TermId low, TermId high) {
  if (is_constant(low) && is_constant(high)) return constant(64, imm(low) | imm(high) << 32);
  if (is(low, Fn::low) && is(high, Fn::high) && arg(low, 0) == arg(high, 0)) return arg(low, 0);
  const auto bitwise = [&](TermId id) { return terms_[id].fn >= Fn::bit_and && terms_[id].fn <= Fn::bit_andnot; };
  if (terms_[low].fn != terms_[high].fn) {
    if (bitwise(low) == bitwise(high)) return ~TermId{0};
    const bool in_high = bitwise(high);
    TermId own[2] = {};
    const TermId whole = in_high ? high : low;
    if (!as_other_half(in_high ? low : high, whole, own)) return ~TermId{0};
    TermId args[2] = {};
    for (const std::size_t i : {0, 1}) {
      args[i] = in_high ? one_word(own[i], arg(whole, i)) : one_word(arg(whole, i), own[i]);
      if (args[i] == ~TermId{0}) return args[i];
    }
    return make(terms_[whole].fn, 64, {args[0], args[1]});
  }
  const Fn fn = terms_[low].fn;
  const bool same_first = terms_[low].arity != 0 && arg(low, 0) == arg(high, 0);
  if (fn == Fn::spread && same_first) return make(Fn::spread, 64, {arg(low, 0)});
  const bool chooses = fn == Fn::choose && same_first;
  if (!chooses && !bitwise(low)) return ~TermId{0};
  TermId args[3] = {chooses ? arg(low, 0) : 0, 0, 0};
  for (std::size_t i = chooses; i < terms_[low].arity; ++i) {
    args[i] = one_word(arg(low, i), arg(high, i));
    if (args[i] == ~TermId{0}) return args[i];
  }
  return make(fn, 64, std::span<const TermId>(args, terms_[low].arity));
}

TermId Terms::form_of_whole(const Term& t, std::span<const TermId> of) {
  const auto part = [&](TermId id, Fn fn, std::uint64_t imm) { return is(id, fn) && terms_[id].imm == imm; };
  switch (t.fn) {
    case Fn::join: return one_word(of[0], of[1]);
    case Fn::bytes:
    case Fn::halves: {
      const Fn piece = t.fn == Fn::halves ? Fn::half : of.size() == 8 ? Fn::bit : Fn::byte;
      for (std::size_t i = 0; i < of.size(); ++i)
        if (!part(of[i], piece, i) || arg(of[i], 0) != arg(of[0], 0)) return ~TermId{0};
      return terms_[arg(of[0], 0)].width == t.width ? arg(of[0], 0) : ~TermId{0};
    }
    case Fn::choose:
      if (is_constant(of[0])) return of[terms_[of[0]].imm != 0 ? 1 : 2];
      if (of[1] == of[2]) return of[1];
      break;
    case Fn::bit_and:
    case Fn::bit_or:
    case Fn::bit_xor:
    case Fn::bit_andnot: return neutral(t, of[0], of[1]);
    case Fn::sub:
      if (of[0] == of[1]) return constant(t.width, 0);
      break;
    case Fn::compare:
      if ((t.imm & 3) == 3) return constant(1, t.imm >> 2 & 1);
      break;
    default: break;
  }
  return ~TermId{0};
}

TermId Terms::simplified(Term term, std::span<const TermId> of) {
  bool constants = true;
  for (const TermId a : of) constants = constants && is_constant(a);
  if (constants && of.size() <= kMostArgs && term.fn != Fn::leaf) {
    std::uint64_t values[kMostArgs];
    for (std::size_t i = 0; i < of.size(); ++i) values[i] = terms_[of[i]].imm;
    term.arity = static_cast<std::uint16_t>(of.size());
    return constant(term.width, value_of(term, values));
  }
  const TermId form = of.size() == 1 ? form_of_part(term, of[0]) : form_of_whole(term, of);
  return form != ~TermId{0} ? form : make(term, of);
}

TermId Terms::primitive(const ir::Kernel& kernel, const ir::Node& node, std::span<const TermId> of) {
  std::string key = fmt::format("{}:{}", static_cast<int>(node.op), static_cast<int>(node.type));
  for (int i = 0; i < node.arity; ++i) key += fmt::format(",{}", static_cast<int>(kernel[node.args[i]].type));
  if (node.op == ir::Op::table)
    for (const std::uint64_t entry : kernel.tables[node.imm].entries) key += fmt::format(";{:x}", entry);
  const auto [found, is_new] = primitive_ids_.try_emplace(key, primitives_.size());
  if (is_new) {
    PrimitiveMeaning& m = primitives_.emplace_back();
    m.key = key;
    ir::Node own = node;
    own.imm = 0;
    own.name.clear();
    for (int i = 0; i < node.arity; ++i) {
      m.kernel.nodes.push_back(kernel[node.args[i]]);
      own.args[i] = static_cast<ir::NodeId>(i);
    }
    if (node.op == ir::Op::table) m.kernel.tables.push_back(kernel.tables[node.imm]);
    m.kernel.nodes.push_back(own);
    m.node = static_cast<ir::NodeId>(node.arity);
  }
  const std::uint8_t width = is_mask(node.type) ? 1 : static_cast<std::uint8_t>(bits_of(node.type));
  return simplified({Fn::primitive, width, 0, 0, 0, found->second}, of);
}

std::uint64_t Terms::value_of(const Term& t, const std::uint64_t* args) const {
  if (t.fn != Fn::primitive) return meaning_of(t, args);
  const PrimitiveMeaning& m = primitives_[t.imm];
  std::uint64_t out = 0;
  ir::evaluate(m.kernel, m.kernel[m.node], ir::Cells{args, args + 1, args + 2, &out, 1});
  return out;
}

std::string Terms::print(TermId id, int depth) const {
  const Term& t = terms_[id];
  if (const auto named = names_.find(id); named != names_.end()) return named->second;
  if (t.fn == Fn::leaf) return fmt::format("leaf{}", t.imm);
  if (t.fn == Fn::constant) return fmt::format("{:#x}", t.imm);
  std::string out(t.fn == Fn::primitive ? ir::row(primitive_of(id).kernel[primitive_of(id).node].op).id
                                        : name_of(t.fn));
  if (t.fn != Fn::primitive && t.imm != 0) out += fmt::format(".{}", t.imm);
  if (depth == 0) return out + "(...)";
  for (std::size_t i = 0; i < t.arity; ++i) {
    if (i == 4 && t.arity > 6) return out + ", ...)";
    out += (i == 0 ? "(" : ", ") + print(arg(id, i), depth - 1);
  }
  return out + ")";
}

}  // namespace trueno::inspect
