// Every pass keeps every bit: random kernels over hostile inputs, run before and after.
//
// Kernels are drawn from the primitive table, so a new primitive takes part by itself. Constants and inputs
// come from a pool of values where identities break: signed zeros, 1, infinities, NaNs with payloads,
// subnormals, the ends of the integers. bitcast.raw of a float is left out: its promise (a NaN cannot matter)
// does not hold for random kernels.
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "kernels.h"

namespace trueno::ir::test {
namespace {

constexpr std::size_t kElements = 300;  // more than one stretch of the interpreter
const Ops kNoOps;

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Kernel kernel() {
    for (const Type t : {Type::f32, Type::f64, Type::i32, Type::i64}) {
      m_.array(t);
      m_.array(t);
      m_.scalar(t);
      for (int i = 0; i < 3; ++i) m_.constant({t, special(t)});
    }
    m_.array(Type::m32);
    m_.array(Type::m64);
    m_.count();
    for (int i = 0; i < 30; ++i) add_node();
    for (int i = 0; i < 4; ++i) m_.result(static_cast<NodeId>(m_.k.nodes.size() - 1 - below(12)));
    return m_.k;
  }

  /// Bytes for every parameter.
  std::vector<Bytes> inputs() {
    std::vector<Bytes> out;
    for (const Param& p : m_.k.params) {
      Bytes bytes;
      for (std::size_t i = 0; i < (p.is_array() ? kElements : 1); ++i) {
        const std::uint64_t value = is_mask(p.type) ? below(2) : special(p.type);
        const auto* raw = reinterpret_cast<const unsigned char*>(&value);
        bytes.insert(bytes.end(), raw, raw + stored_bytes(p.type));
      }
      out.push_back(std::move(bytes));
    }
    return out;
  }

 private:
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }

  std::uint64_t special(Type t) {
    static const std::vector<std::uint32_t> f{0,          0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                                              0x7fc00000, 0xffc01234, 0x7f800001, 1,          0x80000001, 0x00800000,
                                              0x7f7fffff, 0x3fc00000, 0xc2f70000, 0x4b800001};
    static const std::vector<double> d{0.0,   -0.0,    1.0, -1.0, std::numeric_limits<double>::infinity(),  0x1p-1074,
                                       1e308, -1e-300, 1.5, -3.7, -std::numeric_limits<double>::infinity(), 0x1p62};
    static const std::vector<std::int64_t> i{0,  1, -1, 2,         31,        32,        63,
                                             64, 7, -8, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
    switch (t) {
      case Type::f32: return below(3) != 0 ? f[below(f.size())] : static_cast<std::uint32_t>(random_());
      case Type::f64:
        if (below(8) == 0) return 0xfff8000000001234;
        return below(3) != 0 ? std::bit_cast<std::uint64_t>(d[below(d.size())])
                             : std::uint64_t{random_()} << 32 | random_();
      case Type::i32: return static_cast<std::uint32_t>(i[below(i.size())]);
      case Type::i64: return static_cast<std::uint64_t>(i[below(i.size())]);
      default: return below(2);
    }
  }

  Type number() { return static_cast<Type>(below(4)); }
  Type real() { return below(2) != 0 ? Type::f32 : Type::f64; }
  Type integer() { return below(2) != 0 ? Type::i32 : Type::i64; }
  /// Some node of that type, the newest twice as likely: so that chains come about.
  NodeId some(Type t) {
    std::vector<NodeId> all;
    for (NodeId id = 0; id < m_.k.nodes.size(); ++id)
      if (m_.k[id].type == t) all.push_back(id);
    if (all.empty()) return m_.constant({t, below(2)});
    return below(3) == 0 ? all.back() : all[below(all.size())];
  }
  NodeId apply(Op op, Type result, Type operand) {
    const NodeId a = some(operand), b = some(operand), c = some(operand);
    if (row(op).operands == 1) return m_.op(op, result, {a});
    if (row(op).operands == 2) return m_.op(op, result, {a, below(6) == 0 ? a : b});
    return m_.op(op, result, {a, b, c});
  }

  void add_node() {
    const Op op = static_cast<Op>(below(kPrimitiveCount));
    const Type n = number(), f = real(), i = integer(), mask = below(2) != 0 ? Type::m32 : Type::m64;
    const Type same_width = bits_of(f) == 32 ? Type::i32 : Type::i64;
    switch (row(op).typing) {
      case Typing::leaf: return;
      case Typing::number: apply(op, n, n); return;
      case Typing::real: apply(op, f, f); return;
      case Typing::integer: apply(op, i, i); return;
      case Typing::compare: apply(op, mask_of(n), n); return;
      case Typing::logic: below(2) != 0 ? apply(op, i, i) : apply(op, mask, mask); return;
      case Typing::select: {
        const Type t = below(5) == 0 ? mask_of(n) : n;
        const NodeId m = some(mask_of(n)), a = some(t), b = below(5) == 0 ? a : some(t);
        m_.op(op, t, {m, a, b});
        return;
      }
      case Typing::scaling: {
        const NodeId a = some(f), b = some(below(2) != 0 ? f : same_width);
        m_.op(op, f, {a, b});
        return;
      }
      case Typing::convert: m_.op(op, number(), {some(n)}); return;
      case Typing::mask_convert: m_.op(op, below(2) != 0 ? Type::m32 : Type::m64, {some(mask)}); return;
      case Typing::bitcast:
        if (op == Op::bitcast && below(2) != 0)
          m_.op(op, same_width, {some(f)});
        else
          m_.op(op, f, {some(same_width)});
        return;
      case Typing::table: {
        std::vector<std::uint64_t> entries;
        for (int e = 0; e < 4; ++e) entries.push_back(special(f));
        m_.table(f, std::move(entries), some(same_width));
        return;
      }
      case Typing::reduce: {
        const NodeId where = below(2) != 0 ? some(mask) : kNoNode, a = some(n), b = some(n);
        op == Op::reduce_sum_fma ? m_.reduce(op, {a, b}, where) : m_.reduce(op, {a}, where);
        return;
      }
    }
  }

  std::mt19937 random_;
  Maker m_;
};

struct Pass {
  const char* name;
  Kernel (*run)(Kernel);
};

TEST_CASE("every pass keeps every bit") {
  constexpr Pass kPasses[] = {{"canon", canon}, {"fold", fold}, {"cse", cse}, {"dce", dce}};
  std::size_t smaller = 0, refused = 0;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    Generator generate(seed);
    const Result<Kernel> expanded = expand(generate.kernel(), kNoOps);
    REQUIRE(expanded.ok());
    const std::vector<Bytes> inputs = generate.inputs();
    const Ran before = run(*expanded, inputs, kElements);
    REQUIRE((before.status == Status::ok || before.status == Status::empty));  // a filtered min of nothing
    refused += before.status == Status::empty;
    Kernel in_turn = *expanded;
    for (const Pass& pass : kPasses) {
      INFO("seed " << seed << ", pass " << pass.name);
      REQUIRE(run(pass.run(*expanded), inputs, kElements) == before);
      in_turn = pass.run(std::move(in_turn));
      REQUIRE(run(in_turn, inputs, kElements) == before);
    }
    smaller += in_turn.nodes.size() + 30 < expanded->nodes.size();
  }
  CHECK(smaller > 100);  // the passes had something to do
  CHECK(refused < 300);
}

}  // namespace
}  // namespace trueno::ir::test
