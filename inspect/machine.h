// What instructions do to a state.
#pragma once

#include <span>
#include <vector>

#include "inspect/flow.h"
#include "inspect/ground.h"

namespace trueno::inspect {

/// A load or a store.
struct Access {
  const ZydisDecodedOperand* operand = nullptr;
  Linear address;
  std::uint32_t bytes = 0;
  bool read = false, write = false;
  bool masked = false;
  std::uint32_t lane_bytes = 0;  ///< of a masked one
  Linear limit;                  ///< of a masked one: lanes from there on are not touched; may be unknown
};

class Machine {
 public:
  explicit Machine(Ground& ground) : ground_(ground) {}

  /// Makes of the state before a step the one behind it.
  void run(const Step& step, State& s);
  /// Makes of the state behind a jump that of one of its ways. False: it is never gone.
  bool follow(const Step& jump, bool taken, State& s);

  /// What it loads and stores, but for what push, pop and ret do to the stack.
  std::vector<Access> accesses(const Step& step, const State& s) const;
  Linear address(const Step& step, const ZydisDecodedOperand& operand, const State& s) const;
  /// The value of an operand as 64 bits, without loading it.
  Value value(const ZydisDecodedOperand& operand, const State& s) const;

 private:
  void run_vector(const Step& step, State& s);
  void forget_written(const Step& step, State& s);
  void store(const Step& step, State& s);
  Value load(const Step& step, const Linear& address, std::uint32_t bytes, State& s);
  Value load_header(const Step& step, std::int64_t word, State& s);
  Value operand_value(const Step& step, int index, State& s);
  Value computed(const Step& step, State& s, Flags& flags);
  Value arithmetic(const Step& step, State& s, Flags& flags);
  Value logic(const Step& step, State& s, Flags& flags);
  Value shifted(const Value& v, std::int64_t count, State& s);
  Value low_bits(const Step& step, const Value& v, std::int64_t modulus, State& s);
  Value narrowed(const Step& step, const Value& v, State& s);
  Value conditional(const Step& step, State& s);
  Linear smaller(const Linear& a, const Linear& b, State& s);
  void compare(const Step& step, State& s, Flags& flags);
  bool follow_low_bits(const Flags& f, bool clear, State& s);
  void window(const Step& step, const Access& access, State& s);

  Ground& ground_;
};

/// Opmasks and vector registers as Lanes has them; ~0u for others.
unsigned maskable_register(ZydisRegister reg);

}  // namespace trueno::inspect
