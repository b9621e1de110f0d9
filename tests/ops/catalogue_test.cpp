// The catalogue: every built-in block parses, names and overloads come from a cheap scan, a block is parsed once
// whoever asks, and broken or circular text is an error, not a crash.
#include "ops/catalogue.h"

#include "ir/reducer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

using namespace trueno;
using namespace trueno::ops;

namespace {

using Types = std::vector<Type>;

/// A catalogue over one text, which must outlive it.
struct OneText {
  EmbeddedText file;
  TextCatalogue catalogue;
  explicit OneText(std::string_view text) : file{"test.tir", text}, catalogue({&file, 1}) {}
};

}  // namespace

TEST_CASE("every built-in op parses, has words and a bound or a reduction's doc") {
  const auto checked = built_in().check();
  INFO((checked ? "" : checked.error().text()));
  CHECK(checked);
  for (const std::string& name : built_in().names())
    for (const Types& types : built_in().overloads(name)) {
      const ir::Definition* definition = built_in().find(name, types);
      INFO(name);
      REQUIRE(definition != nullptr);
      CHECK(definition->doc.size() > 10);
      CHECK(definition->body.params.size() == (definition->reducer ? definition->reducer->state.size() : types.size()));
      if (definition->reducer) CHECK(definition->reducer->operands() == types.size());
    }
}

TEST_CASE("names and overloads") {
  const auto names = built_in().names();
  for (const char* name :
       {"abs", "square", "recip", "relu", "clamp", "lerp", "exp", "sigmoid", "mean", "mean.fma", "dot"})
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  CHECK(built_in().overloads("exp") == std::vector<Types>{{Type::f32}, {Type::f64}});
  CHECK(built_in().overloads("relu") == std::vector<Types>{{Type::f32}, {Type::f64}, {Type::i32}, {Type::i64}});
  CHECK(built_in().overloads("clamp").front() == Types{Type::f32, Type::f32, Type::f32});
  CHECK(built_in().overloads("no such").empty());
  CHECK(built_in().find("exp", {Type::i32}) == nullptr);
  CHECK(built_in().find("mean", {Type::i32})->result == Type::f64);
  CHECK(built_in().find("exp", {Type::f32})->bounds.at(0).ulp == 1.0);
  CHECK(built_in().find("sigmoid", {Type::f32})->bounds.at(0).ulp == 2.45);
  CHECK(built_in().find("exp", {Type::f32})->reference == "exp");
  CHECK(built_in().file_of("exp") == "exponential.tir");
  CHECK(built_in().source("exp").starts_with("op exp(x: f32) -> f32"));
  CHECK(built_in().source("exp").ends_with("\n}\n"));
}

TEST_CASE("parts of ops are found but not listed") {
  CHECK(built_in().find("part.exp", {Type::f32}) != nullptr);
  for (const std::string& name : built_in().names()) CHECK_FALSE(name.starts_with(kPartPrefix));
}

TEST_CASE("threads that ask at once get the same definition") {
  const TextCatalogue catalogue(kEmbedded);
  std::vector<const ir::Definition*> found(8);
  {
    std::vector<std::jthread> threads;
    for (auto& slot : found) threads.emplace_back([&] { slot = catalogue.find("sigmoid", {Type::f32}); });
  }
  CHECK(found[0] != nullptr);
  for (const auto* definition : found) CHECK(definition == found[0]);
}

TEST_CASE("a block may use tables of another file and ops that come later") {
  const EmbeddedText files[] = {
      {"a.tir", "op twice_later(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ later(x) + later(x) }\n"},
      {"b.tir", "table four: f32[4] = [1, 2, 3, 4]\n"},
      {"c.tir", "op later(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ four[i32(x)] }\n"}};
  const TextCatalogue catalogue(files);
  const auto checked = catalogue.check();
  INFO((checked ? "" : checked.error().text()));
  CHECK(checked);
  REQUIRE(catalogue.find("later", {Type::f32}) != nullptr);
  CHECK(catalogue.find("later", {Type::f32})->body.tables.size() == 1);
}

TEST_CASE("broken blocks are reported, not found") {
  const OneText broken("op bad(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ nonsense(x) }\n");
  CHECK(broken.catalogue.find("bad", {Type::f32}) == nullptr);
  CHECK(broken.catalogue.check().status() == Status::invalid_text);
  const OneText header("op bad(x f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ x }\n");
  CHECK(header.catalogue.overloads("bad").empty());
  CHECK(header.catalogue.check().status() == Status::invalid_text);
  const std::string once = "op same(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ x + 1 }\n";
  const std::string twice = once + once;
  const OneText same(twice);
  CHECK(same.catalogue.check().status() == Status::invalid_text);
}

TEST_CASE("ops that need each other end in an error") {
  const OneText circle(
      "op ping(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ pong(x) }\n"
      "op pong(x: f32) -> f32\n  doc \"d\"\n  bound fast 1 ulp\n  ref exp\n{ ping(x) }\n");
  CHECK_FALSE(circle.catalogue.check());
}

TEST_CASE("a user's ops lie over the built-in ones") {
  const auto module = ir::parse_module(
      "op triple(x: f32) -> f32\n  doc \"three times x\"\n  bound fast 0.5 ulp\n  ref exp\n{ 3 * x }\n"
      "op sigmoid(x: f32) -> f32\n  doc \"another\"\n  bound fast 9 ulp\n  ref exp\n{ x }\n",
      built_in());
  INFO((module ? "" : module.error().text()));
  REQUIRE(module);
  const UserCatalogue mine(built_in(), module->definitions);
  REQUIRE(mine.find("triple", {Type::f32}) != nullptr);
  CHECK(mine.find("triple", {Type::f64}) == nullptr);
  CHECK(mine.find("sigmoid", {Type::f32})->doc == "another");
  CHECK(mine.find("exp", {Type::f32}) == built_in().find("exp", {Type::f32}));
  CHECK(mine.overloads("triple") == std::vector<Types>{{Type::f32}});
  CHECK(mine.overloads("sigmoid") == built_in().overloads("sigmoid"));
  const auto names = mine.names();
  CHECK(std::count(names.begin(), names.end(), "triple") == 1);
  CHECK(std::count(names.begin(), names.end(), "sigmoid") == 1);
}
