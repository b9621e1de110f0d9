// One small kernel per primitive and types, made from the primitive table.
//
// The exhaustive sweep of primitives and the page that says what each ISA declines are both about "every primitive
// with every list of types". That list is here: a row added to ir/primitives.h is swept and listed without a line
// written for it.
#pragma once

#include <string>
#include <vector>

#include "ir/kernel.h"

namespace trueno::tools {

/// A primitive with the types of its operands.
struct PrimitiveUse {
  ir::Op op = ir::Op::add;
  std::vector<Type> operands;
  Type result = Type::f32;  ///< also where the operands decide it
  int entries = 0;          ///< of a table; else 0
  bool where = false;       ///< a reduction over the elements at which a mask holds
  bool constant = false;    ///< the last operand, a number, is the constant 3

  std::string name() const;   ///< "convert", "table[16]", "sum where"
  std::string types() const;  ///< "f32 -> i64"
};

/// Every use of a primitive, in the order f32, f64, i32, i64, m32, m64. None for calls of ops and for conversions of
/// a type to itself.
std::vector<PrimitiveUse> uses_of(ir::Op op);

/// The kernel `y = primitive(p1, p2, ...)`: operands are arrays (the leaves of the language stand for themselves,
/// masks are p < 0.5), the result is stored to an array, that of a reduction is a scalar. Not expanded.
ir::Kernel kernel_of(const PrimitiveUse& use);

}  // namespace trueno::tools
