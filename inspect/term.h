// Terms: what a lane holds, as a function of what the kernel was given.
//
// Generated code is executed on terms in place of numbers (processor.h), and the IR is written as terms
// (specification.h): both over the same leaves, so that the two can be compared (lemma.h). A term is a function of
// earlier terms; equal terms are one. Registers are rows of 32-bit terms; what is 64 bits wide is put together and
// taken apart by `join`, `low` and `high`, which undo each other. Each function has one meaning on bits (`value_of`),
// that of the instruction set for a lane, written here in plain C++ and not taken from the generator.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/kernel.h"

namespace trueno::inspect {

using TermId = std::uint32_t;

enum class Fn : std::uint8_t {
  leaf,       // imm: which; from: its type
  constant,   // imm: its bits
  primitive,  // of the IR; imm: which (Terms::primitives)
  // parts of words
  low,
  high,
  join,   // 64 bits to 32 and back
  byte,   // imm: which of the operand's
  bytes,  // 4 bytes as a word, 8 bits as a byte
  half,
  halves,  // 16 bits of a word; imm: which
  bit,     // imm: which
  spread,  // one bit in all places
  zero_extend,
  sign_extend,
  pack,    // signed saturation to half the width
  choose,  // bit ? second : third
  pick,    // entry of the others, by the first
  // bits
  bit_and,
  bit_or,
  bit_xor,
  bit_andnot,  // the last: not a, and b
  // integers
  add,
  sub,
  mul,
  mul_wide,
  abs,
  min,
  max,
  compare,  // mul_wide: unsigned; compare: imm as in vpcmp
  shift_left,
  shift_right,
  shift_sign,  // imm: the count, or a second operand
  // floats
  f_add,
  f_sub,
  f_mul,
  f_div,
  f_sqrt,
  f_min,
  f_max,      // min and max: the second if either is NaN or both are zeros
  f_fma,      // imm: 1 negated product, 2 negated addend
  f_compare,  // imm: as in vcmp
  f_round,
  f_range,
  f_scale,
  f_exponent,
  f_mantissa,  // imm: as in the instructions
  f_convert,
  f_from_int,
  f_to_int,  // to_int truncates; beyond: the smallest
};

struct Term {
  Fn fn = Fn::constant;
  std::uint8_t width = 32;  ///< bits
  std::uint8_t from = 0;    ///< bits of its operands, where the meaning depends on it
  std::uint16_t arity = 0;
  std::uint32_t first = 0;  ///< of its operands, in Terms' list
  std::uint64_t imm = 0;
};

/// A primitive of the IR with the types of its operands: a kernel of one node that is not a parameter.
struct PrimitiveMeaning {
  ir::Kernel kernel;
  ir::NodeId node = ir::kNoNode;
  std::string key;  ///< equal for equal meanings, in any kernel
  Type type() const { return kernel[node].type; }
  Type operand(int i) const { return kernel[kernel[node].args[i]].type; }
};

class Terms {
 public:
  TermId leaf(Type type) {
    return make({Fn::leaf, static_cast<std::uint8_t>(bits_of(type)), static_cast<std::uint8_t>(type), 0, 0, leaves_++},
                {});
  }
  TermId constant(std::uint8_t width, std::uint64_t bits);
  /// Simplified where that is a matter of form; folded if all operands are constants.
  TermId make(Fn fn, int width, std::initializer_list<TermId> args, std::uint64_t imm = 0, int from = 0) {
    return simplified({fn, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(from), 0, 0, imm},
                      {args.begin(), args.size()});
  }
  TermId make(Fn fn, int width, std::span<const TermId> args, std::uint64_t imm = 0, int from = 0) {
    return simplified({fn, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(from), 0, 0, imm}, args);
  }
  /// A node of the IR on terms of its operands (masks are of one bit).
  TermId primitive(const ir::Kernel& kernel, const ir::Node& node, std::span<const TermId> args);

  const Term& operator[](TermId id) const { return terms_[id]; }
  std::span<const TermId> args(TermId id) const { return {args_.data() + terms_[id].first, terms_[id].arity}; }
  TermId arg(TermId id, std::size_t i) const { return args_[terms_[id].first + i]; }
  bool is(TermId id, Fn fn) const { return terms_[id].fn == fn; }
  bool is_constant(TermId id) const { return is(id, Fn::constant); }
  std::uint64_t imm(TermId id) const { return terms_[id].imm; }
  std::size_t size() const { return terms_.size(); }
  std::size_t leaves() const { return leaves_; }
  const PrimitiveMeaning& primitive_of(TermId id) const { return primitives_[terms_[id].imm]; }
  /// Of a leaf or a primitive's value.
  Type type_of(TermId id) const {
    return is(id, Fn::leaf) ? static_cast<Type>(terms_[id].from) : primitive_of(id).type();
  }

  /// What it is worth if its operands are worth `args`.
  std::uint64_t value_of(const Term& term, const std::uint64_t* args) const;

  /// Where the instruction begins that terms made from now on come from.
  void set_origin(std::uint32_t offset) { origin_now_ = offset; }
  std::uint32_t origin(TermId id) const { return origin_[id]; }

  void name_leaf(TermId leaf, std::string name) { names_[leaf] = std::move(name); }
  /// For people: "fma(x[3], 2.5, f_add(...))", what lies deeper than `depth` left out.
  std::string print(TermId id, int depth = 4) const;

 private:
  TermId make(Term term, std::span<const TermId> args);
  TermId simplified(Term term, std::span<const TermId> args);
  TermId form_of_part(const Term& term, TermId of);
  TermId neutral(const Term& term, TermId a, TermId b);
  TermId one_word(TermId low, TermId high);
  TermId other_half(TermId half);
  bool as_other_half(TermId half, TermId other, TermId (&args)[2]);
  TermId form_of_whole(const Term& term, std::span<const TermId> args);
  void grow();

  std::vector<Term> terms_;
  std::vector<TermId> args_;
  std::vector<std::uint32_t> origin_;
  std::vector<TermId> table_;  // open addressing; 0: free, else id + 1
  std::vector<PrimitiveMeaning> primitives_;
  std::unordered_map<std::string, std::uint64_t> primitive_ids_;
  std::unordered_map<TermId, std::string> names_;
  std::uint32_t origin_now_ = 0;
  std::uint64_t leaves_ = 0;
};

/// The meaning on bits of each function but leaves and primitives; args as wide as `term.from` or its width say.
std::uint64_t meaning_of(const Term& term, const std::uint64_t* args);
std::string_view name_of(Fn fn);

}  // namespace trueno::inspect
