// See samples.h.
#include "inspect/samples.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace trueno::inspect {
namespace {

using U = std::uint64_t;

template <class T>
U bits(T value) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<std::uint32_t>(value);
  else
    return std::bit_cast<U>(value);
}

template <class T>
std::vector<U> hard_floats() {
  using L = std::numeric_limits<T>;
  std::vector<U> out;
  const auto both = [&](T v) { out.push_back(bits(v)), out.push_back(bits(-v)); };
  for (const T v : {T{0}, T{1}, T{0.5}, T{0.75}, T{1.5}, T{2}, T{3}, T{2.5}, L::infinity(), L::max(), L::min(),
                    L::denorm_min(), L::quiet_NaN(), L::epsilon()})
    both(v);
  out.push_back(bits(L::signaling_NaN()));
  // Around powers of two that limit integers, significands and exponents.
  for (const int e : {-1074, -1022, -150, -149, -126, -25, -24, -1,  22,  23,  24,  30,   31,
                      32,    51,    52,   53,   62,   63,  64,  126, 127, 253, 254, 1022, 1023}) {
    const T power = std::ldexp(T{1}, e);
    both(power), both(std::nextafter(power, T{0})), both(std::nextafter(power, L::infinity()));
  }
  for (const int count :
       {-2300, -2045, -2044, -1075, -252, -253, -151, -150, -127, 128, 253, 255, 300, 1024, 2045, 2046})
    out.push_back(bits(static_cast<T>(count)));
  return out;
}

template <class T>
std::vector<U> hard_ints() {
  using L = std::numeric_limits<T>;
  using Word = std::make_unsigned_t<T>;
  std::vector<U> out;
  const auto add = [&](T v) { out.push_back(static_cast<Word>(v)); };
  for (T v = -4; v <= 4; ++v) add(v);
  for (const T v : {L::min(), L::max()}) add(v), add(static_cast<T>(static_cast<Word>(v) ^ 1));
  for (int e = 4; e < L::digits; ++e) {
    const T power = static_cast<T>(T{1} << e);
    add(power), add(power - 1), add(power + 1), add(-power), add(-power - 1), add(1 - power);
  }
  for (const int v : {7, 12, 15, 23, 31, 33, 52, 63, 65, 253, 255, -252, -253, -1022, -1074, 1023, 2045, -2044})
    add(static_cast<T>(v));
  return out;
}

int exponent_bits(int width) { return width == 32 ? 8 : 11; }
int fraction_bits(int width) { return width == 32 ? 23 : 52; }

U mask_of(int width) { return width >= 64 ? ~U{0} : (U{1} << width) - 1; }

/// A float whose exponent is within `spread` of 0, with any fraction or one of few bits.
U float_near_one(int width, Random& random, unsigned spread) {
  const int fraction = fraction_bits(width);
  const U bias = (U{1} << (exponent_bits(width) - 1)) - 1;
  const U exponent = bias - spread + random.below(2 * spread);
  U low = random.next() & mask_of(fraction);
  if (random.below(3) == 0)
    low = (U{1} << random.below(static_cast<U>(fraction))) | (U{1} << random.below(static_cast<U>(fraction)));
  return (random.next() & 1) << (width - 1) | exponent << fraction | low;
}

/// Halfway between two floats of 24 or 53 bits, or just beside.
U tie(Type type, Random& random) {
  const U beside = random.below(3) - 1;
  if (type == Type::f64) return ((float_near_one(64, random, 100) & ~mask_of(29)) | U{1} << 28) + beside;
  const int width = bits_of(type), bits = width == 64 && random.below(2) == 0 ? 53 : 24;
  const int shift = 1 + static_cast<int>(random.below(static_cast<U>(width - 1 - bits)));
  const U base = (random.next() & mask_of(bits)) | U{1} << (bits - 1);
  const U value = (base << shift) + (U{1} << (shift - 1)) + beside;
  return ((random.next() & 1) != 0 ? U{0} - value : value) & mask_of(width);
}

}  // namespace

void near_tie_of_fma(int width, std::uint64_t (&abc)[3], Random& random) {
  const int fraction = fraction_bits(width);
  const U bias = (U{1} << (exponent_bits(width) - 1)) - 1, one = bias << fraction;
  const auto down = random.below(20), up = random.below(20), k = 1 + random.below(8);
  const U sum = up - down + static_cast<U>(fraction) + 1;
  abc[0] = one - (down << fraction) + k;    // 2^-down (1 + k ulp)
  abc[1] = one + (up << fraction) - 2 * k;  // 2^up (1 - k ulp), below 1 ulps are half as large
  abc[2] = ((bias + sum) << fraction) | (random.next() & mask_of(fraction));
  for (U& v : abc) v |= (random.next() & 1) << (width - 1);
}

bool is_nan(int width, U bits) {
  const U magnitude = bits & mask_of(width - 1);
  return magnitude > (width == 32 ? 0x7f800000u : 0x7ff0000000000000u);
}
U canonical_nan(int width) { return width == 32 ? 0x7fc00000u : 0x7ff8000000000000u; }

U other_nan(int width, U bits, Random& random) {
  if (!is_nan(width, bits)) return bits;
  return canonical_nan(width) | (random.next() & mask_of(fraction_bits(width))) | (random.next() & 1) << (width - 1);
}

std::span<const U> hard_values(Type type) {
  static const std::array<std::vector<U>, 5> kValues{
      hard_floats<float>(), hard_floats<double>(), hard_ints<std::int32_t>(), hard_ints<std::int64_t>(), {0, 1}};
  return kValues[is_mask(type) ? 4 : static_cast<std::size_t>(type)];
}

U any_value(Type type, Random& random, const U* other) {
  if (is_mask(type)) return random.next() & 1;
  const int width = bits_of(type);
  const U sign = U{1} << (width - 1);
  if (type != Type::f32 && random.below(6) == 0) return tie(type, random);
  switch (random.below(other != nullptr ? 8 : 6)) {
    case 0: return random.next() & mask_of(width);
    case 1:
    case 2: {
      const auto hard = hard_values(type);
      return hard[random.below(hard.size())];
    }
    case 3:
    case 4:
      if (is_float(type)) return float_near_one(width, random, 4);
      return (random.next() >> random.below(64)) & mask_of(width);
    case 5:
      if (is_float(type)) return float_near_one(width, random, width == 32 ? 60 : 400);
      return (random.below(width == 32 ? 600 : 4000) - (width == 32 ? 300 : 2000)) & mask_of(width);
    case 6: return (*other + random.below(5) - 2) & mask_of(width);
    default:
      return (*other ^ (random.next() & 1) * sign ^ (U{1} << random.below(static_cast<U>(width)))) & mask_of(width);
  }
}

U mild_value(Type type, Random& random) {
  if (is_mask(type)) return random.next() & 1;
  const int width = bits_of(type);
  if (is_float(type)) return float_near_one(width, random, 3);
  return (random.below(60) - 30) & mask_of(width);
}

}  // namespace trueno::inspect
