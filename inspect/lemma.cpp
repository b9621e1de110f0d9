// See lemma.h.
#include "inspect/lemma.h"

#include <fmt/format.h>

#include <algorithm>

namespace trueno::inspect {
namespace {

using ir::Op;
using U = std::uint64_t;

// ---- the same function?

struct Same {
  Fn fn;
  int imm = -1;  ///< of the code's term; -1: any
  bool swapped = false;
};

/// The function of a lane that a primitive is, where it is one; after the contract.
std::optional<Same> function_of(const PrimitiveMeaning& m) {
  const Op op = m.kernel[m.node].op;
  const Type type = m.kernel[m.node].arity ? m.operand(op == Op::select || op == Op::rare ? 1 : 0) : m.type();
  const bool real = is_float(type);
  switch (op) {
    case Op::add: return Same{real ? Fn::f_add : Fn::add};
    case Op::sub: return Same{real ? Fn::f_sub : Fn::sub};
    case Op::mul: return Same{real ? Fn::f_mul : Fn::mul};
    case Op::div: return real ? std::optional(Same{Fn::f_div}) : std::nullopt;
    case Op::sqrt: return Same{Fn::f_sqrt};
    case Op::fma: return Same{Fn::f_fma, 0};
    case Op::abs: return real ? std::nullopt : std::optional(Same{Fn::abs});
    case Op::min: return real ? std::nullopt : std::optional(Same{Fn::min});
    case Op::max: return real ? std::nullopt : std::optional(Same{Fn::max});
    case Op::rint: return Same{Fn::f_round, 8};
    case Op::floor: return Same{Fn::f_round, 9};
    case Op::ceil: return Same{Fn::f_round, 10};
    case Op::trunc: return Same{Fn::f_round, 11};
    case Op::eq: return Same{real ? Fn::f_compare : Fn::compare, 0};
    case Op::ne: return Same{real ? Fn::f_compare : Fn::compare, 4};
    case Op::lt: return real ? Same{Fn::f_compare, 17} : Same{Fn::compare, 1};
    case Op::le: return real ? Same{Fn::f_compare, 18} : Same{Fn::compare, 2};
    case Op::bit_and: return Same{Fn::bit_and};
    case Op::bit_or: return Same{Fn::bit_or};
    case Op::bit_xor: return Same{Fn::bit_xor};
    case Op::select:
    case Op::rare: return Same{Fn::choose};
    case Op::shl: return Same{Fn::shift_left, 0};
    case Op::shr: return Same{Fn::shift_right, 0};
    case Op::sar: return Same{Fn::shift_sign, 0};
    case Op::convert:
      if (is_float(m.type())) return Same{real ? Fn::f_convert : Fn::f_from_int};
      return type == Type::i32 ? std::optional(Same{Fn::sign_extend}) : std::nullopt;
    default: return std::nullopt;
  }
}

/// Predicates differ in signalling alone (16 apart).
bool same_imm(const Term& code, int wanted) {
  if (wanted < 0) return true;
  const U mask = code.fn == Fn::f_compare ? 15 : ~U{0};
  return (code.imm & mask) == (static_cast<U>(wanted) & mask);
}

bool makes_nan(Fn fn) { return fn >= Fn::f_add && fn != Fn::f_compare && fn != Fn::f_from_int && fn != Fn::f_to_int; }

/// x where it is ordered with itself, else the canonical NaN.
bool makes_canonical(const Terms& terms, const Question& q) {
  const PrimitiveMeaning& m = terms.primitive_of(q.meaning);
  if (m.kernel[m.node].op != Op::canonical || q.code_cone.size() != 2 || q.cuts.size() != 1) return false;
  const TermId compare = q.code_cone[0], x = q.cuts[0].code;
  const auto both = [&](TermId id) { return terms.arg(id, 0) == x && terms.arg(id, 1) == x; };
  return terms.is(compare, Fn::f_compare) && (terms.imm(compare) & 15) == 3 && both(compare) &&
         terms.is(q.code, Fn::choose) && terms.arg(q.code, 0) == compare && terms.arg(q.code, 2) == x &&
         terms.is_constant(terms.arg(q.code, 1)) &&
         terms.imm(terms.arg(q.code, 1)) == canonical_nan(terms[q.code].width) &&
         q.cuts[0].meaning == terms.arg(q.meaning, 0);
}

/// Both are one function of the same operands, in this order or, if that does not matter, another.
std::optional<Answer> same_function(const Terms& terms, const Question& q) {
  const auto held = [&](TermId code, TermId meaning, bool& exact) {
    if (terms.is_constant(code) && terms.is_constant(meaning))
      return terms.imm(code) == terms.imm(meaning) && terms[code].width == terms[meaning].width;
    for (const CutTerm& cut : q.cuts)
      if (cut.code == code && cut.meaning == meaning && terms[code].width == terms[meaning].width)
        return exact = exact && cut.exact, true;
    return false;
  };
  bool exact = true;
  if (q.code_cone.empty()) {  // the value of one node is that of another
    if (!q.meaning_cone.empty() || !held(q.code, q.meaning, exact)) return std::nullopt;
    return Answer{Verdict::proven, exact, 0, {}, 0, 0};
  }
  if (q.meaning_cone.size() == 1 && makes_canonical(terms, q)) return Answer{Verdict::proven, true, 0, {}, 0, 0};
  if (q.code_cone.size() != 1 || q.meaning_cone.size() != 1) return std::nullopt;
  const Term& code = terms[q.code];
  const PrimitiveMeaning& m = terms.primitive_of(q.meaning);
  const auto same = function_of(m);
  if (!same || same->fn != code.fn || !same_imm(code, same->imm) || code.arity != terms[q.meaning].arity)
    return std::nullopt;
  const auto operands = [&](const std::array<std::size_t, 3>& order) {
    exact = true;
    for (std::size_t i = 0; i < code.arity; ++i)
      if (!held(terms.arg(q.code, i), terms.arg(q.meaning, order[i]), exact)) return false;
    return true;
  };
  const Op op = m.kernel[m.node].op;
  const bool commutes = ir::row(op).commutes || op == Op::fma;
  if (!operands({0, 1, 2}) && !(commutes && operands({1, 0, 2}))) return std::nullopt;
  return Answer{Verdict::proven, exact && !makes_nan(code.fn), 0, {}, 0, 0};
}

/// The two cones without names: what a lemma is known by.
std::string key_of(const Terms& terms, const Question& q, const std::vector<Type>& types) {
  std::string key;
  std::unordered_map<TermId, std::size_t> number;
  const auto put = [&](U v) { key.append(reinterpret_cast<const char*>(&v), sizeof v); };
  for (std::size_t v = 0; v < types.size(); ++v) put(static_cast<U>(types[v]));
  key += q.to_the_bit ? '=' : '|';
  for (std::size_t i = 0; i < q.cuts.size(); ++i) {
    number[q.cuts[i].code] = i;
    put(static_cast<U>(terms[q.cuts[i].code].width) << 1 | q.cuts[i].exact);
  }
  const auto cone = [&](const std::vector<TermId>& ids, TermId root) {
    key += '|';
    const auto name = [&](TermId id) {
      if (const auto found = number.find(id); found != number.end()) return put(found->second);
      put(~U{0} - terms[id].width), put(terms.imm(id));
    };
    std::size_t next = 1000;
    for (const TermId id : ids) {
      const Term& t = terms[id];
      put(static_cast<U>(t.fn) << 32 | static_cast<U>(t.width) << 16 | static_cast<U>(t.from) << 8 | t.arity);
      if (t.fn == Fn::primitive)
        key += terms.primitive_of(id).key + "!";
      else
        put(t.imm);
      for (const TermId arg : terms.args(id)) name(arg);
      number[id] = next++;
    }
    if (ids.empty()) name(root);
  };
  cone(q.code_cone, q.code);
  for (std::size_t v = 0; v < q.variables.size(); ++v) number[q.variables[v]] = v;
  cone(q.meaning_cone, q.meaning);
  for (const CutTerm& cut : q.cuts) put(number[cut.meaning]);
  return key;
}

}  // namespace

const Answer& Lemmas::answer(const Terms& terms, const Question& q, const std::vector<Type>& types) {
  const auto [found, is_new] = answers_.try_emplace(key_of(terms, q, types));
  if (!is_new) return found->second;
  if (const auto same = same_function(terms, q))
    found->second = *same;
  else
    found->second = evaluate(terms, q, types);
  return found->second;
}

std::size_t Lemmas::evaluated() const {
  return static_cast<std::size_t>(std::count_if(answers_.begin(), answers_.end(),
                                                [](const auto& a) { return a.second.verdict == Verdict::evaluated; }));
}

}  // namespace trueno::inspect
