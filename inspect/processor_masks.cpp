// Predicates of AVX-512 in the processor, as far as 16 lanes go.
#include "inspect/processor_rules.h"

namespace trueno::inspect {

bool Processor::mask_logic(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  Mask out;
  const TermId no = terms_.constant(1, 0);
  out.fill(no);
  const auto of = [&](int i) -> const Mask& { return masks_[static_cast<std::size_t>(register_index(*ops.at[i]))]; };
  const unsigned count = static_cast<unsigned>(ops.imm.value_or(0));
  for (unsigned i = 0; i < 16; ++i) {
    if (rule.fn == Fn::shift_left)
      out[i] = i >= count ? of(1)[i - count] : no;
    else if (rule.fn == Fn::shift_right)
      out[i] = i + count < 16 ? of(1)[i + count] : no;
    else if (rule.sources == 1)
      out[i] = terms_.make(Fn::bit_xor, 1, {of(1)[i], terms_.constant(1, 1)});
    else if (rule.fn == Fn::bit_andnot)
      out[i] = terms_.make(Fn::bit_and, 1, {terms_.make(Fn::bit_xor, 1, {of(1)[i], terms_.constant(1, 1)}), of(2)[i]});
    else
      out[i] = terms_.make(rule.fn, 1, {of(1)[i], of(2)[i]});
  }
  masks_[static_cast<std::size_t>(register_index(*ops.at[0]))] = out;
  return true;
}

bool Processor::mask_move(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const Operand &to = *ops.at[0], &from = *ops.at[1];
  const auto bits = static_cast<unsigned>(rule.width);
  Mask value;
  value.fill(terms_.constant(1, 0));
  if (is_mask_register(from)) {
    for (unsigned i = 0; i < bits; ++i) value[i] = masks_[static_cast<std::size_t>(register_index(from))][i];
  } else if (const auto word = read_general(s, from)) {
    const int width = static_cast<int>(from.size);
    for (unsigned i = 0; i < bits; ++i) value[i] = terms_.make(Fn::bit, 1, {*word}, i, width);
  } else {
    return false;
  }
  if (is_mask_register(to)) return masks_[static_cast<std::size_t>(register_index(to))] = value, true;
  if (to.type != ZYDIS_OPERAND_TYPE_MEMORY || bits != 16) return false;
  const TermId bytes[2] = {terms_.make(Fn::bytes, 8, std::span<const TermId>(value).subspan(0, 8)),
                           terms_.make(Fn::bytes, 8, std::span<const TermId>(value).subspan(8, 8))};
  const auto at = address(s, to);
  return at && (memory_.write(*at, 2, terms_.make(Fn::bytes, 16, bytes)) || fail(memory_.complaint()));
}

bool Processor::mask_to_bytes(const Step& s, const Rule&) {
  const WrittenOperands ops(s);
  const Mask& mask = masks_[static_cast<std::size_t>(register_index(*ops.at[1]))];
  const unsigned bytes = ops.at[0]->size / 8;
  Vector out;
  out.fill(zero_);
  for (unsigned i = 0; i < bytes / 4; ++i) {
    TermId parts[4];
    for (unsigned b = 0; b < 4; ++b) parts[b] = terms_.make(Fn::spread, 8, {mask[4 * i + b]});
    out[i] = terms_.make(Fn::bytes, 32, std::span<const TermId>(parts, 4));
  }
  return write(s, *ops.at[0], out, bytes);
}

}  // namespace trueno::inspect
