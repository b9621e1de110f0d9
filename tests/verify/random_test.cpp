// Kernels nobody would write: random expressions over the primitives, with arrays, scalars, reductions and
// several results. What the matrix cannot meet, two primitives getting in each other's way, is found here.
#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "ir/builder.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "runtime/verify_inputs.h"
#include "tests/emulator.h"
#include "tests/verify/subjects.h"

using namespace trueno;

namespace {

class RandomKernel {
 public:
  explicit RandomKernel(std::uint64_t seed) : state_(seed), builder_("random", ops::built_in()) {}

  ir::Kernel make() {
    leaves();
    const int steps = 3 + static_cast<int>(draw(28));
    for (int i = 0; i < steps; ++i) step();
    results();
    const Result<ir::Kernel> kernel = builder_.finish();
    if (!kernel) FAIL(kernel.error().text());
    Result<ir::Kernel> expanded = ir::expand(*kernel, ops::built_in());
    if (!expanded) FAIL(expanded.error().text());
    return *std::move(expanded);
  }

 private:
  using Id = ir::NodeId;

  std::uint64_t draw(std::uint64_t below) {
    state_ = runtime::mix(state_ + 1);
    return state_ % below;
  }
  // Later values more often than early ones, so that chains grow; early ones stay alive all the same.
  Id pick(const std::vector<Id>& from) {
    const std::size_t recent = draw(3) == 0 ? from.size() : std::min<std::size_t>(from.size(), 4);
    return from[from.size() - 1 - draw(recent)];
  }
  Id f() { return pick(floats_); }
  Id i() { return pick(ints_); }
  Id m() { return pick(masks_); }

  void leaves() {
    for (int p = 0; p < 3; ++p) floats_.push_back(builder_.array("x" + std::to_string(p), Type::f32));
    for (int p = 0; p < 2; ++p) ints_.push_back(builder_.array("k" + std::to_string(p), Type::i32));
    for (int p = 0; p < 2; ++p) floats_.push_back(builder_.scalar("a" + std::to_string(p), Type::f32));
    ints_.push_back(builder_.scalar("c", Type::i32));
    floats_.push_back(builder_.constant(Type::f32, static_cast<double>(draw(9)) - 4));
    ints_.push_back(builder_.constant(Type::i32, static_cast<double>(draw(40))));
    masks_.push_back(builder_.call("lt", {floats_[0], floats_[1]}));
    masks_.push_back(builder_.call("eq", {ints_[0], ints_[1]}));
  }

  void step() {
    static constexpr std::array kUnary = {"sqrt", "neg", "abs", "floor", "ceil", "trunc", "rint"};
    static constexpr std::array kBinary = {"add", "sub", "mul", "div", "min", "max", "min_num", "max_num", "copysign"};
    static constexpr std::array kCompare = {"eq", "ne", "lt", "le", "gt", "ge"};
    static constexpr std::array kInteger = {"add", "sub", "mul", "min", "max", "and", "or", "xor", "shl", "shr", "sar"};
    static constexpr std::array kLogic = {"and", "or", "xor"};
    switch (draw(13)) {
      case 0: floats_.push_back(builder_.call(kUnary[draw(kUnary.size())], {f()})); break;
      case 1:
      case 2:
      case 3: floats_.push_back(builder_.call(kBinary[draw(kBinary.size())], {f(), f()})); break;
      case 4: floats_.push_back(builder_.call("fma", {f(), f(), f()})); break;
      case 5: floats_.push_back(builder_.call("select", {m(), f(), f()})); break;
      case 6: ints_.push_back(builder_.call("select", {m(), i(), i()})); break;
      case 7: masks_.push_back(builder_.call(kCompare[draw(kCompare.size())], {f(), f()})); break;
      case 8: masks_.push_back(builder_.call(kCompare[draw(kCompare.size())], {i(), i()})); break;
      case 9:
        masks_.push_back(draw(4) ? builder_.call(kLogic[draw(3)], {m(), m()}) : builder_.call("not", {m()}));
        break;
      case 10: ints_.push_back(builder_.call(kInteger[draw(kInteger.size())], {i(), i()})); break;
      case 11: conversion(); break;
      case 12: reduction(); break;
    }
  }

  void conversion() {
    switch (draw(4)) {
      case 0: floats_.push_back(builder_.convert(Type::f32, i())); break;
      case 1: ints_.push_back(builder_.convert(Type::i32, f())); break;
      case 2: ints_.push_back(builder_.bitcast(Type::i32, f())); break;
      case 3: floats_.push_back(builder_.call("ldexp", {f(), i()})); break;
    }
  }

  // Varying or not: a reduction needs a varying operand, so one is mixed in.
  void reduction() {
    if (reductions_++ == 3) return;
    const Id x = builder_.call("add", {f(), floats_[draw(3)]});
    switch (draw(4)) {
      case 0: floats_.push_back(builder_.call("sum", {x})); break;
      case 1: floats_.push_back(builder_.call("max", {x})); break;
      case 2: floats_.push_back(builder_.call("mean", {x})); break;
      case 3: ints_.push_back(builder_.call("min", {builder_.call("add", {i(), ints_[draw(2)]})})); break;
    }
  }

  void results() {
    builder_.result("f", builder_.call("add", {f(), floats_[0]}));
    builder_.result("i", builder_.call("xor", {i(), ints_[0]}));
    builder_.result("m", builder_.call("select", {builder_.call("xor", {m(), masks_[0]}), f(), floats_[2]}));
    if (draw(2)) builder_.result("g", builder_.call("max", {f(), floats_[2]}));
    if (draw(2)) builder_.result("s", builder_.call("sum", {builder_.call("sub", {f(), floats_[1]})}));
  }

  std::uint64_t state_;
  ir::Builder builder_;
  std::vector<Id> floats_, ints_, masks_;
  int reductions_ = 0;
};

void check_random(std::uint64_t from, std::uint64_t to) {
  int generated = 0;
  std::set<std::string> reasons;
  for (std::uint64_t seed = from; seed < to; ++seed) {
    runtime::VerifyOptions options;
    options.unroll = 2;
    options.seed = seed;
    const std::string declined = test::check_on_all_targets("random kernel, seed " + std::to_string(seed),
                                                            RandomKernel(seed * 1000).make(), options);
    generated += declined.empty();
    if (!declined.empty()) reasons.insert(declined.substr(0, declined.find('\n')));
  }
  // A test of generated code that generates none proves nothing.
  std::string why;
  for (const std::string& r : reasons) why += r + "\n";
  INFO(why);
  CHECK(generated * 2 > static_cast<int>(to - from));
}

}  // namespace

TEST_CASE("random kernels", "[random]") { check_random(0, test::emulator() != nullptr ? 10 : 40); }
TEST_CASE("more random kernels", "[random][slow]") { check_random(1000, test::full_run() ? 3000 : 1200); }
