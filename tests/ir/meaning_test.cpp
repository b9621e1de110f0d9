// What each primitive means, on the inputs where meanings differ between machines and languages.
//
// Every expectation is written out by hand from docs/contract.md (bits, not computed), except the one table
// against integer arithmetic for scaling.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "ir/meaning.h"
#include "kernels.h"

namespace trueno::ir::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kInf64 = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMin32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMax32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();

const Scalar kNan = f32_bits(0x7fc00000), kNan64 = f64_bits(0x7ff8000000000000);
const Scalar kOddNan = f32_bits(0xffc01234), kOddNan64 = f64_bits(0xfff8000000001234);  // negative, with payload
const Scalar kTiny = f32_bits(1), kTiny64 = f64_bits(1);                                // smallest subnormals

struct Case {
  Op op;
  std::vector<Scalar> in;
  Scalar out;
};

Scalar evaluated(const Case& c, std::vector<std::uint64_t> table = {}) {
  Maker m;
  Node node;
  node.op = c.op;
  node.type = c.out.type;
  for (const Scalar& s : c.in) node.args[node.arity++] = m.constant(s);
  if (!table.empty()) m.k.tables.push_back({"t", c.out.type, std::move(table)});
  const auto bits = [&](std::size_t i) { return i < c.in.size() ? c.in[i].bits : 0; };
  return {node.type, evaluate(m.k, node, bits(0), bits(1), bits(2))};
}

std::set<Op>& covered() {
  static std::set<Op> ops;
  return ops;
}

void check(const std::vector<Case>& cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    covered().insert(c.op);
    INFO("case " << i << ": " << row(c.op).id << std::hex << " of 0x" << c.in[0].bits << " 0x"
                 << (c.in.size() > 1 ? c.in[1].bits : 0) << " 0x" << (c.in.size() > 2 ? c.in[2].bits : 0));
    CHECK(evaluated(c).bits == c.out.bits);
  }
}

TEST_CASE("float arithmetic rounds once") {
  check({
      {Op::add, {f32(16777216.0f), f32(1.0f)}, f32(16777216.0f)},  // 2^24 + 1 ties to even
      {Op::add, {f32(16777218.0f), f32(1.0f)}, f32(16777220.0f)},
      {Op::add, {f32(-0.0f), f32(-0.0f)}, f32(-0.0f)},
      {Op::add, {f32(1.0f), f32(-1.0f)}, f32(0.0f)},
      {Op::add, {f32(kInf), f32(-kInf)}, kNan},
      {Op::add, {kOddNan, f32(1.0f)}, kNan},
      {Op::sub, {f32(-0.0f), f32(0.0f)}, f32(-0.0f)},
      {Op::sub, {f32_bits(0x00800000), kTiny}, f32_bits(0x007fffff)},  // subnormals are kept
      {Op::mul, {f32(0.0f), f32(-kInf)}, kNan},
      {Op::mul, {f32(0x1p-75f), f32(0x1p-75f)}, f32(0.0f)},  // 2^-150 ties to zero
      {Op::mul, {f32(0x1.8p-75f), f32(0x1p-75f)}, kTiny},
      {Op::div, {f32(1.0f), f32(-0.0f)}, f32(-kInf)},
      {Op::div, {f32(0.0f), f32(0.0f)}, kNan},
      {Op::div, {f32(1.0f), f32(3.0f)}, f32_bits(0x3eaaaaab)},
      {Op::sqrt, {f32(-0.0f)}, f32(-0.0f)},
      {Op::sqrt, {f32(-1.0f)}, kNan},
      {Op::sqrt, {f64(2.0)}, f64_bits(0x3ff6a09e667f3bcd)},
      // Exact product 2^-24 (1 - 2^-46), so the sum is just below a tie; rounding it to f64 first lands on it.
      {Op::fma, {f32(0x1.000002p-12f), f32(0x1.fffffcp-13f), f32(0x1.000002p0f)}, f32(0x1.000002p0f)},
      {Op::mad, {f32(0x1.000002p-12f), f32(0x1.fffffcp-13f), f32(0x1.000002p0f)}, f32(0x1.000002p0f)},
      {Op::fma, {f32(0x1p-100f), f32(-0x1p-100f), f32(0.0f)}, f32(-0.0f)},
      {Op::fma, {f32(0.0f), f32(-0.0f), f32(-0.0f)}, f32(-0.0f)},
      {Op::fma, {f32(kInf), f32(0.0f), f32(1.0f)}, kNan},
      {Op::fma, {f64(0x1.0000000000001p0), f64(0x1.0000000000001p0), f64(-0x1.0000000000002p0)}, f64(0x1p-104)},
  });
}

TEST_CASE("an f32 fma through f64 without a sticky bit is caught") {
  const float a = 0x1.000002p-12f, b = 0x1.fffffcp-13f, c = 0x1.000002p0f;
  REQUIRE(static_cast<float>(static_cast<double>(a) * b + c) != std::fma(a, b, c));
}

TEST_CASE("sign operations work on bits") {
  check({
      {Op::neg, {f32(0.0f)}, f32(-0.0f)},
      {Op::neg, {kOddNan}, f32_bits(0x7fc01234)},
      {Op::abs, {kOddNan64}, f64_bits(0x7ff8000000001234)},
      {Op::abs, {f32(-0.0f)}, f32(0.0f)},
      {Op::copysign, {f32(1.0f), f32(-0.0f)}, f32(-1.0f)},
      {Op::copysign, {f32(-1.0f), kOddNan}, f32(1.0f)},  // a NaN has the sign of the canonical one
      {Op::copysign, {f64(-3.0), f64(-kInf64)}, f64(-3.0)},
      {Op::canonical, {kOddNan}, kNan},
      {Op::canonical, {f32_bits(0x7f800001)}, kNan},  // signalling
      {Op::canonical, {f64(-0.0)}, f64(-0.0)},
      {Op::bitcast, {kOddNan}, i32(0x7fc00000)},
      {Op::bitcast, {f32(-0.0f)}, i32(kMin32)},
      {Op::bitcast, {kOddNan64}, i64(0x7ff8000000000000)},
      {Op::bitcast, {i32(-1)}, f32_bits(0xffffffff)},
      {Op::bitcast_raw, {kOddNan}, i32(static_cast<std::int32_t>(0xffc01234))},
  });
}

TEST_CASE("extrema order zeros and know NaN") {
  check({
      {Op::min, {f32(0.0f), f32(-0.0f)}, f32(-0.0f)},
      {Op::min, {f32(-0.0f), f32(0.0f)}, f32(-0.0f)},
      {Op::max, {f32(-0.0f), f32(0.0f)}, f32(0.0f)},
      {Op::max, {f32(0.0f), f32(-0.0f)}, f32(0.0f)},
      {Op::min, {kOddNan, f32(1.0f)}, kNan},
      {Op::min, {f32(1.0f), kOddNan}, kNan},
      {Op::max, {f64(kInf64), kOddNan64}, kNan64},
      {Op::max, {kOddNan64, f64(kInf64)}, kNan64},
      {Op::min, {f32(kInf), f32(-kInf)}, f32(-kInf)},
      {Op::max, {kTiny, f32(0.0f)}, kTiny},
      {Op::min_num, {kOddNan, f32(1.0f)}, f32(1.0f)},
      {Op::min_num, {f32(1.0f), kOddNan}, f32(1.0f)},
      {Op::max_num, {kOddNan, f32(-kInf)}, f32(-kInf)},
      {Op::max_num, {kOddNan, kOddNan}, kNan},
      {Op::min_num, {f32(0.0f), f32(-0.0f)}, f32(-0.0f)},
      {Op::max_num, {f64(-0.0), f64(0.0)}, f64(0.0)},
      {Op::min, {i32(kMin32), i32(kMax32)}, i32(kMin32)},
      {Op::max, {i64(-1), i64(0)}, i64(0)},
  });
}

TEST_CASE("rounding to integral values") {
  check({
      {Op::floor, {f32(-0.5f)}, f32(-1.0f)},
      {Op::ceil, {f32(-0.5f)}, f32(-0.0f)},
      {Op::trunc, {f32(-0.9f)}, f32(-0.0f)},
      {Op::rint, {f32(0.5f)}, f32(0.0f)},
      {Op::rint, {f32(1.5f)}, f32(2.0f)},
      {Op::rint, {f32(2.5f)}, f32(2.0f)},
      {Op::rint, {f32(-0.5f)}, f32(-0.0f)},
      {Op::rint, {f64(0x1.0000000000001p52)}, f64(0x1.0000000000001p52)},
      {Op::floor, {f32(kInf)}, f32(kInf)},
      {Op::ceil, {kOddNan}, kNan},
      {Op::floor, {kTiny}, f32(0.0f)},
      {Op::ceil, {kTiny}, f32(1.0f)},
      {Op::trunc, {f64(-0x1p60)}, f64(-0x1p60)},
  });
}

TEST_CASE("comparisons are quiet and false with NaN, but ne") {
  for (const Op op : {Op::eq, Op::lt, Op::le, Op::gt, Op::ge})
    check({{op, {kOddNan, f32(1.0f)}, m32(false)}, {op, {f64(1.0), kNan64}, m64(false)}});
  check({
      {Op::ne, {kOddNan, kOddNan}, m32(true)},
      {Op::eq, {f32(0.0f), f32(-0.0f)}, m32(true)},
      {Op::lt, {f32(-0.0f), f32(0.0f)}, m32(false)},
      {Op::le, {f64(2.0), f64(2.0)}, m64(true)},
      {Op::gt, {i32(1), i32(-1)}, m32(true)},
      {Op::lt, {i64(kMin64), i64(kMax64)}, m64(true)},
      {Op::ge, {i32(-1), i32(-1)}, m32(true)},
      {Op::ne, {i64(1), i64(1)}, m64(false)},
  });
}

TEST_CASE("logic and select") {
  check({
      {Op::bit_not, {m32(true)}, m32(false)},
      {Op::bit_not, {m64(false)}, m64(true)},
      {Op::bit_not, {i32(0)}, i32(-1)},
      {Op::bit_not, {i64(5)}, i64(-6)},
      {Op::bit_and, {i32(-1), i32(0x55)}, i32(0x55)},
      {Op::bit_or, {i64(kMin64), i64(1)}, i64(kMin64 + 1)},
      {Op::bit_xor, {i32(-1), i32(1)}, i32(-2)},
      {Op::bit_xor, {m32(true), m32(true)}, m32(false)},
      {Op::select, {m32(true), kOddNan, f32(1.0f)}, kOddNan},
      {Op::select, {m64(false), f64(1.0), f64(2.0)}, f64(2.0)},
      {Op::select, {m32(true), m32(false), m32(true)}, m32(false)},
      {Op::rare, {m32(true), f32(1.0f), f32(2.0f)}, f32(1.0f)},
      {Op::rare, {m64(false), i64(1), i64(2)}, i64(2)},
      {Op::mask_convert, {m32(true)}, m64(true)},
  });
}

TEST_CASE("integers wrap, division is total, shifts take any count") {
  check({
      {Op::add, {i32(kMax32), i32(1)}, i32(kMin32)},
      {Op::sub, {i64(kMin64), i64(1)}, i64(kMax64)},
      {Op::mul, {i32(kMin32), i32(-1)}, i32(kMin32)},
      {Op::mul, {i64(kMax64), i64(2)}, i64(-2)},
      {Op::neg, {i32(kMin32)}, i32(kMin32)},
      {Op::abs, {i64(kMin64)}, i64(kMin64)},
      {Op::abs, {i32(-7)}, i32(7)},
      {Op::div, {i32(-7), i32(2)}, i32(-3)},
      {Op::rem, {i32(-7), i32(2)}, i32(-1)},
      {Op::div, {i32(7), i32(0)}, i32(0)},
      {Op::rem, {i32(7), i32(0)}, i32(7)},
      {Op::div, {i32(kMin32), i32(-1)}, i32(kMin32)},
      {Op::rem, {i64(kMin64), i64(-1)}, i64(0)},
      {Op::div, {i64(kMin64), i64(-1)}, i64(kMin64)},
      {Op::shl, {i32(1), i32(31)}, i32(kMin32)},
      {Op::shl, {i32(-1), i32(32)}, i32(0)},
      {Op::shl, {i32(-1), i32(-1)}, i32(0)},
      {Op::shr, {i32(-1), i32(31)}, i32(1)},
      {Op::shr, {i64(-1), i64(64)}, i64(0)},
      {Op::sar, {i32(-8), i32(1)}, i32(-4)},
      {Op::sar, {i32(-8), i32(99)}, i32(-1)},
      {Op::sar, {i64(kMin64), i64(-5)}, i64(-1)},
      {Op::sar, {i64(8), i64(64)}, i64(0)},
      {Op::shr, {i64(kMin64), i64(63)}, i64(1)},
  });
}

TEST_CASE("conversions round once, truncate and saturate") {
  check({
      {Op::convert, {f32(-2.9f)}, i32(-2)},
      {Op::convert, {kOddNan}, i32(0)},
      {Op::convert, {kNan64}, i64(0)},
      {Op::convert, {f32(0x1p31f)}, i32(kMax32)},
      {Op::convert, {f32(-0x1p31f)}, i32(kMin32)},
      {Op::convert, {f64(2147483647.9)}, i32(kMax32)},
      {Op::convert, {f64(-2147483648.9)}, i32(kMin32)},
      {Op::convert, {f32(kInf)}, i64(kMax64)},
      {Op::convert, {f64(-kInf64)}, i64(kMin64)},
      {Op::convert, {f64(0x1p63)}, i64(kMax64)},
      {Op::convert, {f64(0x1.fffffffffffffp62)}, i64(0x7ffffffffffffc00)},
      {Op::convert, {i32(16777217)}, f32(16777216.0f)},
      {Op::convert, {i64((1ll << 60) + (1ll << 36) + 1)}, f32(0x1.000002p60f)},  // through f64: 0x1p60
      {Op::convert, {i64((1ll << 53) + 1)}, f64(0x1p53)},
      {Op::convert, {i64(kMax64)}, f32(0x1p63f)},
      {Op::convert, {i32(-1)}, i64(-1)},
      {Op::convert, {i64(1ll << 40)}, i32(kMax32)},
      {Op::convert, {i64(kMin64)}, i32(kMin32)},
      {Op::convert, {f64(1.0 + 0x1p-24)}, f32(1.0f)},  // a tie
      {Op::convert, {f64(1e300)}, f32(kInf)},
      {Op::convert, {f64(0x1.8p-149)}, f32_bits(2)},
      {Op::convert, {f32(0.1f)}, f64(0.100000001490116119384765625)},
      {Op::convert, {kOddNan}, kNan64},
  });
}

TEST_CASE("scaling rounds once; special values") {
  check({
      {Op::ldexp, {f32(0x1.000002p0f), i32(-150)}, kTiny},  // in two multiplies: a tie, to zero
      {Op::ldexp, {f32(1.0f), i32(-150)}, f32(0.0f)},
      {Op::ldexp, {f32(-1.0f), i32(-1000)}, f32(-0.0f)},
      {Op::ldexp, {kTiny, i32(276)}, f32(0x1p127f)},
      {Op::ldexp, {kTiny, i32(kMax32)}, f32(kInf)},
      {Op::ldexp, {f32(0.0f), i32(kMax32)}, f32(0.0f)},
      {Op::ldexp, {f32(-kInf), i32(kMin32)}, f32(-kInf)},
      {Op::ldexp, {kOddNan, i32(0)}, kNan},
      {Op::ldexp, {f64(0x1.0000000000001p0), i64(-1075)}, kTiny64},
      {Op::ldexp, {f64(1.0), i64(-1075)}, f64(0.0)},
      {Op::ldexp, {kTiny64, i64(2097)}, f64(0x1p1023)},
      {Op::ldexp, {f64(1.0), i64(kMax64)}, f64(kInf64)},
      {Op::ldexp, {f64(1.0), i64(kMin64)}, f64(0.0)},
      {Op::ldexp, {f32(3.0f), f32(2.75f)}, f32(12.0f)},
      {Op::ldexp, {f32(3.0f), f32(-0.25f)}, f32(1.5f)},  // floor
      {Op::ldexp, {f32(3.0f), f32(-1e30f)}, f32(0.0f)},
      {Op::ldexp, {f32(-3.0f), f32(1e30f)}, f32(-kInf)},
      {Op::ldexp, {kOddNan, f32(kInf)}, kNan},
      {Op::ldexp, {kOddNan, f32(-kInf)}, kNan},
      {Op::ldexp, {f32(1.0f), kOddNan}, kNan},
      {Op::ldexp, {f32(-1.0f), f32(kInf)}, f32(-kInf)},
      {Op::ldexp, {f32(0.0f), f32(kInf)}, kNan},
      {Op::ldexp, {f32(-1.0f), f32(-kInf)}, f32(-0.0f)},
      {Op::ldexp, {f32(kInf), f32(-kInf)}, kNan},
      {Op::ldexp, {f64(-5.0), f64(-1075.5)}, f64_bits(0x8000000000000001)},
      {Op::ldexp_near, {f32(1.5f), f32(-150.0f)}, kTiny},
      {Op::ldexp_near, {f32(1.5f), i32(-126)}, f32(0x1.8p-126f)},
  });
}

/// m * 2^e as f64 by integer arithmetic alone: m < 2^53. Shares nothing with the implementation.
double scaled(std::uint64_t m, int e) {
  if (m == 0) return 0.0;
  while (m < (1ull << 52)) m <<= 1, --e;
  int shift = std::max(0, -1074 - e);
  if (shift > 60) return 0.0;
  std::uint64_t kept = m >> shift, lost = m & ((1ull << shift) - 1), half = shift == 0 ? 1 : 1ull << (shift - 1);
  if (shift != 0 && (lost > half || (lost == half && (kept & 1) != 0))) ++kept;
  e += shift;
  if (kept < (1ull << 52)) return std::bit_cast<double>(kept);  // subnormal
  if (kept == (1ull << 53)) kept >>= 1, ++e;
  if (e + 52 > 1023) return kInf64;
  return std::bit_cast<double>((static_cast<std::uint64_t>(e + 1075) << 52) + (kept - (1ull << 52)));
}

TEST_CASE("f64 scaling agrees with integer arithmetic") {
  std::uint64_t state = 7;
  const auto random = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 11; };
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t m = (random() | 1ull << 52) & ((1ull << 53) - 1) & ~((1ull << random() % 53) - 1);
    const int from = static_cast<int>(random() % 60) - 30, n = -1130 + static_cast<int>(random() % 120);
    REQUIRE(std::bit_cast<std::uint64_t>(meaning::ldexp(scaled(m, from), std::int64_t{n})) ==
            std::bit_cast<std::uint64_t>(scaled(m, from + n)));
  }
}

TEST_CASE("exponent and significand") {
  check({
      {Op::exponent, {f32(1.0f)}, f32(0.0f)},      {Op::significand, {f32(1.0f)}, f32(1.0f)},
      {Op::exponent, {f32(1.5f)}, f32(1.0f)},      {Op::significand, {f32(1.5f)}, f32(0.75f)},
      {Op::exponent, {f32(0.75f)}, f32(0.0f)},     {Op::significand, {f32(0.75f)}, f32(0.75f)},
      {Op::exponent, {kTiny}, f32(-149.0f)},       {Op::significand, {kTiny}, f32(1.0f)},
      {Op::exponent, {f32_bits(3)}, f32(-147.0f)}, {Op::significand, {f32_bits(3)}, f32(0.75f)},
      {Op::exponent, {f32(0.0f)}, f32(-kInf)},     {Op::exponent, {f32(-0.0f)}, f32(-kInf)},
      {Op::exponent, {f32(kInf)}, f32(kInf)},      {Op::exponent, {kOddNan}, kNan},
      {Op::significand, {f32(0.0f)}, f32(1.0f)},   {Op::significand, {f32(kInf)}, f32(1.0f)},
      {Op::significand, {f32(-1.0f)}, kNan},       {Op::significand, {f32(-kInf)}, kNan},
      {Op::significand, {kOddNan}, kNan},          {Op::exponent, {f32(-8.0f)}, f32(3.0f)},
      {Op::exponent, {kTiny64}, f64(-1074.0)},     {Op::significand, {f64(3.0)}, f64(0.75)},
  });
}

TEST_CASE("a table takes any index") {
  covered().insert(Op::table);
  for (const std::int64_t index : {0ll, 3ll, 4ll, -1ll, -2147483648ll})
    CHECK(evaluated({Op::table, {i32(index)}, f32(0.0f)}, {10, 11, 12, 13}).bits ==
          10 + static_cast<std::uint64_t>(index & 3));
}

TEST_CASE("every primitive has a case above") {  // last in the file: cases run in order of declaration
  if (covered().size() < 2) return;              // this case alone was asked for
  for (std::size_t i = 0; i < kPrimitiveCount; ++i) {
    const Op op = static_cast<Op>(i);
    INFO(row(op).id);
    CHECK((row(op).typing == Typing::leaf || is_reduction(op) || covered().contains(op)));
  }
}

}  // namespace
}  // namespace trueno::ir::test
