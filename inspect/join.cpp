// Where paths meet; see state.h. Facts then are those of either that hold on both, once registers that differ are
// called by a new symbol; and of each new symbol how far it is from other numbers at least, on both.
#include "inspect/state.h"

namespace trueno::inspect {

namespace {

constexpr std::int64_t kLongestAlignment = 64;

/// A register that has a new name: what it was before, counted from the base it has in common.
struct Renamed {
  unsigned reg;
  Linear name, before;
};

/// Facts as they read under new names: where a symbol can be expressed by a new one, also that way.
std::vector<Fact> under_new_names(const World& world, const State& s, const std::vector<Renamed>& renamed) {
  constexpr std::size_t kMost = 160;
  State out;
  out.facts = s.facts;
  for (const Renamed& r : renamed) {
    if (!r.before.known()) continue;
    const Linear difference = r.name - r.before;
    for (const Linear::Term& t : r.before) {
      if ((t.factor != 1 && t.factor != -1) || world.is_base(t.symbol)) continue;
      // name = before = factor * symbol + rest
      const Linear rest = r.before - Linear::of(t.symbol) * t.factor;
      const Linear instead = (r.name - rest) * t.factor;
      const std::size_t count = out.facts.size();
      for (std::size_t i = 0; i < count && out.facts.size() < kMost; ++i)
        if (out.facts[i].e.mentions(t.symbol))
          out.learn({out.facts[i].e.with(t.symbol, instead), out.facts[i].kind, out.facts[i].modulus});
    }
    out.learn({difference, Fact::zero});
    out.learn({difference, Fact::not_negative});
    out.learn({-difference, Fact::not_negative});
  }
  return out.facts;
}

Linear in_old_names(const Linear& e, const std::vector<Renamed>& renamed) {
  Linear out = e;
  for (const Renamed& r : renamed) out = out - r.name * e.factor(r.name.newest().symbol);
  for (const Renamed& r : renamed)
    if (const std::int64_t factor = e.factor(r.name.newest().symbol); factor != 0) out = out.plus(r.before, factor);
  return out;
}

void keep_what_holds(const World& world, std::vector<Fact>& facts, const State& s,
                     const std::vector<Renamed>& renamed) {
  Prover p = world.prover(s);
  std::erase_if(facts, [&](const Fact& f) {
    const Fact before{in_old_names(f.e, renamed), f.kind, f.modulus};
    const bool same = std::find(s.facts.begin(), s.facts.end(), before) != s.facts.end();
    return !before.e.known() || !(same || p.holds(before));
  });
}

/// Numbers that new names may usefully be held against: 0, the ends of the range, what registers hold.
std::vector<Linear> landmarks(const World& world, const State& s) {
  std::vector<Linear> out = {Linear(0)};
  const auto add = [&](const Linear& e) {
    const bool address =
        std::any_of(e.begin(), e.end(), [&](const Linear::Term& t) { return world.is_base(t.symbol); });
    if (!address && std::find(out.begin(), out.end(), e) == out.end()) out.push_back(e);
  };
  for (const Fact& f : world.axioms)
    for (const Linear::Term& t : f.e) add(Linear::of(t.symbol));
  for (const Value& v : s.gp)
    if (v.is_number() && !v.e.is_constant()) add(v.e);
  return out;
}

/// Calls found(r.name - landmark or its negative) where that may be worth to know a bound of.
template <class Found>
void each_distance(const World& world, const State& s, const std::vector<Renamed>& renamed, const Found& found) {
  const std::vector<Linear> marks = landmarks(world, s);
  for (const Renamed& r : renamed) {
    const bool plain = s.gp[r.reg].is_number() && s.gp[r.reg].e == r.name;
    for (std::size_t i = 0; i < (plain ? marks.size() : 1); ++i) {
      if (marks[i] == r.name) continue;
      found(r.name - marks[i]);
      found(marks[i] - r.name);
    }
  }
}

/// A bound that only says how much memory there can be says nothing.
bool says_something(std::int64_t bound) { return bound > -(std::int64_t{1} << 41); }

/// Those that both states have alike are all that may stay.
template <class T>
void keep_common(std::vector<T>& list, const std::vector<T>& other) {
  std::erase_if(list, [&](const T& t) { return std::find(other.begin(), other.end(), t) == other.end(); });
}

void meet_others(State& top, const State& s) {
  keep_common(top.lanes, s.lanes);
  keep_common(top.cells, s.cells);
  if (!(top.flags == s.flags)) top.flags = {};
  for (auto [mine, its] : {std::pair(&top.saved, &s.saved), std::pair(&top.blocks[0], &s.blocks[0]),
                           std::pair(&top.blocks[1], &s.blocks[1])})
    if (!(*mine == *its)) *mine = {};
  top.dirty_uppers = top.dirty_uppers || s.dirty_uppers;
}

/// What `value` holds beyond `base`, for a register whose new value is base + a new symbol; unknown if it does not fit.
Linear beyond(const World& world, const Value& value, const Linear& base) {
  if (!value.e.known()) return {};
  const Linear own = world.base_of(value.e);
  if (!base.known()) return own.known() ? Linear() : value.e;
  return own == base ? value.e - base : Linear();
}

}  // namespace

State enter_loop(World& world, const State& s, std::uint32_t where, std::uint32_t changed) {
  State top = s;
  world.forget_joined(top, where);
  top.flags = {};
  const State before = top;
  std::vector<Renamed> renamed;
  for (unsigned reg = 0; reg < kGeneral; ++reg) {
    Value& v = top.gp[reg];
    if ((changed >> reg & 1) == 0 || !v.e.known()) continue;
    if (reg == kRsp) continue;  // never changes for good within a loop
    const Linear base = world.base_of(v.e), name = world.joined(where, reg);
    renamed.push_back({reg, name, base.known() ? v.e - base : v.e});
    v.e = base.known() ? base + name : name;
    v.parity = Value::either;
  }
  top.facts = under_new_names(world, before, renamed);
  Prover p = world.prover(before);
  each_distance(world, top, renamed, [&](const Linear& distance) {
    const std::int64_t bound = p.least(in_old_names(distance, renamed));
    if (!says_something(bound)) return;
    top.offer({distance - bound, Fact::not_negative});
    if (bound > 0) top.offer({distance, Fact::not_negative});
  });
  for (const Renamed& r : renamed)
    for (std::int64_t m = kLongestAlignment; m > 1 && top.gp[r.reg].is_number(); m /= 2)
      if (const auto rest = p.residue(r.before, m)) top.offer({r.name - *rest, Fact::multiple, m});
  prune(world, top);
  return top;
}

void narrow(World& world, State& top, const State& s, std::uint32_t where) {
  std::vector<Renamed> renamed;
  for (unsigned reg = 0; reg < kGeneral; ++reg) {
    Value& mine = top.gp[reg];
    const Value& its = s.gp[reg];
    const Linear name = world.joined(where, reg);
    const bool is_named = mine.e.known() && mine.e.mentions(name.newest().symbol);
    if (!is_named) {
      if (!(mine == its) || world.names_joined(its.e, where)) mine = {};
      continue;
    }
    const Linear before = mine.kind == its.kind ? beyond(world, its, world.base_of(mine.e)) : Linear();
    if (!before.known()) mine = {};
    if (mine.parity != its.parity) mine.parity = Value::either;
    renamed.push_back({reg, name, before});
  }
  keep_what_holds(world, top.facts, s, renamed);
  State its = s;
  world.forget_joined(its, where);
  meet_others(top, its);
}

State join(World& world, const State& one, const State& two, std::uint32_t where) {
  State a = one, b = two;
  world.forget_joined(a, where);
  world.forget_joined(b, where);
  State out = a;
  std::vector<Renamed> in_a, in_b;
  Prover pa = world.prover(a), pb = world.prover(b);
  for (unsigned reg = 0; reg < kGeneral; ++reg) {
    Value& v = out.gp[reg];
    const Value& w = b.gp[reg];
    if (v == w) continue;
    if (v.kind != w.kind || !v.e.known() || !w.e.known()) {
      v = {};
      continue;
    }
    if (v.parity != w.parity) v.parity = Value::either;
    if (pb.zero(v.e - w.e)) continue;
    if (pa.zero(v.e - w.e)) {
      v.e = w.e;
      continue;
    }
    const Linear base = world.base_of(v.e), name = world.joined(where, reg);
    const Linear before = beyond(world, v, base), its = beyond(world, w, base);
    if (!its.known()) {
      v = {};
      continue;
    }
    in_a.push_back({reg, name, before});
    in_b.push_back({reg, name, its});
    v.e = base.known() ? base + name : name;
  }
  std::vector<Fact> facts = under_new_names(world, a, in_a), others = under_new_names(world, b, in_b);
  keep_what_holds(world, facts, b, in_b);
  keep_what_holds(world, others, a, in_a);
  out.facts = std::move(facts);
  for (const Fact& f : others) out.learn(f);
  each_distance(world, out, in_a, [&](const Linear& distance) {
    const bool bounded = std::any_of(out.facts.begin(), out.facts.end(), [&](const Fact& f) {
      return f.kind == Fact::not_negative && f.e.parallel(distance);
    });
    if (bounded) return;
    const std::int64_t bound = std::min(pa.least(in_old_names(distance, in_a)), pb.least(in_old_names(distance, in_b)));
    if (says_something(bound)) out.learn({distance - bound, Fact::not_negative});
  });
  for (std::size_t i = 0; i < in_a.size(); ++i)
    for (std::int64_t m = kLongestAlignment; m > 1 && out.gp[in_a[i].reg].is_number(); m /= 2) {
      const auto rest = pa.residue(in_a[i].before, m);
      if (!rest || rest != pb.residue(in_b[i].before, m)) continue;
      out.learn({in_a[i].name - *rest, Fact::multiple, m});
      break;
    }
  meet_others(out, b);
  prune(world, out);
  return out;
}

}  // namespace trueno::inspect
