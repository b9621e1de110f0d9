// What each pass does, on small kernels where it can be read off. That passes keep bits is random_test.cpp's.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "kernels.h"

namespace trueno::ir::test {
namespace {

const Ops kNoOps;

std::size_t count_of(const Kernel& k, Op op) {
  std::size_t n = 0;
  for (const Node& node : k.nodes) n += node.op == op;
  return n;
}
const Node& value(const Kernel& k, std::size_t output = 0) { return k[k.outputs[output].value]; }

Kernel body(const std::vector<Type>& types, const std::function<NodeId(Maker&, const std::vector<NodeId>&)>& make) {
  Maker m;
  std::vector<NodeId> params;
  for (const Type t : types) params.push_back(m.scalar(t));
  m.result(make(m, params));
  return m.k;
}

// ---- expand

TEST_CASE("expand puts arguments in the place of parameters, recursively") {
  Ops ops;
  ops.add("twice", {Type::f32}, body({Type::f32}, [](Maker& m, const auto& p) {
            const NodeId sum = m.op(Op::add, Type::f32, {p[0], p[0]});
            m.k.nodes[sum].name = "t";
            return sum;
          }));
  ops.add("four", {Type::f32}, body({Type::f32}, [](Maker& m, const auto& p) {
            return m.call("twice", Type::f32, {m.call("twice", Type::f32, {p[0]})});
          }));
  Maker m;
  const NodeId x = m.array(Type::f32), a = m.scalar(Type::f32);
  m.result(m.call("four", Type::f32, {x}));
  m.result(m.call("four", Type::f32, {a}));
  const Result<Kernel> k = expand(m.k, ops);
  REQUIRE(k.ok());
  CHECK(count_of(*k, Op::call) == 0);
  CHECK(k->calls.empty());
  CHECK(count_of(*k, Op::add) == 4);
  CHECK(value(*k, 0).varying);  // the body's values vary as the argument does
  CHECK_FALSE(value(*k, 1).varying);
  CHECK((*k)[2].name == "twice.t");
  CHECK((*k)[2].at == m.k[2].at);  // the position of the call in the caller's text
  const Ran ran = run(*k, {bytes_of(std::vector<float>{1, 2}), bytes_of(std::vector<float>{5})}, 2);
  CHECK(ran.results[0] == bytes_of(std::vector<float>{4, 8}));
  CHECK(ran.value<float>(1) == 20);
}

TEST_CASE("expand handles an op that is its argument, reductions in a body, and equal tables") {
  Ops ops;
  ops.add("same", {Type::f32}, body({Type::f32}, [](Maker&, const auto& p) { return p[0]; }));
  ops.add("total", {Type::f32},
          body({Type::f32}, [](Maker& m, const auto& p) { return m.reduce(Op::reduce_sum, {p[0]}); }));
  for (const char* name : {"low", "high"})
    ops.add(name, {Type::i32}, body({Type::i32}, [](Maker& m, const auto& p) {
              return m.table(Type::f32, {0x3f800000, 0x40000000}, p[0]);
            }));
  Maker m;
  const NodeId x = m.array(Type::f32), i = m.array(Type::i32);
  const NodeId y = m.op(Op::add, Type::f32, {m.call("same", Type::f32, {x}), m.call("low", Type::f32, {i})});
  const NodeId total = m.call("total", Type::f32, {m.op(Op::add, Type::f32, {y, m.call("high", Type::f32, {i})})});
  m.k.nodes[total].varying = false;
  m.result(total);
  const Result<Kernel> k = expand(m.k, ops);
  REQUIRE(k.ok());
  CHECK(k->tables.size() == 1);
  CHECK_FALSE(value(*k).varying);
  const std::vector<Bytes> in{bytes_of(std::vector<float>{10, 20}), bytes_of(std::vector<std::int32_t>{0, 1})};
  CHECK(run(*k, in, 2).value<float>() == 10 + 1 + 1 + 20 + 2 + 2);
}

TEST_CASE("expand refuses what has no end") {
  Ops ops;
  const auto calling = [](const char* callee) {
    return [callee](Maker& m, const auto& p) { return m.call(callee, Type::f32, {p[0]}); };
  };
  ops.add("ping", {Type::f32}, body({Type::f32}, calling("pong")));
  ops.add("pong", {Type::f32}, body({Type::f32}, calling("ping")));
  // Each doubles: 2^40 nodes in one family, 2^40 calls without any node in the other.
  const auto doubling = [](const std::string& callee, bool add) {
    return [=](Maker& m, const auto& p) {
      const NodeId once = m.call(callee, Type::f32, {p[0]});
      const NodeId again = m.call(callee, Type::f32, {once});
      return add ? m.op(Op::add, Type::f32, {once, again}) : again;
    };
  };
  ops.add("n0", {Type::f32}, body({Type::f32}, [](Maker&, const auto& p) { return p[0]; }));
  ops.add("c0", {Type::f32}, body({Type::f32}, [](Maker&, const auto& p) { return p[0]; }));
  for (int i = 1; i <= 40; ++i) {
    ops.add("n" + std::to_string(i), {Type::f32}, body({Type::f32}, doubling("n" + std::to_string(i - 1), true)));
    ops.add("c" + std::to_string(i), {Type::f32}, body({Type::f32}, doubling("c" + std::to_string(i - 1), false)));
  }
  const auto error_of = [&](const char* callee) {
    Maker m;
    m.result(m.call(callee, Type::f32, {m.array(Type::f32)}));
    m.k.nodes.back().at = {3, 14};
    const Result<Kernel> k = expand(m.k, ops);
    REQUIRE_FALSE(k.ok());
    CHECK(k.error().diagnostics[0].at == Position{3, 14});
    return k.error();
  };
  CHECK(error_of("ping").status == Status::invalid_text);
  CHECK(error_of("ping").diagnostics[0].message == "op 'ping' calls itself: ping -> pong -> ping");
  for (const char* name : {"n40", "c40"}) {
    const Error error = error_of(name);
    CHECK(error.status == Status::too_large);
    CHECK(error.diagnostics[0].message.find(std::string("op '") + name + "'") != std::string::npos);
  }
  CHECK(error_of("tanh").diagnostics[0].message == "no op 'tanh' takes (f32)");
}

TEST_CASE("expand makes NaN canonical where it can be seen, and only there") {
  Maker m;
  const NodeId x = m.array(Type::f32), i = m.array(Type::i32);
  m.result(x);
  m.result(m.op(Op::bitcast, Type::i32, {x}));
  m.result(m.op(Op::copysign, Type::f32, {m.constant(f32(1)), x}));
  m.result(m.op(Op::convert, Type::f32, {i}));
  m.result(m.op(Op::bitcast_raw, Type::i32, {x}));
  m.result(m.reduce(Op::reduce_sum, {x}));
  m.result(m.constant(f32(2)));
  m.result(i);
  const Kernel k = *expand(m.k, kNoOps);
  const auto seen_through = [&](NodeId id) { return k[id].op == Op::canonical; };
  CHECK(seen_through(k.outputs[0].value));
  CHECK(seen_through(value(k, 1).args[0]));
  CHECK(value(k, 2).op == Op::copysign);  // of a number: no NaN to be seen, but the sign operand may be one
  CHECK(seen_through(value(k, 2).args[1]));
  CHECK(value(k, 3).op == Op::convert);
  CHECK(k[value(k, 4).args[0]].op == Op::param_array);
  CHECK(seen_through(k.outputs[5].value));
  CHECK(value(k, 6).op == Op::constant);
  CHECK(value(k, 7).op == Op::param_array);
  const Ran ran = run(k, {bytes_of(std::vector<std::uint32_t>{0xffc01234}), bytes_of(std::vector<int>{1})}, 1);
  CHECK(ran.value<std::uint32_t>(0) == 0x7fc00000);
  CHECK(ran.value<std::uint32_t>(2) == 0x3f800000);
  CHECK(ran.value<std::uint32_t>(4) == 0xffc01234);
}

// ---- canon

TEST_CASE("canon gives one spelling") {
  Maker m;
  const NodeId x = m.array(Type::f32), y = m.array(Type::f32), one = m.constant(f32(1));
  m.result(m.op(Op::add, Type::f32, {one, x}));
  m.result(m.op(Op::mul, Type::f32, {y, x}));
  m.result(m.op(Op::gt, Type::m32, {x, y}));
  m.result(m.op(Op::ge, Type::m32, {x, one}));
  m.result(m.op(Op::neg, Type::f32, {m.op(Op::neg, Type::f32, {x})}));
  m.result(m.op(Op::mad, Type::f32, {one, y, x}));
  m.result(m.op(Op::convert, Type::f32, {x}));
  m.result(m.op(Op::canonical, Type::f32, {m.op(Op::canonical, Type::f32, {x})}));
  m.result(m.op(Op::select, Type::f32, {m.op(Op::lt, Type::m32, {x, y}), y, y}));
  m.result(m.op(Op::select, Type::f32, {m.op(Op::bit_not, Type::m32, {m.op(Op::lt, Type::m32, {x, y})}), x, y}));
  const Kernel k = canon(m.k);
  const auto is = [&](std::size_t i, Op op, NodeId a, NodeId b) {
    INFO("result " << i);
    CHECK(value(k, i).op == op);
    CHECK(value(k, i).args[0] == a);
    CHECK(value(k, i).args[1] == b);
  };
  is(0, Op::add, x, one);
  is(1, Op::mul, x, y);
  is(2, Op::lt, y, x);
  is(3, Op::le, one, x);
  CHECK(k.outputs[4].value == x);
  is(5, Op::fma, y, one);
  CHECK(k.outputs[6].value == x);
  CHECK(k[value(k, 7).args[0]].op == Op::param_array);
  CHECK(k.outputs[8].value == y);
  CHECK(value(k, 9).args[1] == y);
}

TEST_CASE("canon gives a sign that is known in one step") {
  Maker m;
  const NodeId x = m.array(Type::f64), size = m.op(Op::abs, Type::f64, {x});
  const NodeId i = m.op(Op::abs, Type::i64, {m.array(Type::i64)});
  m.result(m.op(Op::neg, Type::f64, {size}));
  m.result(m.op(Op::neg, Type::f64, {m.op(Op::neg, Type::f64, {size})}));
  m.result(m.op(Op::neg, Type::f64, {m.op(Op::copysign, Type::f64, {x, m.constant(f64(3))})}));
  m.result(m.op(Op::neg, Type::f64, {m.op(Op::copysign, Type::f64, {x, x})}));
  m.result(m.op(Op::neg, Type::i64, {i}));
  // A NaN as the sign counts as the canonical, positive one.
  m.result(
      m.op(Op::neg, Type::f64, {m.op(Op::copysign, Type::f64, {x, m.constant({Type::f64, 0xfff8000000000000u})})}));
  m.result(
      m.op(Op::neg, Type::f64, {m.op(Op::copysign, Type::f64, {x, m.constant({Type::f64, 0x7ff8000000000000u})})}));
  m.result(m.op(Op::copysign, Type::f64, {x, m.constant(f64(3))}));
  m.result(m.op(Op::copysign, Type::f64, {x, m.constant({Type::f64, 0x7ff8000000000000u})}));
  const Kernel k = fold(canon(m.k));
  for (const std::size_t o : {1, 7, 8}) CHECK(value(k, o).op == Op::abs);
  for (const std::size_t o : {0, 2, 6}) {
    CHECK(value(k, o).op == Op::copysign);
    CHECK(k[value(k, o).args[1]].imm == 0x8000000000000000u);
  }
  for (const std::size_t o : {3, 4, 5}) CHECK(value(k, o).op == Op::neg);
  const Ran ran = run(k, {bytes_of(std::vector<double>{2}), bytes_of(std::vector<std::int64_t>{-5})}, 1);
  const double expected[] = {-2, 2, -2, -2, 0, -2, -2, 2, 2};
  for (const std::size_t o : {0, 1, 2, 3, 5, 6, 7, 8}) CHECK(ran.value<double>(o) == expected[o]);
}

TEST_CASE("canon drops canonical where no NaN can be, or the canonical one") {
  Maker m;
  const NodeId x = m.array(Type::f32), y = m.array(Type::f32), i = m.array(Type::i32), mask = m.array(Type::m32);
  const NodeId one = m.constant(f32(1)), nan = m.constant({Type::f32, 0x7fc00000u});
  const NodeId odd_nan = m.constant({Type::f32, 0xffc00001u});
  const auto op = [&](Op o, std::initializer_list<NodeId> args) { return m.op(o, Type::f32, args); };
  const NodeId whole = op(Op::convert, {i}), clean = op(Op::canonical, {x});
  const std::vector<NodeId> settled = {
      whole,
      op(Op::neg, {whole}),
      op(Op::floor, {op(Op::abs, {whole})}),
      op(Op::copysign, {whole, clean}),
      op(Op::min, {whole, one}),
      op(Op::min_num, {x, one}),
      op(Op::max_num, {whole, y}),
      op(Op::exponent, {whole}),
      op(Op::select, {mask, whole, one}),
      op(Op::select, {mask, clean, nan}),
      op(Op::abs, {clean}),
  };
  const std::vector<NodeId> open = {
      op(Op::neg, {clean}),       // a NaN with the other sign
      op(Op::min, {clean, one}),  // how a NaN comes through is the processor's business
      op(Op::min_num, {x, nan}),    op(Op::select, {mask, whole, y}), op(Op::select, {mask, whole, odd_nan}),
      op(Op::exponent, {clean}),    op(Op::add, {whole, whole}),  // of numbers, but inf - inf is of the kind
      op(Op::significand, {whole}),
  };
  for (const auto* group : {&settled, &open})
    for (const NodeId id : *group) m.result(op(Op::canonical, {id}));
  const Kernel k = canon(m.k);
  for (std::size_t o = 0; o < k.outputs.size(); ++o) {
    INFO("result " << o);
    const bool stays = value(k, o).op == Op::canonical;
    CHECK(stays == (o >= settled.size()));
  }
}

TEST_CASE("how far canon looks for a NaN is bounded") {
  Maker m;
  NodeId v = m.op(Op::convert, Type::f32, {m.array(Type::i32)});
  for (int i = 0; i < 2000; ++i) v = m.op(Op::max, Type::f32, {v, m.op(Op::abs, Type::f32, {v})});  // 2^2000 ways
  m.result(m.op(Op::canonical, Type::f32, {v}));
  CHECK(value(canon(m.k)).op == Op::canonical);
}

TEST_CASE("canon turns the mask of a sum into neutral elements") {
  Maker m;
  const NodeId x = m.array(Type::f32), mask = m.array(Type::m64);  // also of the other width
  m.result(m.reduce(Op::reduce_sum, {x}, mask));
  m.result(m.reduce(Op::reduce_sum_fma, {x, x}, mask));
  m.result(m.reduce(Op::reduce_min, {x}, mask));
  const Kernel k = canon(m.k);
  const auto otherwise = [&](std::size_t i, int operand) { return k[k[value(k, i).args[operand]].args[2]].imm; };
  CHECK(otherwise(0, 0) == 0x80000000);
  CHECK(otherwise(1, 0) + otherwise(1, 1) == 0x80000000);  // 0 and -0.0
  CHECK(value(k, 2).mask != kNoNode);                      // it must know whether all are missing
  CHECK(value(k, 0).mask == kNoNode);
  CHECK(k[k[value(k, 0).args[0]].args[0]].type == Type::m32);
}

// ---- fold

TEST_CASE("fold evaluates constants and keeps to identities of equal bits") {
  Maker m;
  const NodeId x = m.array(Type::f32), i = m.array(Type::i32);
  const NodeId one = m.constant(f32(1)), zero = m.constant(f32(0)), minus_zero = m.constant(f32(-0.0f));
  const NodeId zero_i = m.constant(i32(0));
  m.result(m.op(Op::sqrt, Type::f32, {m.op(Op::add, Type::f32, {one, m.constant(f32(3))})}));
  const auto same = [&](NodeId before, NodeId after) {
    m.result(before);
    m.result(after);
  };
  same(m.op(Op::mul, Type::f32, {x, one}), x);
  same(m.op(Op::sub, Type::f32, {x, zero}), x);
  same(m.op(Op::add, Type::f32, {minus_zero, x}), x);
  same(m.op(Op::add, Type::i32, {i, zero_i}), i);
  same(m.op(Op::mul, Type::i32, {i, zero_i}), zero_i);
  same(m.op(Op::bit_and, Type::i32, {i, m.constant(i32(-1))}), i);
  same(m.op(Op::ldexp, Type::f32, {x, zero_i}), x);
  same(m.op(Op::select, Type::f32, {m.constant(m32(false)), one, x}), x);
  const std::size_t identities = m.k.outputs.size();
  m.result(m.op(Op::add, Type::f32, {x, zero}));  // -0 + +0 is +0
  m.result(m.op(Op::mul, Type::f32, {x, zero}));
  m.result(m.op(Op::sub, Type::f32, {x, x}));
  m.result(m.op(Op::sub, Type::f32, {zero, x}));
  const Kernel k = fold(canon(m.k));
  CHECK(value(k).op == Op::constant);
  CHECK(value(k).imm == f32(2).bits);
  for (std::size_t o = 1; o < identities; o += 2) {
    INFO("result " << o);
    CHECK(k.outputs[o].value == k.outputs[o + 1].value);
  }
  for (std::size_t o = identities; o < k.outputs.size(); ++o) CHECK(value(k, o).arity == 2);
}

TEST_CASE("fold brings constant shift counts into the width") {
  Maker m;
  const NodeId i = m.array(Type::i32), l = m.array(Type::i64);
  const NodeId folded =
      m.op(Op::add, Type::i32, {m.constant(i32(16)), m.constant(i32(17))});  // known only after folding
  const auto shift = [&](Op op, NodeId count) {
    m.result(m.op(op, m.k[count].type, {m.k[count].type == Type::i32 ? i : l, count}));
  };
  for (const Op op : {Op::shl, Op::shr, Op::sar})
    for (const NodeId count :
         {folded, m.constant(i32(-1)), m.constant(i64(64)), m.constant(i32(31)), m.constant(i64(63))})
      shift(op, count);
  const Kernel k = fold(m.k);
  for (std::size_t o = 0; o < k.outputs.size(); ++o) {
    INFO("result " << o);
    const std::uint64_t last = value(k, o).type == Type::i32 ? 31 : 63;
    if (o < 10 && o % 5 < 3) {  // shl and shr: nothing is left
      CHECK(value(k, o).op == Op::constant);
      CHECK(value(k, o).imm == 0);
    } else {
      REQUIRE(value(k, o).arity == 2);
      CHECK(k[value(k, o).args[1]].imm == last);
    }
  }
  const Ran ran = run(k, {bytes_of(std::vector<int>{-5}), bytes_of(std::vector<std::int64_t>{-5})}, 1);
  CHECK(ran.value<int>(10) == -1);
  CHECK(ran.value<std::int64_t>(12) == -1);
}

TEST_CASE("fold weakens an fma only where one rounding stays") {
  Maker m;
  const NodeId x = m.array(Type::f32), y = m.array(Type::f32);
  m.result(m.op(Op::fma, Type::f32, {m.constant(f32(1)), y, x}));
  m.result(m.op(Op::fma, Type::f32, {x, y, m.constant(f32(-0.0f))}));
  m.result(m.op(Op::fma, Type::f32, {x, y, m.constant(f32(0.0f))}));
  const Kernel k = fold(m.k);
  CHECK(value(k, 0).op == Op::add);
  CHECK(value(k, 1).op == Op::mul);
  CHECK(value(k, 2).op == Op::fma);
}

// ---- cse, dce, the pipeline

TEST_CASE("cse merges equal values and nothing else") {
  Maker m;
  const NodeId x = m.array(Type::f32), y = m.array(Type::f32);
  m.result(m.op(Op::add, Type::f32, {x, y}));
  m.result(m.op(Op::add, Type::f32, {y, x}));
  m.result(m.op(Op::sub, Type::f32, {x, y}));
  m.result(m.op(Op::sub, Type::f32, {y, x}));
  m.result(m.constant(f32(0)));
  m.result(m.constant(i32(0)));
  m.result(m.table(Type::i32, {1, 2}, m.constant(i32(0))));
  m.result(m.table(Type::i32, {3, 4}, m.constant(i32(0))));
  m.k.nodes[3].name = "t";  // the second add has the name
  const Kernel k = cse(m.k);
  const auto id = [&](std::size_t i) { return k.outputs[i].value; };
  CHECK(id(0) == id(1));
  CHECK(k[id(0)].name == "t");
  CHECK(id(2) != id(3));
  CHECK(id(4) != id(5));
  CHECK(id(6) != id(7));
  CHECK(k[id(6)].args[0] == id(5));
}

TEST_CASE("dce drops nodes, tables and calls, and keeps the signature") {
  Maker m;
  const NodeId x = m.array(Type::f32), unused = m.array(Type::f32), i = m.array(Type::i32);
  m.op(Op::sqrt, Type::f32, {unused});
  m.table(Type::f32, {1, 2}, i);
  const NodeId kept = m.table(Type::f32, {3, 4}, i);
  m.call("gone", Type::f32, {x});
  m.result(m.call("stays", Type::f32, {kept}));
  const Kernel k = dce(m.k);
  CHECK(k.params.size() == 3);
  CHECK(k.nodes.size() == 3);
  REQUIRE(k.tables.size() == 1);
  CHECK(k.tables[0].entries[0] == 3);
  REQUIRE(k.calls.size() == 1);
  CHECK(k.calls[0].callee == "stays");
  CHECK(k[k.calls[0].args[0]].op == Op::table);
}

TEST_CASE("optimize shows its passes in order") {
  Maker m;
  m.result(m.op(Op::mul, Type::f32, {m.constant(f32(1)), m.array(Type::f32)}));
  std::vector<std::string> seen;
  const Result<Kernel> k =
      optimize(m.k, kNoOps, [&](std::string_view pass, const Kernel&) { seen.emplace_back(pass); });
  REQUIRE(k.ok());
  CHECK(seen == std::vector<std::string>{"expanded", "canon", "fold", "cse", "dce"});
  CHECK(k->nodes.size() == 2);  // the parameter and its canonical
}

// ---- schedule

TEST_CASE("schedule counts passes") {
  Maker m;
  const NodeId x = m.array(Type::f32), a = m.scalar(Type::f32);
  m.result(m.op(Op::mul, Type::f32, {a, a}));
  CHECK(schedule(m.k).passes == 0);  // nothing to do per element
  const NodeId sum = m.reduce(Op::reduce_sum, {x});
  m.result(sum);
  CHECK(schedule(m.k).passes == 1);
  m.result(m.op(Op::mul, Type::f32, {x, a}));
  CHECK(schedule(m.k).passes == 1);  // the array rides along
  const NodeId d = m.op(Op::sub, Type::f32, {x, sum});
  m.result(d);
  CHECK(schedule(m.k).passes == 2);
  const NodeId square = m.reduce(Op::reduce_sum_fma, {d, d}), least = m.reduce(Op::reduce_min, {x});
  m.result(square);
  const Schedule plan = schedule(m.k);
  CHECK(plan.passes == 2);
  CHECK(plan.reductions == std::vector<std::vector<NodeId>>{{sum, least}, {square}});
  CHECK(plan.level[square] == 2);
  CHECK(plan.level[d] == 1);
  CHECK_FALSE(plan.needs_elements);
  m.result(m.op(Op::sub, Type::f32, {x, least}));
  CHECK_FALSE(schedule(m.k).needs_elements);  // an array of no elements misses nothing
  m.result(m.op(Op::sub, Type::f32, {a, least}));
  CHECK(schedule(m.k).needs_elements);
}

TEST_CASE("schedule: an array of uniform values, and a sum of them, take a pass") {
  Maker m;
  const NodeId a = m.scalar(Type::f32);
  m.result(a);
  m.k.outputs[0].array = true;
  CHECK(schedule(m.k).passes == 1);
  Maker s;
  s.result(s.reduce(Op::reduce_sum, {s.scalar(Type::f32)}));
  CHECK(schedule(s.k).passes == 1);
  CHECK(run(s.k, {bytes_of(std::vector<float>{0.5f})}, 100).value<float>() == 50);
}

// ---- what is kept in the arrays of results

/// A value of some cost, from an array and the sum of it: e = 1 / (1 / (x - sum(x))).
NodeId costly(Maker& m, NodeId x) {
  const NodeId one = m.constant(Scalar{m.k[x].type, m.k[x].type == Type::f32 ? 0x3f800000u : 0x3ff0000000000000u});
  const NodeId d = m.op(Op::sub, m.k[x].type, {x, m.reduce(Op::reduce_sum, {x})});
  return m.op(Op::div, m.k[x].type, {one, m.op(Op::div, m.k[x].type, {one, d})});
}
NodeId scaled(Maker& m, NodeId e) { return m.op(Op::mul, m.k[e].type, {e, m.reduce(Op::reduce_sum, {e})}); }

TEST_CASE("schedule keeps what is dear in a result that nothing read later can be") {
  Maker m;
  const NodeId x = m.array(Type::f32), e = costly(m, x);
  m.result(scaled(m, e));
  const Schedule plan = schedule(m.k);
  CHECK(plan.passes == 3);
  CHECK(plan.keeping == 1);
  CHECK(plan.kept == std::vector<NodeId>{e});
  CHECK(plan.read_back(1, e) == ~0u);  // the pass that computes it
  CHECK(plan.read_back(2, e) == 0);
  CHECK(loop_nodes(m.k, plan, 2) == std::vector<NodeId>{e, m.k.outputs[0].value});
  REQUIRE(stores(m.k, plan, 1).size() == 1);
  CHECK(stores(m.k, plan, 1)[0].value == e);
  CHECK(stores(m.k, plan, 0).empty());
}

TEST_CASE("schedule keeps nothing where a later pass reads an argument of that size") {
  const auto kept = [](Type other, bool mask_result) {
    Maker m;
    const NodeId x = m.array(Type::f32), y = m.array(other), e = costly(m, x), z = scaled(m, e);
    const NodeId read = other == Type::f32 ? y : m.op(Op::convert, Type::f32, {y});
    if (mask_result)
      m.result(m.op(Op::lt, Type::m32, {z, m.reduce(Op::reduce_max, {e})}));
    else
      m.result(m.op(Op::add, Type::f32, {z, read}));
    const Schedule plan = schedule(m.k);
    return std::pair(plan.kept[0] == e, plan.keeping);
  };
  CHECK(kept(Type::f32, false) == std::pair(false, ~0u));
  CHECK(kept(Type::i32, false) == std::pair(false, ~0u));
  CHECK(kept(Type::f64, false) == std::pair(true, 1u));   // the array of a result is not one of f64
  CHECK(kept(Type::f64, true) == std::pair(false, ~0u));  // there is no array of f32
}

TEST_CASE("schedule keeps nothing in a result of another type, for little, or of use to none") {
  Maker type;
  type.result(type.op(Op::convert, Type::i32, {scaled(type, costly(type, type.array(Type::f32)))}));
  CHECK(schedule(type.k).keeping == ~0u);
  Maker cheap;  // zscore and its like: a difference
  const NodeId x = cheap.array(Type::f32);
  cheap.result(scaled(cheap, cheap.op(Op::sub, Type::f32, {x, cheap.reduce(Op::reduce_sum, {x})})));
  CHECK(schedule(cheap.k).passes == 3);
  CHECK(schedule(cheap.k).keeping == ~0u);
  Maker uniform;  // an array of one value
  uniform.result(uniform.reduce(Op::reduce_sum, {costly(uniform, uniform.array(Type::f32))}));
  uniform.k.outputs[0].array = true;
  CHECK(schedule(uniform.k).passes == 3);
  CHECK(schedule(uniform.k).keeping == ~0u);
}

TEST_CASE("schedule keeps several values in several results, or none of them") {
  Maker m;
  const NodeId x = m.array(Type::f32), y = m.array(Type::f32), e = costly(m, x), f = costly(m, y);
  m.result(scaled(m, e));
  m.result(scaled(m, f));
  CHECK(schedule(m.k).keeping == 1);
  auto kept = schedule(m.k).kept;
  std::sort(kept.begin(), kept.end());
  CHECK(kept == std::vector<NodeId>{e, f});
  m.result(m.op(Op::mul, Type::f32, {y, m.reduce(Op::reduce_max, {y})}));  // y is read to the end
  CHECK(schedule(m.k).keeping == ~0u);
  Maker sizes;  // what f32 keeps need not care for what f64 still reads
  const NodeId a = sizes.array(Type::f32), b = sizes.array(Type::f64), g = costly(sizes, a);
  sizes.result(scaled(sizes, g));
  sizes.result(sizes.op(Op::add, Type::f64, {scaled(sizes, costly(sizes, b)), b}));
  CHECK(schedule(sizes.k).kept == std::vector<NodeId>{g, kNoNode});
}

TEST_CASE("schedule stores a result early when it is what is kept") {
  Maker m;
  const NodeId x = m.array(Type::i32), e = m.op(Op::div, Type::i32, {x, m.op(Op::div, Type::i32, {x, x})});
  const NodeId z = scaled(m, e);
  m.result(e);
  m.result(z);
  const Schedule plan = schedule(m.k);
  CHECK(plan.kept == std::vector<NodeId>{e, kNoNode});
  CHECK(plan.keeping == 0);
  REQUIRE(stores(m.k, plan, 1).size() == 1);
  CHECK(stores(m.k, plan, 1)[0].value == z);
}

}  // namespace
}  // namespace trueno::ir::test
