// Fuzzes the text language: parse_fuzz [count] [seed], default 1,000,000 inputs.
//
// Mutates a built-in corpus (bytes, tokens, splices, long repetitions, deep nesting). For each input: no crash,
// bounded memory, every refusal says something; and what is accepted must print to text that parses back to
// the same kernel and prints the same again.
#include <cctype>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "ops/catalogue.h"
#include "ops/user_ops.h"
#include "tests/fuzz/text_fuzz.h"

namespace {

using namespace trueno;
using fuzz::Random;

constexpr std::size_t kMostMemory = 64 << 20;  // live at once, for an input of at most kLongestInput

constexpr std::string_view kCorpus[] = {
    "kernel s(x: f32[]) -> f32 { sum(x) }",
    "kernel ms(x: f32[], a: f32, b: f32) -> f32 {\n  mean(sigmoid(a*x + b))\n}\n",
    "kernel zscore(x: f32[]) -> f32[] {\n  d = x - mean(x)\n  d / sqrt(mean(d*d))\n}\n",
    "kernel two(x: f32[], y: f64[]) -> (s: f32, t: f64[], mask[]) {\n  m = x > 0 and x <= 1\n"
    "  sum(x where m), select(m64(m), y, 1 / y), m\n}\n",
    "strict kernel st(x: f32[], i: i32[]) -> (f32[], i64) { x*x + 1, sum(i*i) }",
    "table t4: f32[4] = [1, 0x1p-3, -inf, nan]\nkernel t(i: i32[]) -> f32[] { t4[i & 3] * 2 }",
    "table t2: i64[2] = [-9223372036854775808, 0x7fffffffffffffff]\nkernel t(i: i64[]) -> i64[] { t2[i] }\n",
    "op swish(x: T) -> T for T in f32, f64\n  doc \"x\"\n  bound fast 2.5 ulp floor 1e-40\n  ref swish\n"
    "{ x / (1 + T(x)) }\nkernel k(x: f64[]) -> f64[] { swish(x) }",
    "op abs(x: T) -> T for T in f32, i32 { abs(x) }\nkernel k(x: i32[]) -> i32[] { abs(-x) }",
    "kernel b(i: i32[], x: f32[]) -> (i32[], f32[]) {\n  j = (i shl 3)\n  xor(i, not(i)) + rem(i, 7) - shr(i, 2),"
    " bitcast.f32(bitcast.raw.i32(x)) # end\n}",
    "kernel n(x: f32[]) -> f32[] { nan(0x7fc00001) + x * -0x1.8p-3 - -inf / 1e-45 + 16777217 }",
    "kernel c(x: f32[]) -> (f32, i64, f32) { min(x), count(), max(x) }",
    "kernel l(x: f64[], n: i64[]) -> f64[] { ldexp(x, n) + ldexp.near(x, 3) + exponent(x) * significand(x) }",
    "kernel v(x: i32[], y: i32[]) -> (i64, f64, f32[]) { sum(x*y), mean(x*y), f32(x) / f32(i64(y)) }",
    "kernel d(x: f32[], y: f32[]) -> (f32, f32[]) { dot(x, y), clamp(lerp(x, y, 0.5), 0, 1) }",
    "table q: f32[2] = [1, 0x1p-3]\nreduce own(x: T, w: T) -> T for T in f32, f64\n  state (s: T = -0, n: i32 = 3)\n"
    "  empty refused\n{\n  step { p = s*x\n  p + exp(w) * T(q[n]), n + 1 }\n  merge (s2, n2) { s2 - s*s2, max(n, n2) "
    "}\n"
    "  finish { s / T(n) + T(count()) }\n}\nkernel k(x: f32[], d: f64[]) -> (f32, f64[]) {\n"
    "  own(x, x*x where x > 0) - own(x, x), d * own.s(d, d) }",
    "reduce last(x: f32, i: i64) -> f32\n  state (v: f32 = nan, at: i64 = -1)\n{ step { select(m32(i > at), x, v), "
    "max(i, "
    "at) }\n  merge (w, bt) { w, bt }\n  finish { v } }\nstrict kernel k(x: f32[]) -> f32 { last(x, index()) }",
    "c = 2; k = c + 1\nmean(k*x + b), x < a, not (x == 1) or x != x",
    "a*x + b",
    "sum(x where x > mean(x)) / f32(count())",
    "fma(x, a, -b), min(x), min(x, a)",
    "x - sum(a*x) * (x + b*x - (a*b + x*x))",
    "relu(x) + exp(-abs(x))*recip(square(x))",
    "mul(x, a) + x, x - mul(a, b), sum(mul(x, x)), -(x*a) + b, sum(x*a*b) - x*x*a",
    "m = m32(1)\nselect(m, x, -(-x)) + neg(2)",
};

constexpr std::string_view kTokens[] = {
    "+",
    "-",
    "*",
    "/",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "=",
    "->",
    "<",
    "<=",
    "==",
    "!=",
    "^",
    "%",
    "&",
    "!",
    "and",
    "or",
    "not",
    "where",
    "kernel",
    "op",
    "table",
    "strict",
    "reduce",
    "state",
    "step",
    "merge",
    "finish",
    "empty refused",
    "for",
    "in",
    "doc",
    "bound",
    "ref",
    "ulp",
    "floor",
    "f32",
    "f64",
    "i32",
    "i64",
    "m32",
    "m64",
    "mask",
    "inf",
    "nan",
    "0",
    "1",
    "2.5",
    "1e400",
    "0x1p-150",
    "0x1.8p3",
    "-2147483648",
    "99999999999999999999",
    "0x80000000",
    "sum",
    "sum.fma",
    "mean",
    "min",
    "fma",
    "select",
    "exp",
    "sigmoid",
    "sqrt",
    "bitcast.i32",
    "bitcast.f32",
    "convert",
    "ldexp",
    "count()",
    "f32(x)",
    "i32(x)",
    "f64(x)",
    "x",
    "a",
    "b",
    "\n",
    "\n  d = ",
    "#",
    "\"",
    "T",
    " where x > 0",
    "sum(x*x)",
    "(x*x)",
    "a*x",
    "\xc3\xa9",
    "\t",
    "..",
    "m32(x<0)",
};

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

/// Puts a word or an operator in the place of another: what stays well formed often enough to be accepted.
void exchange(std::string& text, Random& random) {
  constexpr std::string_view kWords[] = {"x",  "a",   "b",   "x*x",    "1",      "2.5",
                                         "-1", "(x)", "x*a", "sum(x)", "f32(1)", "-x"};
  constexpr std::string_view kOperators[] = {"+", "-", "*", "/", "<", "==", ", "};
  std::size_t begin = random.below(text.size());
  if (!in_word(text[begin])) {
    if (std::string_view("+-*/<>").find(text[begin]) != std::string_view::npos)
      text.replace(begin, 1, random.pick(kOperators));
    return;
  }
  std::size_t end = begin;
  while (begin > 0 && in_word(text[begin - 1])) --begin;
  while (end < text.size() && in_word(text[end])) ++end;
  text.replace(begin, end - begin, random.pick(kWords));
}

constexpr std::string_view kOpeners[] = {"(", "-", "not ", "sum(", "f32(", "x + (", "t4[", "a*(", "fma(x, a, "};

std::string round_trip(const ir::Kernel& kernel) {
  const std::string printed = ir::print(kernel);
  const auto again = ir::parse_module(printed, ops::built_in());
  if (!again) return "printed text is refused:\n" + printed + again.error().text();
  if (again->kernels.size() != 1 || !ir::same(kernel, again->kernels[0]))
    return "parses back to another kernel:\n" + printed;
  const std::string twice = ir::print(again->kernels[0]);
  return twice == printed ? "" : "prints differently the second time:\n" + printed + twice;
}

/// Kernels with ops of their own stand alone once they are expanded: what is left of a reducer is printed with them.
std::string stands_alone(const std::string& text) {
  const auto module = ops::parse_user_module(text, ops::built_in(), "fuzz");
  if (!module || module->definitions.empty()) return "";
  const ops::UserCatalogue all(ops::built_in(), module->definitions);
  for (const ir::Kernel& kernel : module->kernels) {
    const auto expanded = ir::expand(kernel, all);
    if (!expanded) continue;  // too large
    const std::string printed = ir::print(*expanded);
    const auto again = ops::parse_user_module(printed, ops::built_in());
    if (!again) return "the expanded kernel is refused:\n" + printed + again.error().text();
    const std::string twice = ir::print(again->kernels.at(0));
    if (twice != printed) return "the expanded kernel prints differently the second time:\n" + printed + twice;
  }
  return "";
}

/// One input as a module and as an expression. Empty if all is well.
std::string check_one(const std::string& text, std::size_t& accepted) {
  const auto refusal = [](const Error& e) {
    return e.diagnostics.empty() || e.diagnostics[0].message.empty() || e.text().empty() ? "a refusal without a reason"
                                                                                         : "";
  };
  if (const auto module = ir::parse_module(text, ops::built_in(), "fuzz"); !module) {
    if (const std::string_view bad = refusal(module.error()); !bad.empty()) return std::string(bad);
  } else {
    accepted += !module->kernels.empty();
    for (const ir::Definition& d : module->definitions)
      if (ir::print(d.body).empty()) return "a definition prints as nothing";
    for (const ir::Kernel& k : module->kernels)
      // Kernels that call the text's own ops cannot be parsed alone.
      if (module->definitions.empty())
        if (std::string bad = round_trip(k); !bad.empty()) return bad;
    if (std::string bad = stands_alone(text); !bad.empty()) return bad;
  }
  const std::vector<ir::FreeName> names = {{"x", true, Type::f32}, {"a", false, {}}, {"b", false, {}}};
  const auto expression = ir::parse_expression(text, names, ops::built_in(), "fuzz");
  if (!expression) return refusal(expression.error());
  ++accepted;
  return round_trip(*expression);
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto ready = ops::built_in().check(); !ready) return std::fputs(ready.error().text().c_str(), stderr), 1;
  return fuzz::run("parse_fuzz", argc, argv, {kCorpus, kTokens, kOpeners, exchange}, kMostMemory, check_one);
}
