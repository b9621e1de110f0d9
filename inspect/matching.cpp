// See matching.h.
#include "inspect/matching.h"

#include <algorithm>

namespace trueno::inspect {
namespace {

using U = std::uint64_t;

constexpr std::size_t kMostNear = 200;       // terms of a lemma that stops at what is known
constexpr std::size_t kMostBelow = 150;      // values it may stop at
constexpr std::size_t kMostInputs = 100;     // of a small one that goes down to the inputs
constexpr std::size_t kMostWhole = 12000;    // of one that goes down to the inputs
constexpr std::size_t kMostVariables = 8;    // of a lemma: what random values say of more is worth little
constexpr std::size_t kMostSame = 3;         // terms that are one value
constexpr std::size_t kMostCandidates = 24;  // terms that look like one value

std::size_t most(unsigned from) {
  return from == Matching::kWhole ? kMostWhole : from == Matching::kInputs ? kMostInputs : kMostNear;
}

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
      for (U& value : s.values) value = mild_value(terms_.type_of(id), random);
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
    if (t.fn == Fn::high) continue;  // stands beside what it is a part of
    if (of_code && (t.width == 1 || t.width == 32 || t.width == 64))
      by_key_.push_back({key(signatures_[id], t.width, Type::i32, true), id});
  }
  std::sort(by_key_.begin(), by_key_.end());
}

/// Values of the IR below one, nearest first, and how far.
Matching::Depths Matching::depths_below(TermId meaning) const {
  Depths depths{{meaning, 0}};
  std::vector<TermId> order{meaning};
  for (std::size_t i = 0; i < order.size() && order.size() < kMostBelow; ++i)
    for (const TermId arg : terms_.args(order[i]))
      if (!terms_.is_constant(arg) && depths.try_emplace(arg, depths[order[i]] + 1).second) order.push_back(arg);
  return depths;
}

/// Where a lemma stops: at inputs, and at what is known to be a value that lies far enough below the one in question.
std::optional<CutTerm> Matching::cut_at(TermId code, Asked& a) const {
  if (terms_.is(code, Fn::leaf)) return CutTerm{code, code, true};
  const auto known = known_.find(code);
  if (known == known_.end() || a.from >= kInputs || code == a.question.code) return std::nullopt;
  const Known* best = nullptr;
  unsigned nearest = ~0u;
  for (const Known& k : known->second) {
    const auto instead = instead_.find(k.meaning);
    const bool held = instead != instead_.end() && !a.below->contains(k.meaning);
    const auto at = a.below->find(held ? instead->second : k.meaning);
    if (at == a.below->end() || at->second < (held ? 0 : a.from) || at->second >= nearest) continue;
    best = &k, nearest = at->second;
  }
  if (best == nullptr) return std::nullopt;
  a.weakest = std::max(a.weakest, best->match.verdict);
  return CutTerm{code, best->meaning, best->match.exact};
}

bool Matching::code_cone(TermId id, Asked& a) const {
  Question& q = a.question;
  if (terms_.is_constant(id) || !a.seen.try_emplace(id, true).second) return true;
  if (const auto cut = cut_at(id, a)) {
    q.cuts.push_back(*cut);
  } else {
    for (const TermId arg : terms_.args(id))
      if (!code_cone(arg, a)) return false;
    q.code_cone.push_back(id);
  }
  return q.code_cone.size() <= most(a.from) && (a.from == kWhole || q.cuts.size() <= 2 * kMostVariables);
}

bool Matching::meaning_cone(TermId id, Asked& a) const {
  Question& q = a.question;
  if (terms_.is_constant(id) || !a.seen.try_emplace(id, true).second) return true;
  const bool is_variable = std::any_of(q.cuts.begin(), q.cuts.end(), [&](const CutTerm& c) {
    const auto instead = instead_.find(c.meaning);
    const bool held = instead != instead_.end() && !a.below->contains(c.meaning);
    return (held ? instead->second : c.meaning) == id;
  });
  if (is_variable || terms_.is(id, Fn::leaf)) {
    q.variables.push_back(id);
  } else {
    for (const TermId arg : terms_.args(id))
      if (!meaning_cone(arg, a)) return false;
    q.meaning_cone.push_back(id);
  }
  return q.meaning_cone.size() <= most(a.from) && (a.from == kWhole || q.variables.size() <= kMostVariables);
}

Match Matching::ask(TermId code, TermId meaning, const Depths& below, unsigned from) {
  Asked a;
  a.below = &below, a.from = from;
  Question& q = a.question;
  q.code = code, q.meaning = meaning, q.to_the_bit = from == kWhole;
  if (!code_cone(code, a)) return {};
  a.seen.clear();
  if (!meaning_cone(meaning, a)) return {};
  // What stands for a value is computed from it, before the rest.
  std::vector<TermId> own;
  own.swap(q.meaning_cone);
  for (const CutTerm& c : q.cuts)
    if (!meaning_cone(c.meaning, a)) return {};
  q.meaning_cone.insert(q.meaning_cone.end(), own.begin(), own.end());
  std::vector<Type> types;
  for (const TermId v : q.variables) types.push_back(terms_.type_of(v));
  const Answer& answer = lemmas_.answer(terms_, q, types);
  if (answer.verdict == Verdict::differs && from == kWhole) {
    difference_ = {{}, answer.code_value, answer.meaning_value};
    for (std::size_t v = 0; v < q.variables.size(); ++v)
      difference_.inputs.push_back({q.variables[v], answer.counterexample[v]});
  }
  if (answer.verdict == Verdict::evaluated && q.variables.size() > kMostVariables) return {};
  return {answer.verdict <= Verdict::evaluated ? std::max(answer.verdict, a.weakest) : answer.verdict, answer.exact};
}

bool Matching::meet(TermId code, TermId meaning, const Depths& below) {
  Match match = ask(code, meaning, below, 1);
  for (const unsigned from : {2u, 3u, kInputs})
    if (match.verdict > Verdict::evaluated) match = ask(code, meaning, below, from);
  if (match.verdict > Verdict::evaluated) return false;
  known_[code].push_back({meaning, match});
  const auto [value, first] = found_.try_emplace(meaning, match);
  if (!first && match.verdict < value->second.verdict) value->second = match;
  return true;
}

void Matching::find(const std::vector<TermId>& wanted, const std::vector<HeldInstead>& instead) {
  sign();
  index();
  for (const HeldInstead& h : instead) instead_[h.held] = h.value;
  std::vector<bool> needed(terms_.size(), false);
  for (const HeldInstead& h : instead) needed[h.held] = true;
  for (const TermId id : wanted) needed[id] = true;
  for (TermId id = static_cast<TermId>(terms_.size()); id-- > 0;)
    if (needed[id] && terms_.is(id, Fn::primitive))
      for (const TermId arg : terms_.args(id)) needed[arg] = true;
  for (TermId id = 0; id < needed.size(); ++id) {
    if (!needed[id] || !terms_.is(id, Fn::primitive)) continue;
    const Type type = terms_.type_of(id);
    const Depths below = depths_below(id);
    for (const int width : {1, 32, 64}) {
      if (!is_mask(type) && width != bits_of(type)) continue;
      const U wanted_key = key(signatures_[id], width, type, false);
      const auto first = std::lower_bound(by_key_.begin(), by_key_.end(), std::pair{wanted_key, TermId{0}});
      for (const bool old : {false, true}) {  // what is no other value yet comes first
        std::size_t failed = 0, same = 0;
        for (auto at = first; at != by_key_.end() && at->first == wanted_key; ++at) {
          if (failed == kMostCandidates || same == kMostSame) break;
          if (known_.contains(at->second) == old) ++(meet(at->second, id, below) ? same : failed);
        }
      }
    }
  }
}

Match Matching::decide(TermId code, TermId meaning) {
  if (code == meaning) return {Verdict::proven, true};
  if (const auto known = known_.find(code); known != known_.end())
    for (const Known& k : known->second)
      if (k.meaning == meaning && k.match.exact) return k.match;
  const Depths below = depths_below(meaning);
  for (const unsigned from : {1u, 2u, 3u}) {
    const Match near = ask(code, meaning, below, from);
    if (near.verdict <= Verdict::evaluated && near.exact) return near;
  }
  const Match whole = ask(code, meaning, below, kWhole);
  return whole.verdict <= Verdict::evaluated || whole.verdict == Verdict::differs ? whole : Match{};
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
