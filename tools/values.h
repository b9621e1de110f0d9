// Scalars between text, bits and JSON, exactly.
//
// A value given on the command line is a literal of the text language: rounded once, to the type it has in
// the kernel. A value printed reads back to the same bits. Tools carry scalars as bits (f32 and i32 in the
// low half), as the IR does, and leave the conversions to it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "trueno/types.h"

namespace trueno::tools {

/// The bits of a literal with or without a sign: "1e-3", "0x1.8p3", "-inf", "nan", "0x7f".
/// Errors: invalid_argument: no number, out of range, a fraction for an integer, an inexact hex float.
Result<std::uint64_t> parse_value(Type type, std::string_view text);

/// Shortest text that reads back to the same value; a mask as 0 or 1.
std::string print_value(Type type, std::uint64_t bits);

/// "0x3fc00000": as many digits as the type is stored in.
std::string print_bits(Type type, std::uint64_t bits);

/// A number; a string for NaN, inf and integers beyond 2^53, which JSON readers would damage.
nlohmann::ordered_json json_value(Type type, std::uint64_t bits);

}  // namespace trueno::tools
