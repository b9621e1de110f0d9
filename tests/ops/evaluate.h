// Ops run by the interpreter, for the tests of this layer: operands in, bits out, for any op and types.
//
// Values travel as bits (f32 and i32 in the low half), as in the IR, so that one function serves all types.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::tests {

/// One operand: the bits of n elements.
using Column = std::vector<std::uint64_t>;

/// An op with its types: "clamp(f32, f32, f32)".
struct Overload {
  std::string op;
  std::vector<Type> types;
  std::string text() const;
};

/// Every overload of the built-in ops, in the catalogue's order.
std::vector<Overload> all_overloads();
/// True if the op gives one value for all elements.
bool reduces(const Overload& overload);
/// True if it gives one per element, for which it reduces them first.
bool compound(const Overload& overload);

/// The results of the op on the columns, by the interpreter: one per element, or a single one for a reduction.
/// Fails the test if the op does not parse, expand or run.
Column evaluate(const Overload& overload, const std::vector<Column>& operands);

/// The values where things go wrong: zeros, ends of the subnormals and of the finite numbers, infinities, NaN with
/// payloads, small numbers, numbers at the edges of exp; for integers the ends of the range.
Column special_values(Type type);

/// The same numbers everywhere: at even places any bits, at odd places multiples of 2^-20 (f64: 2^-49) in [-16, 16);
/// for integers below 2^20.
Column random_values(Type type, std::size_t n, std::uint64_t seed);
/// Operands that are ordinary numbers: the odd places of random_values for each; 1e-5 for one that is called eps.
std::vector<Column> tame_operands(const Overload& overload, std::size_t n, std::uint64_t seed);

/// Splitmix64: one step.
std::uint64_t next_random(std::uint64_t& state);

float f32_of(std::uint64_t bits);
double f64_of(std::uint64_t bits);
std::uint64_t bits_of_value(float value);
std::uint64_t bits_of_value(double value);

}  // namespace trueno::tests
