// The hard cases. Random inputs do not find a missing sticky bit in twenty million trials; a table does at once.
#include "tests/verify/hard_cases.h"

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/verify_inputs.h"

namespace trueno::test {
namespace {

using Cases = std::vector<std::vector<std::uint64_t>>;

std::uint64_t real(Type type, double value) {
  return type == Type::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                           : std::bit_cast<std::uint64_t>(value);
}

std::uint64_t integer(Type type, std::uint64_t bits) { return bits_of(type) == 32 ? bits & 0xffffffffu : bits; }

/// Every pair of special values; for one operand the values themselves.
Cases products(const std::vector<Type>& types) {
  Cases out;
  for (const std::uint64_t a : runtime::special_values(types[0])) {
    if (types.size() == 1) out.push_back({a});
    if (types.size() == 2)
      for (const std::uint64_t b : runtime::special_values(types[1])) out.push_back({a, b});
  }
  return out;
}

/// Triples: special values against each other at random, plus the places where one rounding differs from two.
Cases fma_cases(Type t) {
  Cases out;
  const auto values = runtime::special_values(t);
  for (std::uint64_t i = 0; i < 3000; ++i)
    out.push_back({values[runtime::mix(3 * i) % values.size()], values[runtime::mix(3 * i + 1) % values.size()],
                   values[runtime::mix(3 * i + 2) % values.size()]});
  const double ulp = t == Type::f32 ? 0x1p-23 : 0x1p-52;
  const double half_scale = t == Type::f32 ? 0x1p-12 : 0x1p-27;
  // a*b is 2^-24 (1 - 2^-46): just below the tie that c makes. An fma through a wider type needs a sticky bit.
  for (const double sign : {1.0, -1.0})
    for (const double c : {1.0, 1.0 + ulp, -1.0, -1.0 - ulp}) {
      out.push_back({real(t, sign * half_scale * (1 + ulp)), real(t, half_scale * (1 - ulp)), real(t, c)});
      out.push_back({real(t, sign * (1 + ulp)), real(t, 1 - ulp), real(t, c)});
    }
  // The product underflows or overflows on its own; the sum does not.
  const double big = t == Type::f32 ? 0x1p127 : 0x1p1023, tiny = t == Type::f32 ? 0x1p-126 : 0x1p-1022;
  out.push_back({real(t, big), real(t, 2), real(t, -big)});
  out.push_back({real(t, big), real(t, -2), real(t, big)});
  out.push_back({real(t, tiny), real(t, 0.5), real(t, tiny)});
  out.push_back({real(t, tiny), real(t, ulp), real(t, -tiny)});
  out.push_back({real(t, -0.0), real(t, 1), real(t, 0.0)});
  out.push_back({real(t, -0.0), real(t, 1), real(t, -0.0)});
  return out;
}

/// Significands whose rounding differs by position, at every exponent that matters and far outside.
Cases ldexp_cases(const std::vector<Type>& types, bool promised) {
  Cases out;
  const Type t = types[0];
  const int reach = t == Type::f32 ? 290 : 2200;
  const int step = t == Type::f32 ? 1 : 7;
  const double ulp = t == Type::f32 ? 0x1p-23 : 0x1p-52;
  std::vector<double> values = {1, -1, 1.5, 2 - ulp, 1 + ulp, 1 + 2 * ulp, 1 + 3 * ulp, -(1 + ulp), 0x1.8p-20, 0x1p20};
  if (!promised)
    for (const double more : {0.0, -0.0, HUGE_VAL, -HUGE_VAL, double(std::numeric_limits<float>::denorm_min()),
                              double(std::numeric_limits<float>::max())})
      values.push_back(more);
  const int least = !promised ? -reach : t == Type::f32 ? -252 : -2044;
  const int beyond = !promised ? reach : t == Type::f32 ? 254 : 2046;
  for (const double v : values)
    for (int e = least; e < beyond; e += step)
      for (const double fraction : {0.0, 0.4375, 0.999}) {
        if (is_int(types[1]) && fraction != 0) continue;
        if (promised && e + fraction >= beyond) continue;
        out.push_back({real(t, v), is_int(types[1]) ? integer(types[1], static_cast<std::uint64_t>(e))
                                                    : real(types[1], e + fraction)});
      }
  if (promised && !is_int(types[1])) out.push_back({real(t, NAN), real(t, NAN)});
  if (!promised) {
    const Cases more = products(types);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

/// Every binade, subnormal ones too, at its ends and at 0.75 of its end, where the exponent of `exponent` changes.
Cases exponent_cases(Type t) {
  Cases out = products({t});
  const int least = t == Type::f32 ? -149 : -1074, most = t == Type::f32 ? 127 : 1023;
  for (int e = least; e <= most; ++e)
    for (const double m : {1.0, 1.5, 1.75})
      for (const int off : {-1, 0, 1})
        for (const double sign : {1.0, -1.0}) {
          const std::uint64_t bits = real(t, sign * std::ldexp(m, e));
          out.push_back({bits + static_cast<std::uint64_t>(off)});
        }
  return out;
}

/// Neighbours of every power of two and of every tie, both signs.
Cases convert_cases(Type t) {
  Cases out = products({t});
  for (int e = -2; e <= (bits_of(t) == 32 && is_int(t) ? 31 : 64); ++e)
    for (const double sign : {1.0, -1.0})
      for (const int off : {-1, 0, 1}) {
        if (is_float(t)) {
          const double ulp = t == Type::f32 ? 0x1p-23 : 0x1p-52;
          out.push_back({real(t, sign * std::ldexp(1 + off * ulp, e))});
          out.push_back({real(t, sign * (std::ldexp(1.0, e) + 0.5 * off))});
          // Beside a multiple of 2^32, and halfway to the next: where an integer made of two words carries.
          for (const double words : {1.0, 1.5})
            out.push_back({real(t, sign * (std::ldexp(1.0, e) + 0x1p32 * words + off))});
        } else if (e >= 0 && e < bits_of(t)) {
          // Unsigned: at the far ends these wrap, which is as good a value as any.
          const std::uint64_t power = std::uint64_t{1} << e;
          const auto push = [&](std::uint64_t v) { out.push_back({integer(t, sign < 0 ? 0 - v : v)}); };
          const auto shift = static_cast<std::uint64_t>(off);
          push(power + shift);
          // A tie of the conversion to f32 (24 bits) or f64 (53 bits), and one beside it.
          for (const int digits : {24, 53})
            if (e >= digits) {
              const std::uint64_t half = std::uint64_t{1} << (e - digits);
              push(power + half + shift);
              push(power + 3 * half + shift);
            }
        }
      }
  return out;
}

}  // namespace

std::vector<std::vector<std::uint64_t>> hard_cases(ir::Op op, const std::vector<Type>& types) {
  switch (op) {
    case ir::Op::fma:
    case ir::Op::mad: return fma_cases(types[0]);
    case ir::Op::ldexp: return ldexp_cases(types, false);
    case ir::Op::ldexp_near: return ldexp_cases(types, true);
    case ir::Op::convert: return convert_cases(types[0]);
    case ir::Op::exponent:
    case ir::Op::significand: return exponent_cases(types[0]);
    default: return types.size() <= 2 ? products(types) : Cases{};
  }
}

}  // namespace trueno::test
