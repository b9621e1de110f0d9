// From text to kernels: grammar, literals, typing, signatures, ops, tables, expressions.
#include <catch2/catch.hpp>

#include "tests/ir/text.h"

using namespace trueno;
using namespace trueno::ir;
using namespace trueno::ir::text_tests;

namespace {

std::uint64_t constant(std::string_view literal, Type type) {
  const std::string t(name_of(type));
  const Kernel k = kernel_of("kernel k() -> " + t + " { " + std::string(literal) + " }");
  INFO(k.name);
  REQUIRE(k.nodes.size() == 1);
  CHECK(k.nodes[0].op == Op::constant);
  return k.nodes[0].imm;
}

}  // namespace

TEST_CASE("a kernel has its signature") {
  const Kernel k = kernel_of("kernel k(x: f32[], a: f64, i: i64[]) -> (s: f64, y: f32[], mask[]) { a, x, i > 0 }");
  REQUIRE(k.params.size() == 3);
  CHECK((k.params[0].name == "x" && k.params[0].is_array() && k.params[0].type == Type::f32));
  CHECK((k.params[1].name == "a" && !k.params[1].is_array() && k.params[1].type == Type::f64));
  REQUIRE(k.outputs.size() == 3);
  CHECK((k.outputs[0].name == "s" && !k.outputs[0].array));
  CHECK((k.outputs[1].name == "y" && k.outputs[1].array));
  CHECK((k.outputs[2].name.empty() && k.outputs[2].array && k[k.outputs[2].value].type == Type::m64));
}

TEST_CASE("what varies and what does not") {
  const Kernel k = kernel_of("kernel k(x: f32[], a: f32) -> (f32, f32[], f32[]) { s = sum(a*x)\n s*a, x - s, a }");
  REQUIRE(k.outputs.size() == 3);
  CHECK_FALSE(k[k.outputs[0].value].varying);
  CHECK(k[k.outputs[1].value].varying);
  CHECK_FALSE(k[k.outputs[2].value].varying);
  CHECK(k.outputs[2].array);
}

TEST_CASE("precedence and association") {
  CHECK(printed("x - y - a", "f32[]") == "x - y - a");
  CHECK(printed("x - (y - a)", "f32[]") == "x - (y - a)");
  CHECK(printed("x / y / a", "f32[]") == "x / y / a");
  CHECK(printed("(x + y) / a", "f32[]") == "(x + y) / a");
  CHECK(printed("-x / y", "f32[]") == "-x / y");
  CHECK(printed("x < y and not x < a or y == a", "mask[]") == "x < y and not(x < a) or y == a");
  CHECK(printed("x < y and (x < a or y == a)", "mask[]") == "x < y and (x < a or y == a)");
  CHECK(printed("i and 3 or j", "i32[]") == "i and 3 or j");
  CHECK(printed("and(i, 3)", "i32[]") == "i and 3");
  CHECK(printed("xor(i, not(j))", "i32[]") == "xor(i, not(j))");
}

TEST_CASE("newlines end statements, but not in parentheses or after an operator or comma") {
  CHECK(printed("s = x +\n  y\nt = (x\n  - y)\ns,\n t", "(f32[], f32[])") == "s = x + y\n  t = x - y\n  s, t");
  CHECK(printed("s = x; s + s # comment", "f32[]") == "x + x");
  CHECK(printed("x\n", "f32[]") == "x");
}

TEST_CASE("literals are rounded once, from their text") {
  CHECK(constant("1", Type::f32) == 0x3f800000u);
  CHECK(constant("0.1", Type::f32) == 0x3dcccccdu);
  CHECK(constant("0.1", Type::f64) == 0x3fb999999999999aull);
  CHECK(constant("16777217", Type::f32) == 0x4b800000u);
  // Between two f32; through f64 it would become a tie and round the other way.
  CHECK(constant("1.00000005960464477539062501", Type::f32) == 0x3f800001u);
  CHECK(constant("1e-50", Type::f32) == 0u);
  CHECK(constant("-1e-50", Type::f32) == 0x80000000u);
  CHECK(constant("1e-45", Type::f32) == 1u);
  CHECK(constant("0x1.8p-3", Type::f32) == 0x3e400000u);
  CHECK(constant("0x1p-149", Type::f32) == 1u);
  CHECK(constant("0x0.00000000000000000000000000000000008p0", Type::f64) == 0x3760000000000000ull);
  CHECK(constant("0x10", Type::f32) == 0x41800000u);
  CHECK(constant("-0", Type::f32) == 0x80000000u);
  CHECK(constant("inf", Type::f32) == 0x7f800000u);
  CHECK(constant("-inf", Type::f64) == 0xfff0000000000000ull);
  CHECK(constant("nan", Type::f32) == 0x7fc00000u);
  CHECK(constant("nan(0x7f800001)", Type::f32) == 0x7f800001u);
  CHECK(parse_module("kernel k(x: f32[]) -> f32[] {\n  v = x * nan\n  (v - x) * nan\n}", NoOps()));  // a new statement
  CHECK(constant("-2147483648", Type::i32) == 0x80000000u);
  CHECK(constant("0x80000000", Type::i32) == 0x80000000u);
  CHECK(constant("-9223372036854775808", Type::i64) == 0x8000000000000000ull);
  CHECK(constant("0xffffffffffffffff", Type::i64) == ~0ull);
}

TEST_CASE("literals that cannot be what is needed") {
  const auto problem = [](std::string_view literal, std::string_view type) {
    return errors_of("kernel k() -> " + std::string(type) + " { " + std::string(literal) + " }");
  };
  CHECK_THAT(problem("0.5", "i32"), Catch::Contains("the literal 0.5 is a float, but i32 is needed"));
  CHECK_THAT(problem("2147483648", "i32"), Catch::Contains("the literal 2147483648 is out of the range of i32"));
  CHECK_THAT(problem("-2147483649", "i32"), Catch::Contains("-2147483649 is out of the range"));
  CHECK_THAT(problem("0x100000000", "i32"), Catch::Contains("out of the range of i32"));
  CHECK_THAT(problem("99999999999999999999", "i64"), Catch::Contains("out of the range of i64"));
  CHECK_THAT(problem("0x1.000001p0", "f32"), Catch::Contains("is not exact in f32"));
  CHECK_THAT(problem("0x1p-150", "f32"), Catch::Contains("is not exact in f32"));
  CHECK_THAT(problem("0x1.0000000000000000000000001p0", "f64"), Catch::Contains("is not exact in f64"));
  CHECK_THAT(problem("0x1p128", "f32"), Catch::Contains("beyond the range of f32"));
  CHECK_THAT(problem("1e39", "f32"), Catch::Contains("beyond the range of f32; write inf"));
  CHECK_THAT(problem("nan", "i32"), Catch::Contains("the literal nan has no value in i32"));
  CHECK_THAT(problem("nan(0x3f800000)", "f32"), Catch::Contains("does not give the bits of a NaN"));
  CHECK_THAT(problem("2", "mask"), Catch::Contains("cannot find the type of '2'"));
}

TEST_CASE("a literal takes the type of what stands beside it") {
  CHECK(printed("2*x, i*3, select(x > 1, 0, y), max(i, 0)", "(f32[], i32[], f32[], i32[])") ==
        "2 * x, i * 3, select(x > 1, 0, y), max(i, 0)");
  CHECK(printed("c = 2\nd = c + 1\nd*x", "f32[]") == "c = f32(2)\n  d = c + 1\n  d * x");
  CHECK(printed("ldexp(x, 3) + 1", "f32[]") == "ldexp(x, 3) + 1");
  CHECK(printed("bitcast.f32(0x3f800000)", "f32[]") == "bitcast.f32(i32(1065353216))");
  CHECK(printed("f32(1) + 2", "f32[]") == "f32(1) + 2");
}

TEST_CASE("conversions are written, and only between what they convert") {
  CHECK(printed("f64(x) + f64(i)", "f64[]") == "f64(x) + f64(i)");
  CHECK(printed("select(m64(x > 0), f64(y), 0)", "f64[]") == "select(m64(x > 0), f64(y), 0)");
  CHECK(printed("bitcast.raw.i32(x) + bitcast.i32(y)", "i32[]") == "bitcast.raw.i32(x) + bitcast.i32(y)");
  CHECK(printed("m = m32(1)\nselect(m, x, y)", "f32[]") == "m = m32(1)\n  select(m, x, y)");
}

TEST_CASE("reductions by number of operands, and their types") {
  CHECK(printed("min(x) + max(x, y)", "f32[]") == "min(x) + max(x, y)");
  const Kernel k = kernel_of("kernel k(x: f32[], i: i32[]) -> (f32, i32, i64) { min(x), max(i), sum(i) }");
  REQUIRE(k.outputs.size() == 3);
  CHECK(k[k.outputs[0].value].op == Op::reduce_min);
  CHECK(k[k.outputs[1].value].op == Op::reduce_max);
  CHECK(k[k.outputs[2].value].op == Op::reduce_sum);
  CHECK(printed("x - sum(x) / f32(count())", "f32[]") == "x - sum(x) / f32(count())");
}

TEST_CASE("tables") {
  const Kernel k = kernel_of("table t: f32[2] = [1, -0x1p-3]\nkernel k(i: i32[]) -> f32[] { t[i] + t[i + 1] }");
  REQUIRE(k.tables.size() == 1);
  CHECK(k.tables[0].entries == std::vector<std::uint64_t>{0x3f800000u, 0xbe000000u});
}

TEST_CASE("an op is defined once per type, and its name inside it is the primitive") {
  const auto module = parse_module(
      "op abs(x: T) -> T for T in f32, i64\n  doc \"magnitude\"\n  bound fast 0 ulp\n  bound tight 0.5 ulp floor "
      "1e-30\n"
      "  ref abs_ref\n{ abs(x) + T(0) }\nkernel k(x: f32[]) -> f32[] { abs(x) }\n",
      NoOps());
  REQUIRE(module);
  REQUIRE(module->definitions.size() == 2);
  const Definition& d = module->definitions[1];
  CHECK(d.name == "abs");
  CHECK(d.types == std::vector<Type>{Type::i64});
  CHECK(d.result == Type::i64);
  CHECK(d.doc == "magnitude");
  CHECK(d.reference == "abs_ref");
  REQUIRE(d.bounds.size() == 2);
  CHECK((d.bounds[1].tier == "tight" && d.bounds[1].ulp == 0.5 && d.bounds[1].floor == 1e-30));
  CHECK(body_of(d.body) == "abs(x) + 0");
  REQUIRE(module->kernels[0].calls.size() == 1);
  CHECK(module->kernels[0].calls[0].callee == "abs");
}

TEST_CASE("a call of a reducing op is uniform, whatever its argument") {
  const char* text =
      "op mean(x: f32) -> f32 { f32(f64(sum(x)) / f64(count())) }\nop twice(x: f32) -> f32 { x + x }\n"
      "kernel k(x: f32[], a: f32) -> (f32, f32[], f32) { mean(x), twice(x) - mean(twice(x)), twice(a) }";
  const auto module = parse_module(text, NoOps());
  REQUIRE(module);
  const Kernel& k = module->kernels[0];
  CHECK_FALSE(k[k.outputs[0].value].varying);
  CHECK(k[k.outputs[1].value].varying);
}

TEST_CASE("ops whose arguments have no type follow the type wanted") {
  const char* op = "op twice(x: T) -> T for T in f32, i32 { x + x }\n";
  CHECK(printed("twice(2) * i", "i32[]", op) == "twice(i32(2)) * i");
  CHECK(printed("twice(2)", "f32[]", op) == "twice(f32(2))");
}

TEST_CASE("expressions: free scalars get their type from the first typed use") {
  const auto k = expression("a*x + b", {{"x", true, Type::f64}, {"a", false, {}}, {"b", false, {}}});
  REQUIRE(k);
  CHECK(k->name == "expression");
  REQUIRE(k->params.size() == 3);
  CHECK(k->params[1].type == Type::f64);
  CHECK(k->params[2].type == Type::f64);
  CHECK(k->outputs[0].array);
  CHECK(body_of(*k) == "fma(a, x, b)");
}

TEST_CASE("expressions: statements, several results, names of results") {
  const auto k = expression("m = sum(x); m, x - m");
  REQUIRE(k);
  REQUIRE(k->outputs.size() == 2);
  CHECK(k->outputs[0].name == "m");
  CHECK_FALSE(k->outputs[0].array);
  CHECK(k->outputs[1].array);
}

TEST_CASE("expressions: every given name must be used, every array typed") {
  CHECK_THAT(expression("x", {{"x", true, Type::f32}, {"b", false, {}}}).error().text(),
             Catch::Contains("'b' is given but not used"));
  CHECK_THAT(expression("x", {{"x", true, {}}}).error().text(), Catch::Contains("the array 'x' has no type"));
  CHECK_THAT(expression("").error().text(), Catch::Contains("there is no expression"));
  CHECK_THAT(expression("f32(1) + aa", {{"ab", false, {}}}).error().text(), Catch::Contains("did you mean 'ab'?"));
}
