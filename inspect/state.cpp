// See state.h.
#include "inspect/state.h"

namespace trueno::inspect {

const Lanes* State::lanes_of(unsigned reg) const {
  const auto at = std::find_if(lanes.begin(), lanes.end(), [&](const Lanes& l) { return l.reg == reg; });
  return at == lanes.end() ? nullptr : &*at;
}

void State::forget_lanes(unsigned reg) {
  std::erase_if(lanes, [&](const Lanes& l) { return l.reg == reg; });
}

void State::set_lanes(unsigned reg, const Linear& limit4, const Linear& limit8) {
  forget_lanes(reg);
  if (limit4.known() || limit8.known()) lanes.push_back({reg, {limit4, limit8}});
}

namespace {

/// False: it says nothing.
bool normalize(Fact& fact) {
  if (!fact.e.known() || fact.e.is_constant()) return false;
  const std::int64_t divisor = fact.e.divisor();
  if (fact.kind == Fact::not_negative && divisor > 1) fact.e = fact.e.divided(divisor);
  return true;
}

}  // namespace

void State::learn(Fact fact) {
  if (!normalize(fact)) return;
  for (Fact& f : facts)
    if (f.kind == fact.kind && f.modulus == fact.modulus && f.e.parallel(fact.e)) {
      if (fact.kind == Fact::not_negative) f.e.constant = std::min(f.e.constant, fact.e.constant);
      if (f.e == fact.e) return;
    }
  facts.push_back(std::move(fact));
}

void State::offer(Fact fact) {
  if (normalize(fact) && std::find(facts.begin(), facts.end(), fact) == facts.end()) facts.push_back(std::move(fact));
}

bool World::is_base(Symbol symbol) const {
  return std::find(bases.begin(), bases.end(), symbol) != bases.end() ||
         std::find(frames.begin(), frames.end(), symbol) != frames.end();
}

Linear World::base_of(const Linear& address) const {
  Linear base;
  for (const Linear::Term& t : address) {
    if (!is_base(t.symbol)) continue;
    if (base.known() || t.factor != 1) return {};
    base = Linear::of(t.symbol);
  }
  return base;
}

Linear World::joined(std::uint32_t where, unsigned reg) {
  return Linear::of(symbols.get({Symbols::Kind::joined, where, reg, 0, {0}, {0}}));
}

namespace {

/// Registers, facts and all else that would mean something else if such symbols did.
template <class Is>
void forget(const World& world, State& s, const Is& is) {
  const auto gone = [&](const Linear& e) { return e.known() && world.symbols.depends(e, is); };
  for (Value& v : s.gp)
    if (gone(v.e)) v = {};
  std::erase_if(s.facts, [&](const Fact& f) { return gone(f.e); });
  std::erase_if(s.lanes, [&](const Lanes& l) { return gone(l.limit[0]) || gone(l.limit[1]); });
  std::erase_if(s.cells, [&](const Cell& c) {
    return gone(c.at) || gone(c.value.e) || gone(c.lanes.limit[0]) || gone(c.lanes.limit[1]);
  });
  if (gone(s.flags.a) || gone(s.flags.b)) s.flags = {};
  for (Linear* e : {&s.saved, &s.blocks[0], &s.blocks[1]})
    if (gone(*e)) *e = {};
}

}  // namespace

bool World::names_joined(const Linear& e, std::uint32_t where) const {
  return e.known() && symbols.depends(e, [&](Symbol s) {
    return symbols[s].kind == Symbols::Kind::joined && symbols[s].where == where;
  });
}

void World::forget_joined(State& s, std::uint32_t where) const {
  forget(*this, s, [&](Symbol symbol) {
    return symbols[symbol].kind == Symbols::Kind::joined && symbols[symbol].where == where;
  });
}

Linear World::fresh(State& s, std::uint32_t where, unsigned reg) {
  const Symbol symbol = symbols.get({Symbols::Kind::fresh, where, reg, 0, {0}, {0}});
  forget(*this, s, [&](Symbol other) { return other == symbol; });
  return Linear::of(symbol);
}

bool World::assume(State& s, const Fact& fact) {
  if (!fact.e.known()) return true;
  Prover p = prover(s);
  if (fact.kind == Fact::not_negative && p.not_negative(-fact.e - 1)) return false;
  if (fact.kind == Fact::zero && (p.not_negative(fact.e - 1) || p.not_negative(-fact.e - 1))) return false;
  if (fact.kind == Fact::multiple) {
    if (const auto r = p.residue(fact.e, fact.modulus); r && *r != 0) return false;
  }
  s.learn(fact.kind == Fact::not_negative ? Fact{p.tightened(fact.e), fact.kind} : fact);
  if (fact.kind == Fact::multiple) return true;
  for (Symbol m = 0; m < symbols.size(); ++m) {  // below one of two, the smaller is the other
    const Symbols::Definition& d = symbols[m];
    if (d.kind != Symbols::Kind::minimum) continue;
    const bool mentioned = std::any_of(s.gp.begin(), s.gp.end(), [&](const Value& v) { return v.e.mentions(m); }) ||
                           std::any_of(s.facts.begin(), s.facts.end(), [&](const Fact& f) { return f.e.mentions(m); });
    if (!mentioned) continue;
    const auto learn_if_below = [&](const Linear& one, const Linear& other) {
      if (prover(s).not_negative(one - Linear::of(m) - 1)) s.learn({Linear::of(m) - other, Fact::zero});
    };
    learn_if_below(d.other, d.of);
    learn_if_below(d.of, d.other);
  }
  return true;
}

void prune(const World& world, State& s) {
  std::vector<bool> live(world.symbols.size(), false);
  const auto visit = [&](const auto& self, const Linear& e) -> void {
    for (const Linear::Term& t : e) {
      if (live[t.symbol]) continue;
      live[t.symbol] = true;
      self(self, world.symbols[t.symbol].of);
      self(self, world.symbols[t.symbol].other);
    }
  };
  for (const Fact& f : world.axioms) visit(visit, f.e);
  for (const Value& v : s.gp) visit(visit, v.e);
  for (const Lanes& l : s.lanes) visit(visit, l.limit[0]), visit(visit, l.limit[1]);
  for (const Cell& c : s.cells) {
    for (const Linear* e : {&c.at, &c.value.e, &c.lanes.limit[0], &c.lanes.limit[1]}) visit(visit, *e);
  }
  for (const Linear* e : {&s.flags.a, &s.flags.b, &s.saved, &s.blocks[0], &s.blocks[1]}) visit(visit, *e);
  // What is computed from what is held can be computed again.
  const auto held = [&](const auto& self, Symbol symbol) -> bool {
    const Symbols::Definition& d = world.symbols[symbol];
    const auto all = [&](const Linear& e) {
      return std::all_of(e.begin(), e.end(), [&](const Linear::Term& t) { return self(self, t.symbol); });
    };
    return live[symbol] || (d.kind >= Symbols::Kind::low_bits && all(d.of) && all(d.other));
  };
  std::erase_if(s.facts, [&](const Fact& f) {
    return !std::all_of(f.e.begin(), f.e.end(), [&](const Linear::Term& t) { return held(held, t.symbol); });
  });
}

void reduce(const World& world, State& s) {
  constexpr int kEffort = 40;
  for (std::size_t i = s.facts.size(); i-- > 0;) {
    const Fact fact = s.facts[i];
    std::vector<Fact> others;
    for (std::size_t j = 0; j < s.facts.size(); ++j)
      if (j != i && s.facts[j].e.newest().symbol <= fact.e.newest().symbol) others.push_back(s.facts[j]);
    const bool follows =
        fact.kind == Fact::not_negative
            ? Prover(world.symbols, world.axioms, others, kEffort).least(fact.e, 0) >= 0
            : fact.kind == Fact::multiple && std::any_of(others.begin(), others.end(), [&](const Fact& f) {
                return f.kind == Fact::multiple && f.modulus % fact.modulus == 0 && f.e.parallel(fact.e) &&
                       (f.e.constant - fact.e.constant) % fact.modulus == 0;
              });
    if (follows) s.facts.erase(s.facts.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace trueno::inspect
