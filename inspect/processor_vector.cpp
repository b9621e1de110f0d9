// What vector instructions do to the lanes of the processor's registers; which instruction does what is in
// processor_rules.cpp.
#include <fmt/format.h>

#include "inspect/processor_rules.h"

namespace trueno::inspect {
namespace {

constexpr unsigned kBlock = 4;  // 32-bit lanes of 128 bits, within which older instructions arrange

unsigned bytes_of(const Operand& o) { return o.size / 8; }

}  // namespace

Masking Processor::masking(const Step& s) const {
  const auto& mask = s.instruction.avx.mask;
  if (mask.reg == ZYDIS_REGISTER_NONE || mask.reg == ZYDIS_REGISTER_K0) return {};
  const bool zeroing = mask.mode == ZYDIS_MASK_MODE_ZEROING || mask.mode == ZYDIS_MASK_MODE_CONTROL_ZEROING;
  return {&masks_[static_cast<std::size_t>(ZydisRegisterGetId(mask.reg))], zeroing};
}

bool Processor::read(const Step& s, const Operand& o, unsigned bytes, Vector& out, const Masking& masking, int lane) {
  out.fill(zero_);
  if (is_vector_register(o)) {
    const Vector& v = vectors_[static_cast<std::size_t>(register_index(o))];
    for (unsigned i = 0; i < bytes / 4; ++i) out[i] = v[i];
    return true;
  }
  if (o.type != ZYDIS_OPERAND_TYPE_MEMORY) return false;
  const auto at = address(s, o);
  for (unsigned i = 0; at && i < bytes / 4; ++i) {
    if (masking.mask != nullptr) {
      const TermId wanted = (*masking.mask)[i * 32 / static_cast<unsigned>(lane)];
      if (!terms_.is_constant(wanted)) return fail("a load under a mask that depends on an element");
      if (terms_.imm(wanted) == 0) continue;
    }
    const auto word = memory_.read(*at + 4 * i, 4);
    if (!word) return fail(memory_.complaint());
    out[i] = *word;
  }
  return at.has_value();
}

bool Processor::write_bytes(std::uint64_t at, const Vector& value, unsigned bytes, const Masking& masking, int lane) {
  const unsigned unit = lane == 8 ? 1 : 4;
  for (unsigned b = 0; b < bytes; b += unit) {
    if (masking.mask != nullptr) {
      const TermId wanted = (*masking.mask)[8 * b / static_cast<unsigned>(lane)];
      if (!terms_.is_constant(wanted)) return fail("a store under a mask that depends on an element");
      if (terms_.imm(wanted) == 0) continue;
    }
    const TermId word = value[b / 4];
    if (!memory_.write(at + b, unit, unit == 4 ? word : terms_.make(Fn::byte, 8, {word}, b % 4, 32)))
      return fail(memory_.complaint());
  }
  return true;
}

bool Processor::write(const Step& s, const Operand& o, const Vector& value, unsigned bytes, const Masking& masking,
                      int lane) {
  if (o.type == ZYDIS_OPERAND_TYPE_MEMORY) {
    const auto at = address(s, o);
    if (!at) return false;
    // Bytes at any address; words must be at multiples of 4, which `lane` 8 does not ask for.
    return write_bytes(*at, value, bytes, masking, *at % 4 != 0 && masking.mask == nullptr ? 8 : lane);
  }
  Vector& to = vectors_[static_cast<std::size_t>(register_index(o))];
  for (unsigned i = 0; i < to.size(); ++i) {
    if (i >= bytes / 4) {
      to[i] = zero_;
    } else if (masking.mask != nullptr) {
      const TermId wanted = (*masking.mask)[i * 32 / static_cast<unsigned>(lane)];
      to[i] = terms_.make(Fn::choose, 32, {wanted, value[i], masking.zeroing ? zero_ : to[i]});
    } else {
      to[i] = value[i];
    }
  }
  return true;
}

/// The same function in every lane.
bool Processor::lanes(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  const bool by_imm = ops.imm.has_value();
  Vector in[2], out;
  out.fill(zero_);
  for (int i = 0; i < rule.sources; ++i)
    if (ops.count < rule.sources || !read(s, *ops.source(i, rule.sources), bytes, in[i])) return false;
  for (unsigned i = 0; i < 8 * bytes / static_cast<unsigned>(rule.width); ++i) {
    TermId args[2] = {};
    for (int k = 0; k < rule.sources; ++k) args[k] = lane(in[k], rule.width, i);
    if (rule.fn == Fn::mul_wide)
      for (TermId& a : args) a = terms_.make(Fn::low, 32, {a});
    set_lane(
        out, rule.width, i,
        terms_.make(rule.fn, rule.width, {args, static_cast<std::size_t>(rule.sources)}, by_imm ? *ops.imm : rule.imm));
  }
  // Words of 64 bits stay in one piece where instructions of 32 do the same to both halves.
  for (unsigned i = 0; rule.width == 32 && i < bytes / 8; ++i) set_lane(out, 64, i, lane(out, 64, i));
  return write(s, *ops.at[0], out, bytes, masking(s), rule.width);
}

bool Processor::convert(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const Operand &to = *ops.at[0], &source = *ops.at[1];
  const auto wide = static_cast<unsigned>(std::max(rule.width, rule.from));
  const unsigned bytes = rule.width >= rule.from ? bytes_of(to) : bytes_of(source), count = 8 * bytes / wide;
  Vector in, out;
  out.fill(zero_);
  if (!read(s, source, count * static_cast<unsigned>(rule.from) / 8, in)) return false;
  for (unsigned i = 0; i < count; ++i)
    set_lane(out, rule.width, i, terms_.make(rule.fn, rule.width, {lane(in, rule.from, i)}, 0, rule.from));
  return write(s, to, out, count * static_cast<unsigned>(rule.width) / 8, masking(s), rule.width);
}

/// rule.from: the form, 132, 213 or 231.
bool Processor::fused(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  Vector v[3], out;
  out.fill(zero_);
  for (int i = 0; i < 3; ++i)
    if (!read(s, *ops.at[i], bytes, v[i])) return false;
  const Vector &a = v[rule.from / 100 - 1], &b = v[rule.from / 10 % 10 - 1], &c = v[rule.from % 10 - 1];
  for (unsigned i = 0; i < 8 * bytes / static_cast<unsigned>(rule.width); ++i)
    set_lane(out, rule.width, i,
             terms_.make(Fn::f_fma, rule.width,
                         {lane(a, rule.width, i), lane(b, rule.width, i), lane(c, rule.width, i)}, rule.imm));
  return write(s, *ops.at[0], out, bytes, masking(s), rule.width);
}

/// Whole vectors, and scalars from and to memory or general registers: rule.from bits, if fewer than a vector.
bool Processor::move(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const Operand &to = *ops.at[0], &from = *ops.at[1];
  if (rule.from != 0 && ops.count != 2) return false;
  const unsigned bytes = rule.from != 0 ? static_cast<unsigned>(rule.from) / 8 : bytes_of(to);
  const Masking under = masking(s);
  Vector value;
  value.fill(zero_);
  if (from.type == ZYDIS_OPERAND_TYPE_REGISTER && !is_vector_register(from)) {
    const auto general = read_general(s, from);
    if (!general) return false;
    set_lane(value, rule.from, 0, *general);
  } else if (rule.from != 0 && is_vector_register(from) && is_vector_register(to)) {
    return false;  // these keep a part of the destination
  } else if (!read(s, from, bytes, value, is_vector_register(from) ? Masking{} : under, rule.width)) {
    return false;
  }
  return write(s, to, value, bytes, under, rule.width);
}

/// Under the signs of a vector.
bool Processor::masked_move(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const bool load = is_vector_register(*ops.at[0]);
  const unsigned bytes = bytes_of(*ops.at[load ? 0 : 2]);
  Vector signs, value;
  if (!read(s, *ops.at[1], bytes, signs)) return false;
  Mask mask;
  mask.fill(terms_.constant(1, 0));
  for (unsigned i = 0; i < 8 * bytes / static_cast<unsigned>(rule.width); ++i)
    mask[i] =
        terms_.make(Fn::bit, 1, {lane(signs, rule.width, i)}, static_cast<std::uint64_t>(rule.width - 1), rule.width);
  const Masking under{&mask, true};
  if (load) return read(s, *ops.at[2], bytes, value, under, rule.width) && write(s, *ops.at[0], value, bytes);
  return read(s, *ops.at[2], bytes, value) && write(s, *ops.at[0], value, bytes, under, rule.width);
}

bool Processor::spread_lane(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  Vector in, out;
  out.fill(zero_);
  if (is_vector_register(*ops.at[1]) || ops.at[1]->type == ZYDIS_OPERAND_TYPE_MEMORY) {
    if (!read(s, *ops.at[1], static_cast<unsigned>(rule.width) / 8, in)) return false;
  } else {
    const auto value = read_general(s, *ops.at[1]);
    if (!value) return false;
    in.fill(zero_);
    set_lane(in, rule.width, 0, *value);
  }
  for (unsigned i = 0; i < bytes / 4; ++i) out[i] = in[rule.width == 32 ? 0 : i % 2];
  return write(s, *ops.at[0], out, bytes, masking(s), rule.width);
}

/// Words of one or two vectors in another order, the same within each 128 bits. rule.from: 1 PSHUFD, 2 SHUFPS, 3
/// unpack low 32, 4 unpack high 32, 5 unpack low 64; 6 VPERMQ, over all.
bool Processor::arrange(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  const std::uint64_t imm = ops.imm.value_or(0);
  Vector a, b, out;
  out.fill(zero_);
  const int sources = rule.from == 1 || rule.from == 6 ? 1 : 2;
  if (ops.count < sources || !read(s, *ops.source(0, sources), bytes, a)) return false;
  if (!read(s, *ops.source(sources - 1, sources), bytes, b)) return false;
  for (unsigned i = 0; i < bytes / 4; ++i) {
    const unsigned block = i / kBlock * kBlock, at = i % kBlock;
    const unsigned chosen = static_cast<unsigned>(imm >> (2 * at) & 3);
    switch (rule.from) {
      case 1: out[i] = a[block + chosen]; break;
      case 2: out[i] = (at < 2 ? a : b)[block + chosen]; break;
      case 3: out[i] = (at % 2 == 0 ? a : b)[block + at / 2]; break;
      case 4: out[i] = (at % 2 == 0 ? a : b)[block + 2 + at / 2]; break;
      case 5: out[i] = (at < 2 ? a : b)[block + at % 2]; break;
      default: out[i] = a[2 * static_cast<unsigned>(imm >> (i / 2 % 4 * 2) & 3) + i % 2 + i / 8 * 8]; break;
    }
  }
  return write(s, *ops.at[0], out, bytes, masking(s), rule.from >= 5 ? 64 : 32);
}

/// Parts of vectors: rule.width bits, taken out (rule.sources 1) or put in.
bool Processor::halves(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  if (!ops.imm) return false;
  const unsigned part = static_cast<unsigned>(rule.width) / 32, at = static_cast<unsigned>(*ops.imm & 1) * part;
  const unsigned whole = 2 * part * 4;
  Vector v, w;
  if (!read(s, *ops.at[1], whole, v)) return false;
  if (rule.sources == 1) {
    w.fill(zero_);
    for (unsigned i = 0; i < part; ++i) w[i] = v[at + i];
    return write(s, *ops.at[0], w, part * 4, masking(s), 64);
  }
  if (!read(s, *ops.at[2], part * 4, w)) return false;
  for (unsigned i = 0; i < part; ++i) v[at + i] = w[i];
  return write(s, *ops.at[0], v, whole, masking(s), 64);
}

/// PACKSSDW (rule.width 16) and PACKSSWB (8), within 128 bits.
bool Processor::narrow(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  if (bytes != 16) return false;
  Vector in[2], out;
  out.fill(zero_);
  for (int i = 0; i < 2; ++i)
    if (!read(s, *ops.source(i, 2), bytes, in[i])) return false;
  for (unsigned i = 0; i < kBlock; ++i) {
    TermId parts[4];
    const unsigned count = 32 / static_cast<unsigned>(rule.width);
    for (unsigned k = 0; k < count; ++k) {
      const unsigned at = i * count + k;  // which of the 2 * 128 bits' lanes of twice the width
      const unsigned lanes_each = 64 / static_cast<unsigned>(rule.width);
      const Vector& from = in[at / lanes_each];
      const unsigned in_lane = at % lanes_each;
      const TermId lane =
          rule.width == 16 ? from[in_lane] : terms_.make(Fn::half, 16, {from[in_lane / 2]}, in_lane % 2, 32);
      parts[k] = terms_.make(Fn::pack, rule.width, {lane}, 0, 2 * rule.width);
    }
    out[i] = terms_.make(rule.width == 16 ? Fn::halves : Fn::bytes, 32, {parts, count});
  }
  return write(s, *ops.at[0], out, bytes);
}

/// Into a predicate, or into lanes of all ones and none.
bool Processor::compare(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const bool predicate = is_mask_register(*ops.at[0]);
  const unsigned bytes = bytes_of(*ops.source(0, 2));
  Vector a, b, out;
  if (!read(s, *ops.source(0, 2), bytes, a) || !read(s, *ops.source(1, 2), bytes, b)) return false;
  Mask mask;
  mask.fill(terms_.constant(1, 0));
  out.fill(zero_);
  for (unsigned i = 0; i < 8 * bytes / static_cast<unsigned>(rule.width); ++i) {
    mask[i] = terms_.make(rule.fn, 1, {lane(a, rule.width, i), lane(b, rule.width, i)}, ops.imm.value_or(rule.imm),
                          rule.width);
    if (!predicate) set_lane(out, rule.width, i, terms_.make(Fn::spread, rule.width, {mask[i]}));
  }
  if (!predicate) return write(s, *ops.at[0], out, bytes);
  if (masking(s).mask != nullptr) return false;
  masks_[static_cast<std::size_t>(register_index(*ops.at[0]))] = mask;
  return true;
}

/// By the signs of a third vector, or by a predicate.
bool Processor::blend(const Step& s, const Rule& rule) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]);
  const bool by_signs = ops.count == 4;
  Vector no, yes, signs, out;
  if (!read(s, *ops.at[1], bytes, no) || !read(s, *ops.at[2], bytes, yes)) return false;
  if (by_signs && !read(s, *ops.at[3], bytes, signs)) return false;
  const Masking under = masking(s);
  if (!by_signs && (under.mask == nullptr || under.zeroing)) return false;
  out.fill(zero_);
  for (unsigned i = 0; i < 8 * bytes / static_cast<unsigned>(rule.width); ++i) {
    const TermId which = by_signs ? terms_.make(Fn::bit, 1, {lane(signs, rule.width, i)},
                                                static_cast<std::uint64_t>(rule.width - 1), rule.width)
                                  : (*under.mask)[i];
    set_lane(out, rule.width, i,
             terms_.make(Fn::choose, rule.width, {which, lane(yes, rule.width, i), lane(no, rule.width, i)}));
  }
  return write(s, *ops.at[0], out, bytes);
}

/// Entries of the second operand by lanes of the first.
bool Processor::permute(const Step& s, const Rule&) {
  const WrittenOperands ops(s);
  const unsigned bytes = bytes_of(*ops.at[0]), count = bytes / 4;
  Vector index, table, out;
  if (!read(s, *ops.at[1], bytes, index) || !read(s, *ops.at[2], bytes, table)) return false;
  out.fill(zero_);
  for (unsigned i = 0; i < count; ++i) {
    std::vector<TermId> args{terms_.make(Fn::bit_and, 32, {index[i], terms_.constant(32, count - 1)})};
    args.insert(args.end(), table.begin(), table.begin() + count);
    out[i] = terms_.make(Fn::pick, 32, args);
  }
  return write(s, *ops.at[0], out, bytes, masking(s));
}

}  // namespace trueno::inspect
