// Text to bits, one rounding.
#include "ir/literal.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "ir/print.h"

namespace trueno::ir {
namespace {

LiteralBits refuse(std::string_view text, bool negative, std::string_view why) {
  const std::string_view shown = text.substr(0, kMaxName);
  return {0, "the literal " + std::string(negative ? "-" : "") + std::string(shown) +
                 (shown.size() < text.size() ? "..." : "") + " " + std::string(why)};
}

std::string type_text(Type type) { return std::string(name_of(type)); }

int hex_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// m * 2^e with m odd (or 0); `fits` is false if the digits need more than 64 bits.
struct Binary {
  std::uint64_t m = 0;
  std::int64_t e = 0;
  bool fits = true;
};

Binary read_hex(std::string_view text) {
  Binary b;
  bool after_point = false;
  std::size_t i = 2;
  for (; i < text.size() && text[i] != 'p' && text[i] != 'P'; ++i) {
    if (text[i] == '.') {
      after_point = true;
      continue;
    }
    const auto digit = static_cast<std::uint64_t>(hex_value(text[i]));
    if (after_point) b.e -= 4;
    if (b.m >> 60 == 0)
      b.m = b.m << 4 | digit;
    else if (b.e += 4; digit != 0)
      b.fits = false;
  }
  if (i < text.size()) {
    std::string_view exponent = text.substr(i + 1);
    if (exponent.front() == '+') exponent.remove_prefix(1);
    std::int64_t p = 0;
    constexpr std::int64_t kFar = 1'000'000'000;  // beyond any exponent that digits could make up for
    const auto [end, ec] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), p);
    if (ec != std::errc() || p > kFar || p < -kFar) p = exponent.front() == '-' ? -kFar : kFar;
    b.e += p;
  }
  if (b.m != 0) {
    const int zeros = std::countr_zero(b.m);
    b.m >>= zeros;
    b.e += zeros;
  }
  return b;
}

template <class F>
LiteralBits exact_hex(std::string_view text, bool negative, Type type) {
  using Limits = std::numeric_limits<F>;
  const Binary b = read_hex(text);
  const int width = std::bit_width(b.m);
  if (b.m != 0 && b.fits && b.e + width > Limits::max_exponent)
    return refuse(text, negative, "is beyond the range of " + type_text(type));
  const bool exact = b.fits && width <= Limits::digits && b.e >= Limits::min_exponent - Limits::digits;
  if (b.m != 0 && !exact)
    return refuse(text, negative, "is not exact in " + type_text(type) + "; hexadecimal literals are never rounded");
  const F value = b.m == 0 ? F(0) : static_cast<F>(std::ldexp(static_cast<double>(b.m), static_cast<int>(b.e)));
  const F with_sign = negative ? -value : value;
  if constexpr (sizeof(F) == 4)
    return {std::bit_cast<std::uint32_t>(with_sign), {}};
  else
    return {std::bit_cast<std::uint64_t>(with_sign), {}};
}

/// Is the first digit that is not 0 at or before the units? Tells overflow from underflow.
bool is_large(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view digits = text.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<std::int64_t>(digits.find_first_not_of("0."));
  if (e == text.size()) return first < point;
  std::int64_t exponent = 0;
  std::string_view rest = text.substr(e + 1);
  if (rest.front() == '+') rest.remove_prefix(1);
  if (std::from_chars(rest.data(), rest.data() + rest.size(), exponent).ec != std::errc()) return rest.front() != '-';
  return point - first + exponent > 0;
}

template <class F>
LiteralBits rounded_decimal(std::string_view text, bool negative, Type type) {
  F value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::general);
  if (ec == std::errc::result_out_of_range) value = is_large(text) ? std::numeric_limits<F>::infinity() : F(0);
  if (std::isinf(value))
    return refuse(text, negative, "is beyond the range of " + type_text(type) + "; write inf if that is meant");
  const F with_sign = negative ? -value : value;
  if constexpr (sizeof(F) == 4)
    return {std::bit_cast<std::uint32_t>(with_sign), {}};
  else
    return {std::bit_cast<std::uint64_t>(with_sign), {}};
}

LiteralBits special(std::string_view text, Form form, bool negative, Type type) {
  const bool narrow = bits_of(type) == 32;
  const std::uint64_t sign = narrow ? 0x80000000u : 0x8000000000000000u;
  const std::uint64_t inf = narrow ? 0x7f800000u : 0x7ff0000000000000u;
  std::uint64_t bits = form == Form::inf ? inf : narrow ? 0x7fc00000u : 0x7ff8000000000000u;
  if (text.size() > 4) {  // nan(0x...)
    const std::string_view digits = text.substr(6, text.size() - 7);
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
    if (ec != std::errc() || (narrow && bits >> 32 != 0) || (bits & ~sign) <= inf)
      return refuse(text, negative, "does not give the bits of a NaN of " + type_text(type));
  }
  return {negative ? bits ^ sign : bits, {}};
}

LiteralBits whole(std::string_view text, Form form, bool negative, Type type) {
  if (form == Form::decimal || form == Form::hex_float)
    return refuse(text, negative, "is a float, but " + type_text(type) + " is needed");
  if (form == Form::inf || form == Form::nan) return refuse(text, negative, "has no value in " + type_text(type));
  const bool hex = form == Form::hex_integer;
  const std::string_view digits = hex ? text.substr(2) : text;
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  const int bits = bits_of(type);
  const std::uint64_t all = bits == 32 ? 0xffffffffu : ~std::uint64_t{0};
  const std::uint64_t most = hex ? all : (all >> 1) + (negative ? 1 : 0);
  if (ec != std::errc() || value > most) return refuse(text, negative, "is out of the range of " + type_text(type));
  return {(negative ? 0 - value : value) & all, {}};
}

template <class T>
std::string shortest(T value) {
  char buffer[64];
  const auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end);
}

template <class F>
std::string float_text(F value, std::uint64_t bits, std::uint64_t canonical) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (!std::isnan(value)) return shortest(value);
  if (bits == canonical) return "nan";
  char buffer[32];
  const auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, bits, 16);
  return "nan(0x" + std::string(buffer, end) + ")";
}

}  // namespace

LiteralBits literal_bits(std::string_view text, Form form, bool negative, Type type) {
  if (is_mask(type)) {
    if (form == Form::integer && !negative && (text == "0" || text == "1")) return {text == "1" ? 1u : 0u, {}};
    return refuse(text, negative, "cannot be a mask (" + type_text(type) + "); masks come from compares");
  }
  if (is_int(type)) return whole(text, form, negative, type);
  if (form == Form::inf || form == Form::nan) return special(text, form, negative, type);
  const bool narrow = type == Type::f32;
  if (form == Form::hex_integer || form == Form::hex_float)
    return narrow ? exact_hex<float>(text, negative, type) : exact_hex<double>(text, negative, type);
  return narrow ? rounded_decimal<float>(text, negative, type) : rounded_decimal<double>(text, negative, type);
}

std::string print_literal(Type type, std::uint64_t bits) {
  switch (type) {
    case Type::f32: {
      const auto narrow = static_cast<std::uint32_t>(bits);
      return float_text(std::bit_cast<float>(narrow), narrow, 0x7fc00000u);
    }
    case Type::f64: return float_text(std::bit_cast<double>(bits), bits, 0x7ff8000000000000u);
    case Type::i32: return shortest(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)));
    case Type::i64: return shortest(static_cast<std::int64_t>(bits));
    case Type::m32:
    case Type::m64: break;
  }
  return bits != 0 ? "1" : "0";
}

}  // namespace trueno::ir
