// See matching.h.
#include "inspect/matching.h"

#include <algorithm>

namespace trueno::inspect {
namespace {

using U = std::uint64_t;

constexpr std::size_t kMostNear = 400;     // terms of a lemma that stops at what is known
constexpr std::size_t kMostWhole = 3000;   // of one that goes down to the inputs
constexpr std::size_t kMostVariables = 96;
constexpr std::size_t kMostCandidates = 6;  // terms that look like one value


U mix(U h, U v) {
  h = (h ^ v) * 0xff51afd7ed558ccdu;
  return h ^ h >> 31;
}

}  // namespace

void Matching::sign() {
  std::vector<U> in;
  for (TermId id = static_cast<TermId>(signatures_.size()); id < terms_.size(); ++id) {
    const Term& t = terms_[id];
    Signature& s = signatures_.emplace_back();
    s.support = 0;
    if (t.fn == Fn::leaf) {
      Random random(t.imm + 17);
      s.support = U{1} << (random.next() & 63);
      // Whether it is a float or an integer is not known here: small integers, and floats of ordinary size.
      for (std::size_t k = 0; k < kSamples; ++k)
        s.values[k] = mild_value(k % 2 == 0 ? (t.width == 32 ? Type::f32 : Type::f64)
                                            : (t.width == 32 ? Type::i32 : Type::i64),
                                 random);
      continue;
    }
    const auto args = terms_.args(id);
    in.resize(std::max<std::size_t>(args.size(), 3));
    for (const TermId a : args) s.support |= signatures_[a].support;
    for (std::size_t k = 0; k < kSamples; ++k) {
      for (std::size_t i = 0; i < args.size(); ++i) in[i] = signatures_[args[i]].values[k];
      s.values[k] = terms_.value_of(t, in.data());
    }
  }
}

std::uint64_t Matching::key(const Signature& s, int width, Type type, bool held) const {
  U h = mix(s.support, static_cast<U>(width));
  for (U v : s.values) {
    if (!held) v = as_held(type, width, v);
    h = mix(h, width >= 32 && is_nan(width, v) ? canonical_nan(width) : v);
  }
  return h;
}

void Matching::index() {
  by_key_.clear();
  for (TermId id = 0; id < terms_.size(); ++id) {
    const Term& t = terms_[id];
    const bool of_code = t.fn != Fn::primitive && t.fn != Fn::leaf && t.fn != Fn::constant;
    if (of_code && (t.width == 1 || t.width == 32 || t.width == 64))
      by_key_.push_back({key(signatures_[id], t.width, Type::i32, true), id});
  }
  std::sort(by_key_.begin(), by_key_.end());
}

Type Matching::type_of(TermId meaning, int width) const {
  if (terms_.is(meaning, Fn::primitive)) return terms_.type_of(meaning);
  if (terms_[meaning].width == 1) return width == 64 ? Type::m64 : Type::m32;
  return width == 32 ? Type::f32 : Type::f64;  // a leaf: any bits at all
}

bool Matching::code_cone(TermId id, TermId root, bool whole, Question& q, std::unordered_map<TermId, bool>& seen,
                         Match& weakest) const {
  if (terms_.is_constant(id) || !seen.try_emplace(id, true).second) return true;
  if (terms_.is(id, Fn::leaf)) {
    q.cuts.push_back({id, id, true});
  } else if (const auto known = known_.find(id); known != known_.end() && id != root && !whole) {
    q.cuts.push_back({id, known->second.meaning, known->second.match.exact});
    weakest.verdict = std::max(weakest.verdict, known->second.match.verdict);
  } else {
    for (const TermId arg : terms_.args(id))
      if (!code_cone(arg, root, whole, q, seen, weakest)) return false;
    q.code_cone.push_back(id);
  }
  return q.code_cone.size() <= (whole ? kMostWhole : kMostNear) && q.cuts.size() <= kMostVariables;
}

bool Matching::meaning_cone(TermId id, Question& q, std::unordered_map<TermId, bool>& seen) const {
  if (terms_.is_constant(id) || !seen.try_emplace(id, true).second) return true;
  const bool is_variable = std::any_of(q.cuts.begin(), q.cuts.end(), [&](const CutTerm& c) { return c.meaning == id; });
  if (is_variable || terms_.is(id, Fn::leaf)) {
    q.variables.push_back(id);
  } else {
    for (const TermId arg : terms_.args(id))
      if (!meaning_cone(arg, q, seen)) return false;
    q.meaning_cone.push_back(id);
  }
  return q.meaning_cone.size() <= kMostWhole && q.variables.size() <= kMostVariables;
}

std::optional<Question> Matching::question(TermId code, TermId meaning, bool whole, Match& weakest) const {
  Question q;
  q.code = code, q.meaning = meaning;
  std::unordered_map<TermId, bool> seen, seen_meaning;
  if (!code_cone(code, code, whole, q, seen, weakest)) return std::nullopt;
  if (!meaning_cone(meaning, q, seen_meaning)) return std::nullopt;
  for (const CutTerm& c : q.cuts)
    if (std::find(q.variables.begin(), q.variables.end(), c.meaning) == q.variables.end())
      q.variables.push_back(c.meaning);
  return q;
}

Match Matching::ask(TermId code, TermId meaning, bool whole) {
  Match weakest{Verdict::proven, true};
  const auto q = question(code, meaning, whole, weakest);
  if (!q) return {};
  std::vector<Type> types;
  for (const TermId v : q->variables) {
    int width = 64;
    for (const CutTerm& c : q->cuts)
      if (c.meaning == v) width = std::min<int>(width, terms_[c.code].width);
    types.push_back(type_of(v, terms_.is(v, Fn::leaf) ? terms_[v].width : width));
  }
  const Answer& answer = lemmas_.answer(terms_, *q, types);
  if (answer.verdict == Verdict::differs && whole) {
    difference_ = {{}, answer.code_value, answer.meaning_value};
    for (std::size_t v = 0; v < q->variables.size(); ++v)
      difference_.inputs.push_back({q->variables[v], answer.counterexample[v]});
  }
  // That operands are not exact is in the lemma's own answer.
  return {std::max(answer.verdict, answer.verdict <= Verdict::evaluated ? weakest.verdict : answer.verdict),
          answer.exact};
}

bool Matching::meet(TermId code, TermId meaning) {
  const Match match = ask(code, meaning, false);
  if (match.verdict > Verdict::evaluated) return false;
  const auto [at, is_new] = known_.try_emplace(code, Known{meaning, match});
  // A better-known value takes its place: exact beats one that may hold another NaN.
  if (!is_new && ((match.exact && !at->second.match.exact) ||
                  (match.exact == at->second.match.exact && match.verdict < at->second.match.verdict)))
    at->second = {meaning, match};
  const auto [value, first] = found_.try_emplace(meaning, match);
  if (!first && match.verdict < value->second.verdict) value->second = match;
  return true;
}

void Matching::find(const std::vector<TermId>& wanted) {
  sign();
  index();
  std::vector<bool> needed(terms_.size(), false);
  for (const TermId id : wanted) needed[id] = true;
  for (TermId id = static_cast<TermId>(terms_.size()); id-- > 0;)
    if (needed[id] && terms_.is(id, Fn::primitive))
      for (const TermId arg : terms_.args(id)) needed[arg] = true;
  for (TermId id = 0; id < needed.size(); ++id) {
    if (!needed[id] || !terms_.is(id, Fn::primitive)) continue;
    const Type type = terms_.type_of(id);
    for (const int width : {1, 32, 64}) {
      if (is_mask(type) ? false : width != bits_of(type)) continue;
      const U wanted_key = key(signatures_[id], width, type, false);
      auto at = std::lower_bound(by_key_.begin(), by_key_.end(), std::pair{wanted_key, TermId{0}});
      for (std::size_t tried = 0; at != by_key_.end() && at->first == wanted_key && tried < kMostCandidates; ++at)
        if (!meet(at->second, id)) ++tried;
    }
  }
}

Match Matching::decide(TermId code, TermId meaning) {
  if (code == meaning) return {Verdict::proven, true};
  const Match near = ask(code, meaning, false);
  if (near.verdict <= Verdict::evaluated && near.exact) return near;
  const Match whole = ask(code, meaning, true);
  if (whole.verdict == Verdict::differs) return whole;
  return near.verdict <= Verdict::evaluated && !(whole.verdict <= Verdict::evaluated && whole.exact) ? near : whole;
}

TermId Matching::first_missing(TermId meaning) const {
  std::vector<TermId> below{meaning};
  std::unordered_map<TermId, bool> seen{{meaning, true}};
  TermId lowest = meaning;
  for (std::size_t i = 0; i < below.size() && i < kMostWhole; ++i) {
    bool missing = false;
    if (!terms_.is(below[i], Fn::primitive)) continue;
    for (const TermId arg : terms_.args(below[i])) {
      if (!terms_.is(arg, Fn::primitive) || found_.contains(arg)) continue;
      missing = true;
      if (seen.try_emplace(arg, true).second) below.push_back(arg);
    }
    if (!missing && below[i] < lowest) lowest = below[i];
  }
  return lowest;
}

}  // namespace trueno::inspect
