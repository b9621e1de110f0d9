// Literals: from text to bits and back, exactly.
//
// A literal has no type of its own: it takes the type of the other operand and is rounded once, from its
// text. Decimal goes through std::from_chars (correctly rounded, no locale); hexadecimal floats must be exact.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ir/lex.h"
#include "trueno/types.h"

namespace trueno::ir {

/// The bits of a literal, or why it cannot have that type.
struct LiteralBits {
  std::uint64_t bits = 0;  ///< f32 and i32 zero-extended; masks 0 or 1
  std::string problem;
};

/// `text` as the lexer found it, without its sign. `nan(0x...)` gives all bits of a NaN.
LiteralBits literal_bits(std::string_view text, Form form, bool negative, Type type);

}  // namespace trueno::ir
