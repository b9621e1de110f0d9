// What is known of the machine before an instruction, whichever way it was reached.
//
// Registers hold numbers over symbols (linear.h); beside them stand the facts about these symbols. A state means all
// machines for which the symbols can be given values that make it true, so that symbols are names within a state, and
// where paths meet, a register that differs gets a new one.
#pragma once

#include <array>
#include <vector>

#include "inspect/facts.h"

namespace trueno::inspect {

inline constexpr unsigned kRax = 0, kRcx = 1, kRdx = 2, kRbx = 3, kRsp = 4, kRbp = 5, kRsi = 6, kRdi = 7, kR8 = 8,
                          kGeneral = 16;
/// Opmasks follow the vector registers.
inline constexpr unsigned kVectors = 32, kFirstMask = kVectors, kMaskable = kVectors + 8;

struct Value {
  enum Kind : std::uint8_t {
    number,
    bits,     ///< bit i is set only if i < e
    counter,  ///< the number of its bits that are set is e
  };
  enum Parity : std::uint8_t { either, even, odd };
  Linear e;  ///< not known: nothing is
  Kind kind = number;
  Parity parity = either;  ///< of a counter

  bool is_number() const { return kind == number && e.known(); }
  friend bool operator==(const Value&, const Value&) = default;
};

/// Lanes of a register that may be set: lane i only if i < limit, by the bytes of a lane: 4, 8. Opmasks: both the same.
struct Lanes {
  unsigned reg = 0;
  Linear limit[2];
  friend bool operator==(const Lanes& a, const Lanes& b) {
    return a.reg == b.reg && a.limit[0] == b.limit[0] && a.limit[1] == b.limit[1];
  }
};

/// What the last instruction that set flags compared.
struct Flags {
  enum Kind : std::uint8_t {
    nothing,
    compared,  ///< a with b
    result,    ///< zero if a is
    low_bits,  ///< zero if `modulus` divides a; of a counter: if its lowest bit is clear
  };
  Kind kind = nothing;
  bool counter = false;
  Linear a, b;
  std::int64_t modulus = 0;
  friend bool operator==(const Flags&, const Flags&) = default;
};

/// Something stored on the stack and not overwritten since.
struct Cell {
  Linear at;
  std::uint32_t bytes = 0;
  Value value;
  Lanes lanes;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct State {
  std::array<Value, kGeneral> gp;
  std::vector<Lanes> lanes;  ///< of registers of which anything is known
  std::vector<Cell> cells;
  Flags flags;
  Linear saved;               ///< nothing may be stored from there on up: what was pushed, then the caller's
  Linear blocks[2];           ///< bits set in the merge stack's counters, as last read
  bool dirty_uppers = false;  ///< of ymm0 to 15
  std::vector<Fact> facts;
  friend bool operator==(const State&, const State&) = default;

  const Lanes* lanes_of(unsigned reg) const;
  void set_lanes(unsigned reg, const Linear& limit4, const Linear& limit8);
  void forget_lanes(unsigned reg);
  /// Writes a fact down, in the place of one that says less.
  void learn(Fact fact);
  /// Writes it down beside those that say more or less.
  void offer(Fact fact);
};

/// The symbols of one entry to the code, and what always holds of them.
struct World {
  Symbols symbols;
  std::vector<Fact> axioms;
  std::vector<Symbol> bases;   ///< addresses: of arrays, of the stack, ...
  std::vector<Symbol> frames;  ///< addresses too: of the stack, rounded down

  Prover prover(const State& s) const { return {symbols, axioms, s.facts}; }
  bool is_base(Symbol symbol) const;
  /// The base that an address counts from; unknown if it counts from none, or two.
  Linear base_of(const Linear& address) const;
  Linear joined(std::uint32_t where, unsigned reg);
  /// Does it mean something else when paths have met there again?
  bool names_joined(const Linear& e, std::uint32_t where) const;
  void forget_joined(State& s, std::uint32_t where) const;
  /// A number of which nothing is known but what the caller adds. What the state knew of the one before is forgotten.
  Linear fresh(State& s, std::uint32_t where, unsigned reg);
  /// A branch that is taken only if this holds. False: it never is.
  bool assume(State& s, const Fact& fact);
};

/// The state at the top of a loop which changes the registers in `changed`, when it is first reached by `s`: those
/// become symbols; all that may be worth to know of them is written down as facts, of which `narrow` leaves what stays
/// true.
State enter_loop(World& world, const State& s, std::uint32_t where, std::uint32_t changed);
/// Leaves in `top` what is also true of `s`, which has come to the same place.
void narrow(World& world, State& top, const State& s, std::uint32_t where);
/// What is true of both.
State join(World& world, const State& a, const State& b, std::uint32_t where);
/// Forgets facts about symbols that nothing holds any more.
void prune(const World& world, State& s);
/// Forgets facts that follow from others about the same symbols and older ones, which will be known for longer.
void reduce(const World& world, State& s);

}  // namespace trueno::inspect
