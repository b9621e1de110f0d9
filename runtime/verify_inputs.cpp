// The values: see verify_inputs.h.
#include "runtime/verify_inputs.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "ir/print.h"

namespace trueno::runtime {
namespace {

// Chosen by hand. NaNs: quiet, negative, signalling, with payloads. Around 2^23, 2^24, 2^31, 2^63 rounding and
// conversion change their ways; halves are the ties of rint; 0x3effffff is where floor(x + 0.5) goes wrong.
constexpr std::uint64_t kF32[] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000, 0x00800001,
    0x3f800000, 0xbf800000, 0x3f7fffff, 0x3f800001, 0xbf7fffff, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc12345, 0xffa54321, 0x3f000000,
    0xbf000000, 0x3effffff, 0xbeffffff, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000, 0x4affffff, 0x4b000000,
    0x4b000001, 0xcb000001, 0x4b7fffff, 0x4b800000, 0x4effffff, 0x4f000000, 0x4f000001, 0xcf000000, 0xcf000001,
    0xceffffff, 0x4f800000, 0x5effffff, 0x5f000000, 0xdf000000, 0xdf000001, 0x2f800000, 0x7e800000, 0x00400000};

constexpr std::uint64_t kF64[] = {
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x8000000000000001, 0x000fffffffffffff,
    0x800fffffffffffff, 0x0010000000000000, 0x8010000000000000, 0x3ff0000000000000, 0xbff0000000000000,
    0x3fefffffffffffff, 0x3ff0000000000001, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0xfff0000000000001,
    0x7fffffffffffffff, 0xffffffffffffffff, 0x7ff8123456789abc, 0x3fe0000000000000, 0xbfe0000000000000,
    0x3fdfffffffffffff, 0x3ff8000000000000, 0xbff8000000000000, 0x4004000000000000, 0xc004000000000000,
    0x432fffffffffffff, 0x4330000000000000, 0x4330000000000001, 0xc330000000000001, 0x4340000000000000,
    0x41dfffffffc00000, 0x41dfffffffffffff, 0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000,
    0x43dfffffffffffff, 0x43e0000000000000, 0xc3e0000000000000, 0xc3e0000000000001, 0x47efffffe0000000,
    0x47effffff0000000, 0x36a0000000000000, 0x3690000000000000, 0x3690000000000001, 0x3810000000000000};

constexpr std::uint64_t kI32[] = {0,          1,          0xffffffff, 2,          0xfffffffe, 31,         32,
                                  33,         63,         64,         0x7fffffff, 0x80000000, 0x80000001, 0x7ffffffe,
                                  0x00ffffff, 0x01000001, 0xff000001, 0x00800000, 0x00010000, 0x0000ffff, 0x55555555,
                                  0xaaaaaaaa, 127,        128,        0xffffff80, 0x7fffff80, 0x7fffffbf, 0x7fffffc0,
                                  0x7fffffc1, 149,        0xffffff6b, 0xffffff6a, 254,        255,        277};

constexpr std::uint64_t kI64[] = {0,
                                  1,
                                  0xffffffffffffffff,
                                  2,
                                  31,
                                  32,
                                  63,
                                  64,
                                  65,
                                  0x7fffffffffffffff,
                                  0x8000000000000000,
                                  0x8000000000000001,
                                  0x7ffffffffffffffe,
                                  0x000000007fffffff,
                                  0x0000000080000000,
                                  0xffffffff80000000,
                                  0xffffffff7fffffff,
                                  0x00000000ffffffff,
                                  0x0000000100000000,
                                  0x0020000000000001,
                                  0xffdfffffffffffff,
                                  0x0000000001000001,
                                  0x4000004000000001,
                                  0x7fffffbfffffffff,
                                  0x7fffffc000000000,
                                  0x7ffffffffffffdff,
                                  0x7ffffffffffffe00,
                                  0x5555555555555555,
                                  1023,
                                  1074};

std::uint64_t bits_of_real(Type type, double value) {
  return type == Type::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                           : std::bit_cast<std::uint64_t>(value);
}

// Reductions hide what is rare: with special values everywhere a maximum is always NaN. These patterns have one
// odd value in sixty, so that losing a single lane shows.
std::uint64_t rare_value(Pattern pattern, Type type, std::uint64_t draw, std::uint64_t more) {
  const bool odd = more % 61 == 0;
  const std::uint64_t sign = std::uint64_t{1} << (bits_of(type) - 1);
  if (pattern == Pattern::rare_nan) {
    if (!odd) return draw_value(Pattern::ordinary, type, draw);
    if (is_int(type)) return sign - draw % 2;
    return (type == Type::f32 ? 0xff800001u : 0xfff0000000000001u) ^ (draw % 2 * sign);
  }
  const bool minus = pattern == Pattern::minus;
  if (is_int(type)) return odd ? (minus ? sign | (sign - 1) : 1) : 0;
  return odd != minus ? sign : 0;
}

std::uint64_t cut(Type type, std::uint64_t bits) { return bits_of(type) == 32 ? bits & 0xffffffffu : bits; }

}  // namespace

std::span<const std::uint64_t> special_values(Type type) {
  switch (type) {
    case Type::f32: return kF32;
    case Type::f64: return kF64;
    case Type::i32: return kI32;
    case Type::i64: return kI64;
    default: return std::span(kI32).first(2);
  }
}

std::uint64_t draw_value(Pattern pattern, Type type, std::uint64_t draw) {
  if (is_mask(type)) return draw & 1;
  const std::uint64_t more = mix(draw);
  const double unit = static_cast<double>(draw >> 11) * 0x1p-53;  // [0, 1)
  switch (pattern) {
    case Pattern::ordinary:
      if (is_float(type)) return bits_of_real(type, unit * 8 - 4);
      return cut(type, static_cast<std::uint64_t>(static_cast<std::int64_t>(draw % 2001) - 1000));
    case Pattern::wide:
      if (is_float(type)) return bits_of_real(type, std::ldexp(unit * 2 - 1, static_cast<int>(more % 61) - 30));
      return cut(type, draw >> (more % 64));
    case Pattern::special:
      if (more % 4 != 0) return special_values(type)[draw % special_values(type).size()];
      return draw_value(Pattern::wide, type, mix(more));
    case Pattern::rare_nan:
    case Pattern::minus:
    case Pattern::plus: return rare_value(pattern, type, draw, more);
    default: return cut(type, draw);
  }
}

std::uint64_t load_bits(Type type, const void* p) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, p, stored_bytes(type));
  return bits;
}

void store_bits(Type type, void* p, std::uint64_t bits) { std::memcpy(p, &bits, stored_bytes(type)); }

std::string show_bits(Type type, std::uint64_t bits) {
  if (is_mask(type)) return std::to_string(bits);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "0x";
  for (int shift = static_cast<int>(stored_bytes(type)) * 8 - 4; shift >= 0; shift -= 4)
    out += kDigits[(bits >> shift) & 15];
  return out + " (" + ir::print_literal(type, bits) + ")";
}

}  // namespace trueno::runtime
