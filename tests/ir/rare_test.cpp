// Which passes run only if a condition asks for them, and what is left out with them. That the bits stay the same is
// tests/verify/rare_test.cpp's; that nothing is read, tests/runtime/rare_test.cpp's.
#include <algorithm>
#include <catch2/catch.hpp>

#include "kernels.h"

namespace trueno::ir::test {
namespace {

/// Arrays x and y, a scalar a, and the sum of x, from which conditions are made.
struct Rare : Maker {
  NodeId x = array(Type::f32), y = array(Type::f32), a = scalar(Type::f32);
  NodeId total = reduce(Op::reduce_sum, {x});

  NodeId sum(NodeId of) { return reduce(Op::reduce_sum, {of}); }
  NodeId above(NodeId what) { return op(Op::lt, Type::m32, {a, what}); }
  NodeId rare(NodeId m, NodeId seldom, NodeId fast) { return op(Op::rare, k[seldom].type, {m, seldom, fast}); }
  NodeId add(NodeId one, NodeId other) { return op(Op::add, Type::f32, {one, other}); }
};

using Ids = std::vector<NodeId>;
using Passes = std::vector<Ids>;

TEST_CASE("schedule: reductions that only the slow operand needs have a pass of their own behind the condition") {
  Rare m;
  const NodeId slow = m.sum(m.y), least = m.reduce(Op::reduce_min, {m.x});  // before the condition, in the text
  const NodeId both = m.add(slow, least), asked = m.above(m.total);
  m.result(m.rare(asked, both, m.total));
  const Schedule plan = schedule(m.k);
  CHECK(plan.reductions == Passes{{m.total}, {slow, least}});
  CHECK(plan.condition == Ids{kNoNode, asked});
  CHECK(plan.level[asked] == 1);
  CHECK(plan.level[both] == 2);
  CHECK(plan.is_left_out(slow));
  CHECK(plan.is_left_out(both));
  CHECK_FALSE(plan.is_left_out(asked));
  CHECK_FALSE(plan.is_left_out(m.k.outputs[0].value));
  CHECK_FALSE(plan.together(both, m.k.outputs[0].value));
  CHECK(plan.needs_elements);  // as if all of it were computed
}

TEST_CASE("schedule: a condition known before the first pass; one that is a constant") {
  Rare m;
  const NodeId slow = m.sum(m.y), asked = m.above(m.a);
  m.result(m.rare(asked, slow, m.a));
  m.result(m.total);
  const Schedule plan = schedule(m.k);
  CHECK(plan.reductions == Passes{{slow}, {m.total}});
  CHECK(plan.condition == Ids{asked, kNoNode});
  Rare c;
  c.result(c.rare(c.constant(m32(true)), c.sum(c.y), c.total));
  CHECK(schedule(c.k).condition == Ids{kNoNode});
}

TEST_CASE("schedule: select asks for nothing, nor does a mask that varies") {
  Rare m;
  m.result(m.op(Op::select, Type::f32, {m.above(m.total), m.sum(m.y), m.total}));
  m.result(m.rare(m.above(m.x), m.sum(m.y), m.total));
  CHECK(schedule(m.k).condition == Ids{kNoNode, kNoNode});
  CHECK(schedule(m.k).left_out.empty());
}

TEST_CASE("schedule: what something else needs too always runs") {
  const auto conditional = [](const auto& use) {
    Rare m;
    const NodeId slow = m.sum(m.y), asked = m.above(m.total);
    m.result(m.rare(asked, slow, m.total));
    use(m, slow, asked);
    const Schedule plan = schedule(m.k);
    return std::any_of(plan.condition.begin(), plan.condition.end(), [](NodeId c) { return c != kNoNode; });
  };
  CHECK(conditional([](Rare&, NodeId, NodeId) {}));
  CHECK(conditional([](Rare& m, NodeId slow, NodeId asked) { m.result(m.rare(asked, m.add(slow, slow), m.a)); }));
  CHECK_FALSE(conditional([](Rare& m, NodeId slow, NodeId) { m.result(slow); }));
  CHECK_FALSE(conditional([](Rare& m, NodeId slow, NodeId asked) { m.result(m.rare(asked, m.a, slow)); }));
  CHECK_FALSE(conditional([](Rare& m, NodeId slow, NodeId) { m.result(m.rare(m.above(slow), m.a, m.a)); }));
  CHECK_FALSE(conditional([](Rare& m, NodeId slow, NodeId) { m.result(m.rare(m.above(m.a), slow, m.a)); }));
  CHECK_FALSE(conditional([](Rare& m, NodeId slow, NodeId) { m.result(m.op(Op::sub, Type::f32, {m.x, slow})); }));
}

TEST_CASE("schedule: different conditions, different passes; one condition, one pass") {
  Rare m;
  const NodeId one = m.sum(m.y), other = m.reduce(Op::reduce_sum_fma, {m.x, m.y}),
               third = m.reduce(Op::reduce_max, {m.y});
  const NodeId a = m.above(m.total), b = m.op(Op::lt, Type::m32, {m.total, m.a});
  m.result(m.rare(a, one, m.total));
  m.result(m.rare(b, other, m.total));
  m.result(m.rare(a, third, m.a));
  const Schedule plan = schedule(m.k);
  CHECK(plan.reductions == Passes{{m.total}, {one, third}, {other}});
  CHECK(plan.condition == Ids{kNoNode, a, b});
}

TEST_CASE("schedule: a nested rare is asked for by the outer condition") {
  Rare m;
  const NodeId deep = m.sum(m.y), outer = m.above(m.total);
  const NodeId inner_total = m.reduce(Op::reduce_max, {m.y}), inner = m.above(inner_total);
  m.result(m.rare(outer, m.rare(inner, deep, m.a), m.total));
  const Schedule plan = schedule(m.k);
  CHECK(plan.reductions == Passes{{m.total}, {deep, inner_total}});
  CHECK(plan.condition == Ids{kNoNode, outer});
  CHECK(plan.is_left_out(inner));
}

TEST_CASE("schedule: a slow operand of several passes, and what waits for it") {
  Rare m;
  const NodeId mean = m.sum(m.y), asked = m.above(m.total);
  const NodeId deviation = m.sum(m.op(Op::sub, Type::f32, {m.y, mean}));
  const NodeId chosen = m.rare(asked, deviation, m.total);
  const NodeId after = m.sum(m.op(Op::sub, Type::f32, {m.x, chosen}));
  const NodeId beside = m.sum(m.op(Op::sub, Type::f32, {m.x, m.total}));
  m.result(after);
  m.result(beside);
  const Schedule plan = schedule(m.k);
  CHECK(plan.reductions == Passes{{m.total}, {mean}, {deviation}, {after, beside}});
  CHECK(plan.condition == Ids{kNoNode, asked, asked, kNoNode});
}

TEST_CASE("schedule: what is not known without the rest is not left out") {
  Rare m;
  const NodeId slow = m.sum(m.y), asked = m.above(m.total), chosen = m.rare(asked, slow, m.a);
  const NodeId on_top = m.add(slow, chosen);  // only asked for, but of a value that always is
  m.result(m.rare(asked, on_top, chosen));
  const Schedule plan = schedule(m.k);
  CHECK(plan.conditional(1));
  CHECK(plan.is_left_out(slow));
  CHECK_FALSE(plan.is_left_out(on_top));
}

TEST_CASE("schedule: arrays are stored by a pass that always runs") {
  Rare m;
  const NodeId slow = m.sum(m.y), asked = m.above(m.total);
  m.result(m.rare(asked, slow, m.total));
  m.result(m.op(Op::mul, Type::f32, {m.x, m.a}));
  const Schedule plan = schedule(m.k);
  CHECK(plan.passes == 3);
  CHECK(plan.condition == Ids{kNoNode, asked, kNoNode});
  CHECK(stores(m.k, plan, 1).empty());
  CHECK(stores(m.k, plan, 2).size() == 1);
  Rare varying;  // a slow value per element: what it is made of is asked for all the same
  const NodeId scale = varying.sum(varying.y);
  varying.result(
      varying.rare(varying.above(varying.total), varying.op(Op::mul, Type::f32, {varying.x, scale}), varying.x));
  const Schedule of_varying = schedule(varying.k);
  CHECK(of_varying.reductions == Passes{{varying.total}, {scale}, {}});
  CHECK(of_varying.conditional(1));
  CHECK_FALSE(of_varying.conditional(2));
}

TEST_CASE("schedule: nothing is kept by a pass that may be left out, nor for it alone") {
  Rare m;
  const NodeId asked = m.above(m.total), one = m.constant(f32(1));
  const NodeId dear = m.op(Op::div, Type::f32, {one, m.op(Op::div, Type::f32, {one, m.y})});
  const NodeId chosen = m.rare(asked, m.sum(dear), m.total);
  m.result(m.op(Op::mul, Type::f32, {dear, chosen}));
  const Schedule plan = schedule(m.k);  // total; sum of dear if asked; dear * chosen
  CHECK(plan.condition == Ids{kNoNode, asked, kNoNode});
  CHECK(plan.keeping == ~0u);  // the pass before the last computes it, but not always
  Rare n;
  const NodeId costly = n.op(Op::div, Type::f32, {n.constant(f32(1)), n.op(Op::div, Type::f32, {n.a, n.y})});
  const NodeId most = n.reduce(Op::reduce_max, {costly});
  n.result(n.rare(n.above(most), n.sum(costly), most));
  n.result(n.op(Op::mul, Type::f32, {n.a, most}));
  n.k.outputs[1].array = true;
  CHECK(schedule(n.k).keeping == ~0u);
}

TEST_CASE("schedule: a filtered extremum that decides whether there is a result always runs") {
  Rare m;
  const NodeId asked = m.above(m.total), filter = m.above(m.y);
  const NodeId least = m.reduce(Op::reduce_min, {m.y}, filter), sum = m.sum(m.y);
  m.result(m.rare(asked, m.add(least, sum), m.total));
  Result<Kernel> expanded = expand(m.k, Ops{});
  REQUIRE(expanded.ok());
  const Schedule plan = schedule(*expanded);
  REQUIRE(plan.guards.size() == 1);
  CHECK(plan.level[plan.guards[0]] == 1);
  REQUIRE(plan.passes == 2);
  CHECK_FALSE(plan.conditional(0));
  CHECK(plan.conditional(1));
  CHECK(plan.reductions[1].size() == 1);
}

}  // namespace
}  // namespace trueno::ir::test
