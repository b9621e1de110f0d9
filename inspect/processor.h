// A processor whose registers and memory hold terms: runs generated code for numbers of elements that are known and
// elements that are not.
//
// What decides where the code goes (counts, addresses, masks of tails) is constant, as the number of elements is, and
// is computed on the way; a branch or an address that depends on an element ends the run with a reason. Instructions
// that the generator does not use are not known, and end it, too.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "inspect/decode.h"
#include "inspect/memory.h"
#include "inspect/term.h"

namespace trueno::inspect {

using PredicateTerms = std::array<TermId, 64>;

/// Which lanes an instruction writes; null: all of them.
struct Masking {
  const PredicateTerms* mask = nullptr;
  bool zeroing = false;
};

class Processor {
 public:
  Processor(Terms& terms, Memory& memory, const jit::Code& code, const std::vector<Step>& steps);

  /// Where the code lies, in the addresses of `memory`.
  static constexpr std::uint64_t kCode = 0x10000000;

  void set_register(ZydisRegister reg, std::uint64_t value);
  /// From that offset to the return. Empty: it returned; else why not, with the offset.
  std::string run(std::uint32_t entry);
  /// Per step: was it run?
  const std::vector<bool>& executed() const { return executed_; }

 private:
  using Vector = std::array<TermId, 16>;
  using Mask = PredicateTerms;
  struct Rule;
  friend struct Rules;
  static const Rule* rule_of(ZydisMnemonic mnemonic);

  // processor.cpp: control, general registers
  std::string step(const Step& s, std::uint32_t& at);
  bool general(const Step& s, std::uint32_t& at);
  bool arithmetic(const Step& s);
  bool move_general(const Step& s);
  bool jump(const Step& s, bool taken, std::uint32_t& at);
  bool condition(ZydisMnemonic mnemonic, bool& taken);
  std::optional<std::uint64_t> address(const Step& s, const ZydisDecodedOperand& o);
  std::optional<TermId> read_general(const Step& s, const ZydisDecodedOperand& o);
  bool write_general(const Step& s, const ZydisDecodedOperand& o, TermId value);
  std::optional<TermId> entry_of_table(const Step& s, const ZydisDecodedOperand& o);
  bool fail(std::string why) { return why_ = std::move(why), false; }

  // processor_vector.cpp: vectors
  bool lanes(const Step& s, const Rule& rule);
  bool convert(const Step& s, const Rule& rule);
  bool fused(const Step& s, const Rule& rule);
  bool move(const Step& s, const Rule& rule);
  bool masked_move(const Step& s, const Rule& rule);
  bool spread_lane(const Step& s, const Rule& rule);
  bool arrange(const Step& s, const Rule& rule);
  bool halves(const Step& s, const Rule& rule);
  bool narrow(const Step& s, const Rule& rule);
  bool compare(const Step& s, const Rule& rule);
  bool blend(const Step& s, const Rule& rule);
  bool mask_logic(const Step& s, const Rule& rule);
  bool mask_move(const Step& s, const Rule& rule);
  bool mask_to_bytes(const Step& s, const Rule& rule);
  bool permute(const Step& s, const Rule& rule);
  bool read(const Step& s, const ZydisDecodedOperand& o, unsigned bytes, Vector& out, const Masking& masking = {},
            int lane = 32);
  bool write(const Step& s, const ZydisDecodedOperand& o, const Vector& value, unsigned bytes,
             const Masking& masking = {}, int lane = 32);
  bool write_bytes(std::uint64_t at, const Vector& value, unsigned bytes, const Masking& masking, int lane);
  Masking masking(const Step& s) const;
  TermId lane(const Vector& v, int width, unsigned i) {
    return width == 32 ? v[i] : terms_.make(Fn::join, 64, {v[2 * i], v[2 * i + 1]});
  }
  void set_lane(Vector& v, int width, unsigned i, TermId value) {
    if (width == 32) {
      v[i] = value;
    } else {
      v[2 * i] = terms_.make(Fn::low, 32, {value});
      v[2 * i + 1] = terms_.make(Fn::high, 32, {value});
    }
  }

  Terms& terms_;
  Memory& memory_;
  const jit::Code& code_;
  const std::vector<Step>& steps_;
  std::vector<std::uint32_t> step_at_;  // per offset of the code: the step that begins there, or ~0
  std::vector<bool> executed_;
  std::array<TermId, 16> general_{};
  std::array<Vector, 32> vectors_{};
  std::array<Mask, 8> masks_{};
  struct Flags {
    bool known = false, zero = false, sign = false, overflow = false, carry = false;
  } flags_;
  TermId zero_ = 0;
  std::string why_;
};

}  // namespace trueno::inspect
