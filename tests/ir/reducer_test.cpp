// Reducers of text: reading, refusing, printing, and what they compute by the interpreter.
#include "ir/reducer.h"

#include <catch2/catch.hpp>

#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "tests/ir/kernels.h"

using namespace trueno;
using namespace trueno::ir;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSpread = R"(
reduce spread(x: T) -> T for T in f32, i32
  doc   "max - min"
  state (low: T = 1000000, high: T = -1000000)
  empty refused
{
  step { min(low, x), max(high, x) }
  merge (low2, high2) { min(low, low2), max(high, high2) }
  finish { high - low }
}
)";

/// The definitions of one text, as a catalogue.
class Texts final : public Catalogue {
 public:
  explicit Texts(const std::string& text) {
    static const NoOps kNone;
    auto module = parse_module(text, kNone, "t.tir");
    INFO((module ? "" : module.error().text()));
    REQUIRE(module);
    all_ = std::move(module->definitions);
  }
  const Definition* find(std::string_view name, const std::vector<Type>& types) const override {
    for (const Definition& d : all_)
      if (d.name == name && d.types == types) return &d;
    return nullptr;
  }
  std::vector<std::vector<Type>> overloads(std::string_view name) const override {
    std::vector<std::vector<Type>> out;
    for (const Definition& d : all_)
      if (d.name == name) out.push_back(d.types);
    return out;
  }
  std::vector<std::string> names() const override { return {"spread"}; }

 private:
  struct NoOps final : Catalogue {
    const Definition* find(std::string_view, const std::vector<Type>&) const override { return nullptr; }
    std::vector<std::vector<Type>> overloads(std::string_view) const override { return {}; }
    std::vector<std::string> names() const override { return {}; }
  };
  std::vector<Definition> all_;
};

Kernel compiled(const std::string& text, const Catalogue& ops) {
  auto module = parse_module(text, ops, "k.tir");
  INFO((module ? "" : module.error().text()));
  REQUIRE(module);
  auto kernel = optimize(module->kernels.at(0), ops);
  INFO((kernel ? "" : kernel.error().text()));
  REQUIRE(kernel);
  return *std::move(kernel);
}

template <class R, class T>
R run(const Kernel& kernel, const std::vector<T>& x) {
  const void* const in[] = {x.data()};
  R out{};
  void* const outputs[] = {&out};
  const auto done = interpret(kernel, in, outputs, static_cast<std::int64_t>(x.size()));
  INFO((done ? "" : done.error().text()));
  REQUIRE(done);
  return out;
}

std::string mistake(const std::string& text) {
  const Texts none("");
  const auto module = parse_module(text, none, "t.tir");
  return module ? "no mistake" : module.error().text();
}

std::string with(const std::string& step, const std::string& merge = "a + b", const std::string& finish = "a") {
  return "reduce r(x: f32) -> f32\n  doc \"d\"\n  state (a: f32 = 0)\n{\n  step { " + step + " }\n  merge (b) { " +
         merge + " }\n  finish { " + finish + " }\n}\n";
}

}  // namespace

TEST_CASE("a reducer of two components is run over the tree") {
  const Texts ops(kSpread);
  const Kernel k = compiled("kernel k(x: i32[]) -> i32 { spread(x) }", ops);
  CHECK(schedule(k).needs_elements);
  std::vector<std::int32_t> x;
  for (int i = 0; i < 20000; ++i) x.push_back((i * 7919) % 4001 - 2000);
  CHECK(run<std::int32_t>(k, x) == 4000);
  CHECK(run<std::int32_t>(k, std::vector<std::int32_t>{5}) == 0);
}

TEST_CASE("where filters any reduction, and count() inside with it") {
  const std::string mean = "op average(x: f32) -> f32 { f32(f64(sum(x)) / f64(count())) }\n";
  const Texts ops(mean + kSpread);
  const std::vector<float> x = {1, 2, 3, 4, 5, 60};
  CHECK(run<float>(compiled("kernel k(x: f32[]) -> f32 { average(x where x < 6) }", ops), x) == 3);
  CHECK(run<float>(compiled("kernel k(x: f32[]) -> f32 { spread(x where x > 2 and x < 6) }", ops), x) == 2);
  CHECK(run<float>(compiled("kernel k(x: f32[]) -> f32 { max(x where f64(x) < 5) }", ops), x) == 4);
  CHECK(run<float>(compiled("kernel k(x: f32[]) -> f32 { average(x where x > 1) - average(x) }", ops), x) ==
        14.8f - 12.5f);
}

TEST_CASE("what is left of a reducer is printed by its components and read back") {
  const Texts ops(kSpread);
  for (const char* text :
       {"kernel k(x: f32[]) -> f32 { spread(x) }", "kernel k(x: f32[]) -> f32 { spread(x*x where x > 0) }",
        "kernel k(x: f32[]) -> (f32, f32) { spread.low(x), spread(x + 1) }"}) {
    const Kernel k = compiled(text, ops);
    INFO(print(k));
    CHECK_THAT(print_parts(k).kernel, Contains("spread.low(") && !Contains("spread("));
    const Texts none("");
    const auto again = parse_module(print(k), none);
    INFO((again ? "" : again.error().text()));
    REQUIRE(again);
    CHECK(same(k, again->kernels.at(0)));
    CHECK(print(again->kernels.at(0)) == print(k));
    const auto optimized = optimize(again->kernels.at(0), ops);
    REQUIRE(optimized);
    CHECK(same(k, *optimized));
  }
}

TEST_CASE("a printed reducer: one definition, without its filter, and nothing that contracts") {
  const Texts ops(kSpread);
  const Kernel k =
      compiled("kernel k(x: f32[]) -> (f32, f32) { spread(x where x > 0), spread(x where f64(x) < 5) }", ops);
  CHECK(print_parts(k).declarations ==
        std::vector<std::string>{"reduce spread(x: f32) -> f32\n"
                                 "  state (low: f32 = 1e+06, high: f32 = -1e+06)\n"
                                 "  empty refused\n{\n"
                                 "  step { min(low, x), max(high, x) }\n"
                                 "  merge (low2, high2) { min(low, low2), max(high, high2) }\n"
                                 "  finish { low }\n}\n"});
  const Texts sums(with("p = a*x; p*x + mul(a, x) + 1", "a*b - b"));
  const Kernel sum = compiled("strict kernel k(x: f32[]) -> f32 { r(x) }", sums);
  CHECK_THAT(print(sum), Contains("fma(x, v2, v2) + 1") && Contains("fma(a, b, -b)"));
}

TEST_CASE("reducers of one name are the same only if they do the same") {
  const auto with_step = [](const std::string& step) {
    const Texts ops(with(step));
    return compiled("kernel k(x: f32[]) -> f32 { r(x) }", ops);
  };
  CHECK(same(with_step("a + x"), with_step("a + x")));
  CHECK_FALSE(same(with_step("a + x"), with_step("a - x")));
}

TEST_CASE("reducers that cannot be are refused with a reason") {
  CHECK(mistake(with("a + x")) == "no mistake");
  CHECK_THAT(mistake(with("a + sum(x)")), Contains("a reducer cannot contain another reduction"));
  CHECK_THAT(mistake(with("a + f32(count())")), Contains("count() is known in 'finish' only"));
  CHECK_THAT(mistake(with("a + f32(index())")), Contains("index() is not known in a reducer; make it an operand"));
  CHECK_THAT(mistake(with("a + x, a")), Contains("declares 1 result, but its body gives 2"));
  CHECK_THAT(mistake(with("r(x)")), Contains("an op cannot call itself"));
  CHECK_THAT(mistake(with("a + y")), Contains("there is no value 'y'"));
  CHECK_THAT(mistake(with("a + x", "a + b", "x")), Contains("there is no value 'x'"));
  CHECK_THAT(mistake(with("a + x", "f64(a)")), Contains("there is no implicit conversion"));
  CHECK_THAT(mistake("reduce r(x: f32) -> f32 { step { x } }"),
             Contains("a reducer needs 'state (NAME: TYPE = START, ...)'"));
  CHECK_THAT(mistake("reduce r(x: f32) -> f32 state (a: f32 = 0.5, b: i32 = 0.5) { step { a, b } merge (c, d) { a, b } "
                     "finish { a } }"),
             Contains("0.5"));
  CHECK_THAT(mistake("reduce r(x: f32) -> f32 state (a: mask = 0) { step { a } merge (b) { a } finish { x } }"),
             Contains("mask"));
  CHECK_THAT(mistake("reduce r(x: f32) -> f32 state (a: f32 = 0) { step { a } finish { a } }"), Contains("'merge'"));
  CHECK_THAT(mistake("reduce r(x: f32) -> f32 state (a: f32 = 0) { step { a } merge { a } finish { a } }"),
             Contains("names for the later state"));
  CHECK_THAT(mistake("op f(x: f32) -> f32 { x - sum(x) }\n" + with("a + f(x)")),
             Contains("a reducer cannot contain another reduction"));
  CHECK_THAT(mistake("op f(x: f32) -> f32 { x / f32(count()) }\nop g(x: f32) -> f32 { f(x) }\n" + with("a + g(x)")),
             Contains("count() is known in 'finish' only; op 'g' asks it"));
  CHECK_THAT(mistake("op f(x: f32) -> f32 { x * f32(index()) }\n" + with("a + f(x)")),
             Contains("make it an operand; op 'f' asks it"));
  CHECK(mistake("op f(x: f32) -> f32 { x / f32(count()) }\n" + with("a + x", "a + b", "f(a)")) == "no mistake");
  CHECK(mistake("op f(x: f32) -> f32 { x * 2 }\n" + with("a + x * f(f32(3))")) == "no mistake");
  CHECK_THAT(
      mistake("reduce sum(x: f32, y: f32) -> f32 state (fma: f32 = 0) { step { x } merge (b) { b } finish { fma } }"),
      Contains("'sum.fma', as this component is called where the reducer is used, is an operation already"));
  CHECK_THAT(mistake("op r.a(x: f32) -> f32 { x }\n" + with("a + x")), Contains("'r.a'"));
  const std::string name(40, 'n');
  CHECK_THAT(mistake("reduce " + name + "(x: f32) -> f32 state (" + name +
                     ": f32 = 0) { step { x } merge (b) { b } finish { " + name + " } }"),
             Contains("is longer than 64 bytes"));
  CHECK_THAT(mistake("op r(x: i32) -> i32 { x }\n" + with("a + x") + "kernel k(i: i32[]) -> i32[] { r.a(i) }"),
             Contains("'r' of (i32) is an op; only reducers have a state"));
  const Texts ops(kSpread);
  const auto unknown = parse_module("kernel k(x: f32[]) -> f32 { spread.middle(x) }", ops);
  REQUIRE(!unknown);
  CHECK_THAT(unknown.error().text(), Contains("the state of 'spread' is low, high"));
}
