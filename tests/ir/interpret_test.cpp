// The interpreter as a whole: reductions in the contract's order, passes, aliasing, refusals.
//
// The reference for reductions is built the other way round than ir/tree.h: recursively, from the sentence
// "splits at the largest power of two below the count", with the numbers of the contract written out.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "kernels.h"

namespace trueno::ir::test {
namespace {

/// fold(lane, i): the lane after element i. merge(a, b): a is the earlier one.
template <class T>
class Reference {
 public:
  std::function<T(T, std::size_t)> fold;
  std::function<T(T, T)> merge;
  T start{};

  T over(std::size_t n) const {
    const std::size_t block = 128 * lanes();
    const std::size_t blocks = n == 0 ? 1 : (n + block - 1) / block;
    return halve(tree(0, blocks, n));
  }

 private:
  static constexpr std::size_t lanes() { return sizeof(T) == 4 ? 64 : 32; }

  std::vector<T> tree(std::size_t first, std::size_t count, std::size_t n) const {
    if (count == 1) {
      std::vector<T> out;
      for (std::size_t lane = 0; lane < lanes(); ++lane) {
        T value = start;
        for (std::size_t row = 0; row < 128; ++row)
          if (const std::size_t i = (first * 128 + row) * lanes() + lane; i < n) value = fold(value, i);
        out.push_back(value);
      }
      return out;
    }
    std::size_t split = 1;
    while (split * 2 < count) split *= 2;
    return zip(tree(first, split, n), tree(first + split, count - split, n));
  }
  T halve(const std::vector<T>& lanes) const {
    if (lanes.size() == 1) return lanes[0];
    const auto middle = lanes.begin() + static_cast<std::ptrdiff_t>(lanes.size() / 2);
    return halve(zip({lanes.begin(), middle}, {middle, lanes.end()}));
  }
  std::vector<T> zip(std::vector<T> a, const std::vector<T>& b) const {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = merge(a[i], b[i]);
    return a;
  }
};

template <class T>
std::vector<T> random_values(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<T> out(n);
  for (T& v : out) {
    if constexpr (std::is_floating_point_v<T>)
      v = static_cast<T>(std::ldexp(static_cast<double>(random()) - 0x1p31, static_cast<int>(random() % 24)));
    else
      v = static_cast<T>(static_cast<std::uint64_t>(random()) * random());
  }
  return out;
}

std::vector<std::size_t> sizes(std::size_t block) {
  std::vector<std::size_t> out;
  for (std::size_t n = 0; n <= 200; ++n) out.push_back(n);
  for (std::size_t k = 1; k <= 6; ++k)  // 6 blocks and 37 elements: three subtrees are left to fold
    for (const std::size_t extra : {-1, 0, 1, 37}) out.push_back(block * k + extra);
  return out;
}

template <class T>
T wrap_add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <class T>
T wrap_fma(T a, T b, T c) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fma(a, b, c);
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b) +
                          static_cast<std::uint64_t>(c));
}

/// Sum, sum where, sum of products and sum of products where of every size, against the reference.
template <class T>
void check_sums(Type type) {
  const auto x = random_values<T>(50000, 1), y = random_values<T>(50000, 2);
  std::vector<std::uint8_t> m(x.size());
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = (i * 7919) % 3 != 0;

  Maker k;
  const NodeId a = k.array(type), b = k.array(type), mask = k.array(mask_of(type));
  k.result(k.reduce(Op::reduce_sum, {a}));
  k.result(k.reduce(Op::reduce_sum, {a}, mask));
  k.result(k.reduce(Op::reduce_sum_fma, {a, b}));
  k.result(k.reduce(Op::reduce_sum_fma, {a, b}, mask));
  const Kernel with_select = canon(k.k);  // masks turned into neutral elements: the same bits

  Reference<T> reference[4];
  for (auto& r : reference) r.merge = wrap_add<T>;
  reference[0].fold = [&](T lane, std::size_t i) { return wrap_add(lane, x[i]); };
  reference[1].fold = [&](T lane, std::size_t i) { return m[i] ? wrap_add(lane, x[i]) : lane; };
  reference[2].fold = [&](T lane, std::size_t i) { return wrap_fma(x[i], y[i], lane); };
  reference[3].fold = [&](T lane, std::size_t i) { return m[i] ? wrap_fma(x[i], y[i], lane) : lane; };

  const std::vector<Bytes> inputs{bytes_of(x), bytes_of(y), bytes_of(m)};
  for (const std::size_t n : sizes(type == Type::f32 || type == Type::i32 ? 8192 : 4096)) {
    const Ran ran = run(k.k, inputs, static_cast<std::int64_t>(n));
    REQUIRE(ran == run(with_select, inputs, static_cast<std::int64_t>(n)));
    for (std::size_t r = 0; r < 4; ++r) {
      INFO(name_of(type) << " n = " << n << ", reduction " << r);
      const T expected = reference[r].over(n);
      REQUIRE(ran.results[r] == bytes_of(std::vector<T>{expected}));
    }
  }
}

TEST_CASE("sums follow the contract's tree: f32") { check_sums<float>(Type::f32); }
TEST_CASE("sums follow the contract's tree: f64") { check_sums<double>(Type::f64); }
TEST_CASE("sums follow the contract's tree: i32") { check_sums<std::int32_t>(Type::i32); }
TEST_CASE("sums follow the contract's tree: i64") { check_sums<std::int64_t>(Type::i64); }

TEST_CASE("the order of additions is visible, so the tests above can fail") {
  const auto x = random_values<float>(20000, 1);
  float forward = 0;
  for (const float v : x) forward += v;
  Maker k;
  k.result(k.reduce(Op::reduce_sum, {k.array(Type::f32)}));
  REQUIRE(run(k.k, {bytes_of(x)}, 20000).value<float>() != forward);
}

TEST_CASE("zero sums are +0, also of products that underflow") {
  Maker k;
  const NodeId x = k.array(Type::f32), y = k.array(Type::f32);
  k.result(k.reduce(Op::reduce_sum, {x}));
  k.result(k.reduce(Op::reduce_sum_fma, {x, y}));
  const std::vector<float> minus(300, -0x1p-100f), tiny(300, 0x1p-100f), zeros(300, -0.0f);
  CHECK(run(k.k, {bytes_of(zeros), bytes_of(zeros)}, 300).results[0] == bytes_of(std::vector<float>{0.0f}));
  for (const std::int64_t n : {0, 1, 64, 300})
    CHECK(run(k.k, {bytes_of(minus), bytes_of(tiny)}, n).results[1] == bytes_of(std::vector<float>{0.0f}));
}

TEST_CASE("min and max over elements") {
  const float inf = std::numeric_limits<float>::infinity();
  Maker k;
  const NodeId x = k.array(Type::f32), i = k.array(Type::i32), m = k.array(Type::m32);
  k.result(k.reduce(Op::reduce_min, {x}));
  k.result(k.reduce(Op::reduce_max, {x}));
  k.result(k.reduce(Op::reduce_min, {i}, m));
  k.result(k.reduce(Op::reduce_max, {i}, m));
  std::vector<float> values(10000, 5.0f);
  std::vector<std::int32_t> ints(10000, -3);
  std::vector<std::uint8_t> mask(10000, 0);
  values[8200] = -0.0f, values[17] = 0.0f, values[9000] = inf;
  ints[4] = 100, ints[9999] = -100, mask[5] = 1;
  const Ran ran = run(k.k, {bytes_of(values), bytes_of(ints), bytes_of(mask)}, 10000);
  CHECK(ran.results[0] == bytes_of(std::vector<float>{-0.0f}));
  CHECK(ran.value<float>(1) == inf);
  CHECK(ran.value<std::int32_t>(2) == -3);
  CHECK(ran.value<std::int32_t>(3) == -3);
  CHECK(run(canon(k.k), {bytes_of(values), bytes_of(ints), bytes_of(mask)}, 10000) == ran);

  values[3000] = std::bit_cast<float>(0xffc00001u);
  const Ran nan = run(k.k, {bytes_of(values), bytes_of(ints), bytes_of(mask)}, 10000);
  CHECK(nan.value<std::uint32_t>(0) == 0x7fc00000u);
  CHECK(nan.value<std::uint32_t>(1) == 0x7fc00000u);
}

TEST_CASE("no elements: sums are zero, extrema refuse and write nothing, arrays store nothing") {
  Maker k;
  const NodeId x = k.array(Type::f64);
  k.result(k.reduce(Op::reduce_sum, {x}));
  k.result(k.count());
  Ran ran = run(k.k, {{}}, 0);
  CHECK(ran.status == Status::ok);
  CHECK(ran.value<std::uint64_t>(0) == 0);
  CHECK(ran.value<std::int64_t>(1) == 0);

  k.result(k.op(Op::add, Type::f64, {k.reduce(Op::reduce_max, {x}), k.constant(f64(1))}));
  ran = run(k.k, {{}}, 0);
  CHECK(ran.status == Status::empty);
  for (const Bytes& out : ran.results) CHECK(out == Bytes(8, 0xee));

  Maker arrays;
  const NodeId y = arrays.array(Type::f32);
  arrays.result(arrays.op(Op::sub, Type::f32, {y, arrays.reduce(Op::reduce_min, {y})}));
  CHECK(run(arrays.k, {{}}, 0).status == Status::ok);
}

/// y = (x - sum(x)) / sum((x - sum(x))^2), and the sum of that: three passes and a scalar.
Kernel three_passes() {
  Maker k;
  const NodeId x = k.array(Type::f64), n = k.op(Op::convert, Type::f64, {k.count()});
  const NodeId mean = k.op(Op::div, Type::f64, {k.reduce(Op::reduce_sum, {x}), n});
  const NodeId d = k.op(Op::sub, Type::f64, {x, mean});
  const NodeId y = k.op(Op::div, Type::f64, {d, k.reduce(Op::reduce_sum_fma, {d, d})});
  k.result(y);
  k.result(k.reduce(Op::reduce_max, {y}));
  return k.k;
}

TEST_CASE("kernels of several passes") {
  const std::vector<double> x{1, 2, 3, 6};
  const Ran ran = run(three_passes(), {bytes_of(x)}, 4);
  CHECK(ran.results[0] == bytes_of(std::vector<double>{-2.0 / 14, -1.0 / 14, 0, 3.0 / 14}));
  CHECK(ran.value<double>(1) == 3.0 / 14);
}

TEST_CASE("a result may lie over an input in any way, in kernels of several passes too") {
  const Kernel k = three_passes();
  const std::vector<double> x = random_values<double>(1000, 5);
  const Ran apart = run(k, {bytes_of(x)}, 900);
  for (const std::size_t shift : {0, 1, 50}) {
    std::vector<double> memory(x);
    memory.resize(2000);
    double maximum = 0;
    const void* in[] = {memory.data()};
    void* out[] = {memory.data() + shift, &maximum};
    REQUIRE(interpret(k, in, out, 900).ok());
    CHECK(std::memcmp(memory.data() + shift, apart.results[0].data(), 900 * 8) == 0);
    CHECK(maximum == apart.value<double>(1));
  }
}

TEST_CASE("scalars, masks and uniform arrays") {
  Maker k;
  const NodeId x = k.array(Type::i64), limit = k.scalar(Type::i64);
  k.result(k.op(Op::lt, Type::m64, {x, limit}));
  k.result(k.op(Op::gt, Type::m64, {limit, k.constant(i64(2))}));
  k.result(limit);
  k.k.outputs.back().array = true;
  const Ran ran = run(k.k, {bytes_of(std::vector<std::int64_t>{1, 2, 3}), bytes_of(std::vector<std::int64_t>{2})}, 3);
  CHECK(ran.results[0] == Bytes{1, 0, 0});
  CHECK(ran.results[1] == Bytes{0});
  CHECK(ran.results[2] == bytes_of(std::vector<std::int64_t>{2, 2, 2}));
}

TEST_CASE("defects are reported, not run") {
  Maker k;
  k.result(k.call("exp", Type::f32, {k.array(Type::f32)}));
  CHECK(run(k.k, {{}}, 0).status == Status::internal);
  CHECK(interpret(three_passes(), {}, {}, 0).status() == Status::internal);
}

}  // namespace
}  // namespace trueno::ir::test
