// See facts.h.
#include "inspect/facts.h"

#include <fmt/format.h>

namespace trueno::inspect {

namespace {

constexpr int kDepth = 8;  // facts in a row: twice what proofs were seen to need
constexpr std::int64_t kFits = std::int64_t{1} << 62;

std::int64_t modulo(std::int64_t a, std::int64_t m) { return (a % m + m) % m; }

}  // namespace

std::size_t Symbols::Hash::operator()(const Definition& d) const {
  std::size_t h = static_cast<std::size_t>(d.kind) * 31 + d.where * 1000003u + d.reg * 257u +
                  static_cast<std::size_t>(d.imm) * 7919u;
  for (const Linear* e : {&d.of, &d.other}) {
    h = h * 1099511628211u + static_cast<std::size_t>(e->constant);
    for (const Linear::Term& t : *e) h = (h ^ t.symbol) * 1099511628211u + static_cast<std::size_t>(t.factor);
  }
  return h;
}

Symbol Symbols::given(std::string name) {
  const auto symbol = static_cast<Symbol>(definitions_.size());
  definitions_.push_back({});
  names_.resize(definitions_.size());
  names_[symbol] = std::move(name);
  return symbol;
}

Symbol Symbols::get(const Definition& definition) {
  const auto [at, added] = known_.try_emplace(definition, static_cast<Symbol>(definitions_.size()));
  if (added) definitions_.push_back(definition);
  return at->second;
}

std::string Symbols::name(Symbol symbol) const {
  static constexpr const char* kRegisters[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                               "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
  const Definition& d = definitions_[symbol];
  switch (d.kind) {
    case Kind::given: return names_[symbol];
    case Kind::joined:
    case Kind::fresh: return fmt::format("{}@{:x}", kRegisters[d.reg & 15], d.where);
    case Kind::low_bits: return fmt::format("(({}) & {:#x})", text(d.of), d.imm - 1);
    case Kind::aligned: return fmt::format("(({}) & -{})", text(d.of), d.imm);
    case Kind::shifted: return fmt::format("(({}) >> {})", text(d.of), d.imm);
    case Kind::minimum: return fmt::format("min({}, {})", text(d.of), text(d.other));
  }
  return "?";
}

std::string Symbols::text(const Linear& e) const {
  if (!e.known()) return "an unknown address";
  std::string out;
  for (const Linear::Term& t : e) {
    const bool negative = t.factor < 0;
    out += out.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
    const std::int64_t size = negative ? -t.factor : t.factor;
    if (size != 1) out += fmt::format("{}*", size);
    out += name(t.symbol);
  }
  if (out.empty()) return std::to_string(e.constant);
  if (e.constant != 0)
    out += fmt::format(" {} {}", e.constant < 0 ? '-' : '+', e.constant < 0 ? -e.constant : e.constant);
  return out;
}

/// The newest symbol of `e` has to go: each fact that has it is tried. All proofs of this kind can be put in that
/// order. What was found for other numbers of the same symbols is remembered, as many ways lead to the same.
std::int64_t Prover::search(const Linear& e, std::int64_t enough, int depth) {
  if (!e.known()) return kNone;
  if (e.is_constant()) return e.constant;
  const auto seen = std::find_if(seen_.begin(), seen_.end(), [&](const Seen& s) { return s.e.parallel(e); });
  if (seen != seen_.end()) return seen->best == kNone ? kNone : seen->best - seen->e.constant + e.constant;
  if (depth == 0 || static_cast<int>(seen_.size()) == effort_) return kNone;
  const std::size_t here = seen_.size();
  seen_.push_back({e, kNone});  // what leads back here proves nothing
  const Linear::Term t = e.newest();
  std::int64_t best = kNone;
  if (const auto& d = symbols_[t.symbol]; d.kind == Symbols::Kind::minimum && t.factor > 0)
    best = std::min(search(e.with(t.symbol, d.of), enough, depth - 1),
                    search(e.with(t.symbol, d.other), enough, depth - 1));
  for (const auto& list : known_)
    for (const Fact& f : list) {
      if (best >= enough) break;
      if (f.kind == Fact::multiple) continue;
      const std::int64_t factor = f.e.factor(t.symbol);
      if (factor == 0 || t.factor % factor != 0) continue;
      const std::int64_t times = t.factor / factor;
      if (times > 0 || f.kind == Fact::zero) best = std::max(best, search(e.plus(f.e, -times), enough, depth - 1));
    }
  return seen_[here].best = best;
}

std::int64_t Prover::least(const Linear& e, std::int64_t enough) {
  seen_.clear();
  return search(e, enough, kDepth);
}

/// Where it is known what e leaves when divided, being above -3 may mean being above 0.
bool Prover::not_negative(const Linear& e) {
  const std::int64_t bound = least(e, 0);
  if (bound >= 0) return true;
  if (bound == kNone) return false;
  const auto helps = [&](std::int64_t m) {
    if (m <= -bound) return false;
    const auto r = residue(e, m);
    return r && bound > *r - m;
  };
  for (std::int64_t m = 64; m > 1; m /= 2)
    if (helps(m)) return true;
  for (const auto& list : known_)
    for (const Fact& f : list)
      if (f.kind == Fact::multiple && helps(f.modulus)) return true;
  return false;
}

std::optional<std::int64_t> Prover::search_residue(Linear e, std::int64_t m, int depth) {
  if (!e.known()) return std::nullopt;
  Linear reduced(modulo(e.constant, m));
  for (const Linear::Term& t : e)
    if (modulo(t.factor, m) != 0) reduced = reduced + Linear::of(t.symbol) * t.factor;
  if (reduced.is_constant()) return reduced.constant;
  if (!reduced.known() || depth == 0 || static_cast<int>(seen_.size()) == effort_) return std::nullopt;
  if (std::any_of(seen_.begin(), seen_.end(), [&](const Seen& s) { return s.e == reduced; })) return std::nullopt;
  seen_.push_back({reduced, kNone});
  const Linear::Term t = reduced.newest();
  for (const auto& list : known_)
    for (const Fact& f : list) {
      if (f.kind == Fact::not_negative) continue;
      const std::int64_t factor = f.e.factor(t.symbol);
      if (factor == 0 || t.factor % factor != 0) continue;
      const std::int64_t times = t.factor / factor;
      if (f.kind == Fact::multiple && modulo(times * (f.modulus % m), m) != 0) continue;
      if (const auto r = search_residue(reduced.plus(f.e, -times), m, depth - 1)) return r;
    }
  return std::nullopt;
}

std::optional<std::int64_t> Prover::residue(const Linear& e, std::int64_t m) {
  seen_.clear();
  return search_residue(e, m, kDepth);
}

Linear Prover::tightened(const Linear& e) {
  std::int64_t most = 0;
  for (const auto& list : known_)
    for (const Fact& f : list)
      if (f.kind == Fact::multiple) most = std::max(most, residue(e, f.modulus).value_or(0));
  return e - most;
}

bool Prover::holds(const Fact& f) {
  if (f.kind == Fact::multiple) return residue(f.e, f.modulus) == 0;
  if (f.kind == Fact::not_negative) return least(f.e, 0) >= 0;
  return least(f.e, 0) >= 0 && least(-f.e, 0) >= 0;
}

bool Prover::fits(const Linear& e) { return least(e, -kFits) >= -kFits && least(-e, -kFits) >= -kFits; }

}  // namespace trueno::inspect
