// Every primitive of the table, in every form, on every target this host can run, bit for bit.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

/// What avx2 and avx512 must generate and may not decline (contract, part 5): all of f32 and i32 but integer
/// division, and of f64 what sums and means need.
bool must_be_generated(ir::Op op, Type type) {
  using ir::Op;
  constexpr Op kNever[] = {Op::div, Op::rem};
  constexpr Op kF64[] = {Op::add, Op::sub, Op::mul, Op::div, Op::sqrt, Op::fma, Op::neg, Op::abs,
                         Op::eq,  Op::ne,  Op::lt,  Op::le,  Op::gt,   Op::ge,  Op::min, Op::max};
  constexpr Op kRare[] = {Op::exponent, Op::significand, Op::mad};
  if (type == Type::f64) return std::find(std::begin(kF64), std::end(kF64), op) != std::end(kF64);
  if (type == Type::i64) return op == Op::add || op == Op::sub;
  if (type == Type::i32 && std::find(std::begin(kNever), std::end(kNever), op) != std::end(kNever)) return false;
  return std::find(std::begin(kRare), std::end(kRare), op) == std::end(kRare);
}

/// Conversions between widths and long tables may be declined.
bool ordinary(const ir::Kernel& k) {
  return std::none_of(k.nodes.begin(), k.nodes.end(), [](const ir::Node& n) { return bits_of(n.type) == 64; }) &&
         std::none_of(k.tables.begin(), k.tables.end(), [](const ir::Table& t) { return t.entries.size() > 16; });
}

void check_primitive(ir::Op op) {
  for (const test::Subject& s : test::subjects_of(op)) {
    const std::string declined = test::check_on_all_targets(s.name, s.kernel, s.options);
    const Type type = s.kernel.params.empty() ? Type::i64 : s.kernel.params[0].type;
    const bool required = must_be_generated(op, type) && !s.mask_result && (bits_of(type) == 64 || ordinary(s.kernel));
    INFO(s.name << ": " << declined);
    if (required) CHECK(declined.empty());
  }
}

}  // namespace

// One test case per row of the table, so that a failure names its primitive.
#define X(id, text, operands, typing, commutes, meaning) \
  TEST_CASE("primitive " #id) { check_primitive(ir::Op::id); }
TRUENO_PRIMITIVES(X)
#undef X
