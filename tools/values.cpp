// Exact conversions; see values.h.
#include "tools/values.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "ir/lex.h"
#include "ir/literal.h"
#include "ir/print.h"

namespace trueno::tools {

Result<std::uint64_t> parse_value(Type type, std::string_view text) {
  ir::Mistakes mistakes(text, {});
  const std::vector<ir::Lexeme> tokens = ir::lex(text, mistakes);
  const bool sign = tokens[0].kind == ir::Token::minus || tokens[0].kind == ir::Token::plus;
  const std::size_t number = sign ? 1 : 0;
  if (!mistakes.none() || tokens.size() != number + 2 || tokens[number].kind != ir::Token::number)
    return Error(Status::invalid_argument, fmt::format("'{}' is not a number", text));
  const bool negative = tokens[0].kind == ir::Token::minus;
  auto [bits, problem] = ir::literal_bits(tokens[number].text, tokens[number].form, negative, type);
  if (!problem.empty()) return Error(Status::invalid_argument, std::move(problem));
  return bits;
}

std::string print_value(Type type, std::uint64_t bits) { return ir::print_literal(type, bits); }

std::string print_bits(Type type, std::uint64_t bits) {
  const int digits = static_cast<int>(stored_bytes(type)) * 2;
  const std::uint64_t mask = digits == 16 ? ~std::uint64_t{0} : (std::uint64_t{1} << 4 * digits) - 1;
  return fmt::format("0x{:0{}x}", bits & mask, digits);
}

nlohmann::ordered_json json_value(Type type, std::uint64_t bits) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const std::string text = print_value(type, bits);
  if (is_mask(type)) return bits != 0 ? 1 : 0;
  if (is_int(type)) {
    const auto value = type == Type::i32 ? static_cast<std::int32_t>(bits) : static_cast<std::int64_t>(bits);
    if (value > kExact || value < -kExact) return text;
    return value;
  }
  const float narrow = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  const double value = type == Type::f32 ? narrow : std::bit_cast<double>(bits);
  if (!std::isfinite(value)) return text;
  // The short text of an f32, if it survives a reader that goes through f64; else all its digits.
  const double short_value = std::strtod(text.c_str(), nullptr);
  return type == Type::f32 && static_cast<float>(short_value) != narrow ? value : short_value;
}

}  // namespace trueno::tools
