// Every primitive of the table, in every form, on every target this host can run, bit for bit.
#include <catch2/catch.hpp>

#include <string>

#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

/// What avx2 and avx512 may decline (contract, part 5): quotients of i64, for which no x86 has an instruction.
bool may_be_declined(ir::Op op, Type type) { return type == Type::i64 && (op == ir::Op::div || op == ir::Op::rem); }

void check_primitive(ir::Op op) {
  for (const test::Subject& s : test::subjects_of(op)) {
    const std::string declined = test::check_on_all_targets(s.name, s.kernel, s.options);
    const Type type = s.kernel.params.empty() ? Type::i64 : s.kernel.params[0].type;
    INFO(s.name << ": " << declined);
    if (!may_be_declined(op, type)) CHECK(declined.empty());
  }
}

}  // namespace

// One test case per row of the table, so that a failure names its primitive.
#define X(id, text, operands, typing, commutes, meaning) \
  TEST_CASE("primitive " #id) { check_primitive(ir::Op::id); }
TRUENO_PRIMITIVES(X)
#undef X
