// What the ref line of a user's op may name: a reference of the library, another op, or a mistake.
#include "ops/op_reference.h"

#include <catch2/catch.hpp>

#include "ops/catalogue.h"
#include "ops/user_ops.h"

using namespace trueno;
using Catch::Matchers::Contains;

namespace {

/// What op `mine` of `types` is held against: "library NAME", "NAME of (TYPES)", "nothing", or the mistakes.
std::string held_against(const std::string& text, const std::vector<Type>& types = {Type::f32}) {
  auto parsed = ops::parse_user_ops(text, ops::built_in(), "mine.tir");
  if (!parsed) return parsed.error().text();
  const ops::UserCatalogue all(ops::built_in(), *std::move(parsed));
  const auto found = ops::reference_of(*all.find("mine", types), all);
  if (!found) return found.error().text();
  if (found->known != nullptr) return "library " + std::string(found->known->name);
  return found->op == nullptr ? "nothing" : found->op->name + " of " + std::string(name_of(found->op->types[0]));
}

}  // namespace

TEST_CASE("a reference is the library's, another op's, or none") {
  CHECK(held_against("op mine(x: f32) -> f32 { x }") == "nothing");
  CHECK(held_against("op mine(x: f32) -> f32 ref exp { x }") == "library exp");
  CHECK(held_against("op mine(x: i32) -> i32 ref abs { x }", {Type::i32}) == "library abs");
  CHECK(held_against("op mine(x: f32) -> f32 ref mean { sum(x) }") == "library mean");
  CHECK(held_against("op mine(x: f32) -> f32 ref softmax { x - sum(x) }") == "library softmax");
  CHECK(held_against("op slow(x: f64) -> f64 { x }\nop mine(x: f32) -> f32 ref slow { x }") == "slow of f64");
  CHECK(held_against("op mine(x: f32) -> f32 ref slow { x }\nop slow(x: T) -> T for T in f32, f64 { x }") ==
        "slow of f64");
  CHECK(held_against("op slow(x: f32) -> f32 { x }\nop mine(x: f32) -> f32 ref slow { x }") == "slow of f32");
  CHECK(held_against("op slow(x: i64) -> i64 { x }\nop mine(x: i64) -> i64 ref slow { x }", {Type::i64}) ==
        "slow of i64");
}

TEST_CASE("an op of f32 may be held against itself of f64, which has no reference then") {
  const std::string text = "op mine(x: T) -> T for T in f32, f64 ref mine { x * x + 1 }";
  CHECK(held_against(text) == "mine of f64");
  CHECK(held_against(text, {Type::f64}) == "nothing");
  CHECK(held_against("op mine(x: f32) -> f32 ref mine { x }") == "nothing");
}

TEST_CASE("a ref line that names nothing, or what does not fit, is a mistake") {
  CHECK_THAT(
      held_against("op mine(x: f32) -> f32 ref sigmoit { x }"),
      Contains("mine.tir:1:4: error: 'ref sigmoit' of op 'mine': there is no reference and no op of that name; did "
               "you mean 'sigmoid'?"));
  CHECK_THAT(held_against("op mine(x: f32) -> f32 ref clamp { x }"), Contains("is for other operands"));
  CHECK_THAT(held_against("op mine(x: f32) -> f32 ref mean { x }"), Contains("another kind of result"));
  CHECK_THAT(held_against("op mine(x: i32) -> i32 ref exp { x }"), Contains("another kind of result"));
  CHECK_THAT(held_against("op slow(x: f64, y: f64) -> f64 { x }\nop mine(x: f32) -> f32 ref slow { x }"),
             Contains("it takes (f64 and f64); the operands must be (f32) or (f64)"));
  CHECK_THAT(held_against("op slow(x: f64) -> f64 { sum(x) }\nop mine(x: f32) -> f32 ref slow { x }"),
             Contains("'ref slow'"));
}
