// The tasks and their answers: see tasks.h.
#include "bench/tasks.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace trueno::bench {
namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20;

/// A result cell that every contender of a task writes to, so that no compiler drops the work.
struct Cell {
  float real = 0;
  std::int64_t integer = 0;
};
Cell cell;

/// The right answers, in f64, and how far a contender may be off (sums in f32 differ by their order).
struct Answer {
  double value = 0;
  double slack = 0;
};

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

Answer answer(const std::string& task, const Buffers& b, std::size_t n) {
  double s = 0, magnitude = 0, lo = b.x[0], hi = b.x[0];
  for (std::size_t i = 0; i < n; ++i) {
    const double x = b.x[i];
    const double v = task == "dot"            ? x * double{b.y[i]}
                     : task == "sum i32"      ? double(b.k[i])
                     : task == "mean sigmoid" ? sigmoid(double{kA} * x + double{kB})
                                              : x;
    s += v;
    magnitude += std::abs(v);
    lo = std::min(lo, x);
    hi = std::max(hi, x);
  }
  if (task == "min") return {lo, 0};
  if (task == "max") return {hi, 0};
  if (task == "sum i32") return {s, 0};
  const double scale = task == "mean" || task == "mean sigmoid" ? 1 / static_cast<double>(n) : 1;
  return {s * scale, magnitude * scale * 1e-4};
}

/// What y should be; Eigen and the loops have errors of a few ULP in exp.
double right_element(const std::string& task, const Buffers& b, std::size_t i, double largest, double total) {
  const double x = b.x[i];
  return task == "softmax" ? std::exp(x - largest) / total : std::max(0.0, double{kA} * x + double{kB});
}

bool writes_array(const std::string& task) { return task == "relu(ax+b)" || task == "softmax"; }

/// Empty, or what is wrong.
std::string check(const std::string& task, const Contender& contender, const Buffers& b, std::size_t n) {
  cell = {};
  std::fill(b.out, b.out + n, -1.0f);
  contender.prepare(n);
  contender.call();
  const auto complain = [&](const std::string& what) {
    return contender.name + " is wrong at " + task + ", n = " + std::to_string(n) + ": " + what + "; not timed";
  };
  if (writes_array(task)) {
    const double largest = *std::max_element(b.x, b.x + n);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) total += std::exp(b.x[i] - largest);
    const double slack = task == "softmax" ? 1e-5 / total : 1e-6;
    for (std::size_t i = 0; i < n; ++i) {
      const double right = right_element(task, b, i, largest, total);
      if (!(std::abs(b.out[i] - right) <= slack * (1 + std::abs(b.x[i]))))
        return complain("element " + std::to_string(i) + " is " + std::to_string(b.out[i]) + ", not " +
                        std::to_string(right));
    }
    return {};
  }
  const Answer right = answer(task, b, n);
  const double got = task == "sum i32" ? static_cast<double>(cell.integer) : cell.real;
  if (std::abs(got - right.value) <= right.slack) return {};
  return complain(std::to_string(got) + ", not " + std::to_string(right.value));
}

struct Row {
  const char* name;
  const char* text;
  double bytes;
  std::vector<std::size_t> sizes{};
  bool beside_our_sum = false;  ///< compared with our own plain sum, as no peer has such a task
};

constexpr const char* kSum = "kernel sum(x: f32[]) -> f32 { sum(x) }";

const Row kRows[] = {
    {"sum", kSum, 4},
    {"mean", "kernel mean(x: f32[]) -> f32 { mean(x) }", 4},
    {"dot", "kernel dot(x: f32[], y: f32[]) -> f32 { dot(x, y) }", 8},
    {"min", "kernel min(x: f32[]) -> f32 { min(x) }", 4},
    {"max", "kernel max(x: f32[]) -> f32 { max(x) }", 4},
    {"sum i32", "kernel sum(x: i32[]) -> i64 { sum(x) }", 4},
    {"relu(ax+b)", "kernel relu_axpb(x: f32[], a: f32, b: f32) -> f32[] { relu(a*x + b) }", 8},
    {"mean sigmoid", "kernel mean_sigmoid(x: f32[], a: f32, b: f32) -> f32 { mean(sigmoid(a*x + b)) }", 4},
    {"softmax", "kernel softmax_(x: f32[]) -> f32[] { softmax(x) }", 8, {64, 256, 1000, 100000, 1000000}},
    {"sum.comp", "kernel sum(x: f32[]) -> f32 { sum.comp(x) }", 4, {}, true},
    {"sum.exact", "kernel sum(x: f32[]) -> f32 { sum.exact(x) }", 4, {}, true},
};

/// Our kernel by handle: arguments are made once, a call is a call.
Contender ours(const std::string& task, const Kernel& kernel, const Buffers& b) {
  struct Arguments {
    std::vector<Arg> in;
    std::vector<Out> out;
  };
  const auto a = std::make_shared<Arguments>();
  const auto prepare = [task, a, &b](std::size_t n) {
    a->in.clear();
    a->out.clear();
    if (task == "sum i32")
      a->in.emplace_back(Type::i32, b.k, n);
    else
      a->in.emplace_back(Type::f32, b.x, n);
    if (task == "dot") a->in.emplace_back(Type::f32, b.y, n);
    if (task == "relu(ax+b)" || task == "mean sigmoid") {
      a->in.emplace_back(kA);
      a->in.emplace_back(kB);
    }
    if (task == "sum i32")
      a->out.emplace_back(cell.integer);
    else if (writes_array(task))
      a->out.emplace_back(Type::f32, b.out, n);
    else
      a->out.emplace_back(cell.real);
  };
  return {"trueno", prepare, [kernel, a] { (void)kernel.run(a->in, a->out).ok(); }};
}

/// A peer's function, or a contender without a call.
Contender theirs(const std::string& task, const Peer& p, const Buffers& b) {
  const auto n = std::make_shared<std::size_t>(0);
  Contender c{p.name, [n](std::size_t count) { *n = count; }, {}};
  const auto reduce = [&](float (*f)(const float*, std::size_t)) {
    if (f != nullptr) c.call = [f, n, &b] { cell.real = f(b.x, *n); };
  };
  if (task == "sum") reduce(p.sum);
  if (task == "mean") reduce(p.mean);
  if (task == "min") reduce(p.min);
  if (task == "max") reduce(p.max);
  if (task == "dot") c.call = [f = p.dot, n, &b] { cell.real = f(b.x, b.y, *n); };
  if (task == "sum i32") c.call = [f = p.sum_i32, n, &b] { cell.integer = f(b.k, *n); };
  if (task == "relu(ax+b)") c.call = [f = p.relu_axpb, n, &b] { f(b.x, kA, kB, b.out, *n); };
  if (task == "mean sigmoid") c.call = [f = p.mean_sigmoid, n, &b] { cell.real = f(b.x, kA, kB, *n); };
  if (task == "softmax" && p.softmax != nullptr) c.call = [f = p.softmax, n, &b] { f(b.x, b.out, *n); };
  return c;
}

std::vector<Peer> peers() {
  std::vector<Peer> out = {peer_native::loops()};
#ifdef TRUENO_HAVE_CLANG_PEER
  out.push_back(peer_clang::loops());
#endif
#ifdef TRUENO_HAVE_EIGEN
  out.push_back(eigen());
#endif
  return out;
}

void add_our_sum(Task& task, const Buffers& b) {
  const Result<Kernel> kernel = compile(kSum);
  if (!kernel) return;  // its own row complains
  task.contenders.push_back(ours(task.name, *kernel, b));
  task.contenders.back().name = "our sum";
}

}  // namespace

Buffers::Buffers(std::size_t n) : most(n) {
  const std::size_t each = (n * 4 + 4095) / 4096 * 4096 + 4096;
  const std::size_t all = (4 * each + kHuge - 1) / kHuge * kHuge;
  memory_ = std::aligned_alloc(kHuge, all);
  if (memory_ == nullptr) std::abort();
  madvise(memory_, all, MADV_HUGEPAGE);
  char* at = static_cast<char*>(memory_);
  x = reinterpret_cast<float*>(at);
  y = reinterpret_cast<float*>(at + each + 1088);
  out = reinterpret_cast<float*>(at + 2 * each + 2048);
  k = reinterpret_cast<std::int32_t*>(at + 3 * each);
  std::uint32_t state = 1;
  const auto draw = [&] { return state = state * 1664525u + 1013904223u; };
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(draw() >> 8) * 0x1p-22f - 2;
    y[i] = static_cast<float>(draw() >> 8) * 0x1p-22f - 2;
    k[i] = static_cast<std::int32_t>(draw());
    out[i] = 0;
  }
}

Buffers::~Buffers() { std::free(memory_); }

Tasks make_tasks(Buffers& buffers, const std::vector<std::size_t>& sizes) {
  Tasks all;
  const auto complain = [&](std::string what, bool mine) {
    all.complaints.push_back(std::move(what));
    all.ours_failed |= mine;
  };
  for (const Row& row : kRows) {
    Task task{row.name, row.text, row.bytes, row.sizes.empty() ? sizes : row.sizes, {}};
    const Result<Kernel> kernel = compile(row.text);
    if (!kernel) {
      complain("trueno refuses " + task.name + ": " + kernel.error().text(), true);
      continue;
    }
    task.contenders.push_back(ours(task.name, *kernel, buffers));
    if (row.beside_our_sum)
      add_our_sum(task, buffers);
    else
      for (const Peer& peer : peers()) task.contenders.push_back(theirs(task.name, peer, buffers));
    std::erase_if(task.contenders, [&](const Contender& c) {
      for (const std::size_t n : {std::size_t{100}, std::size_t{1003}, std::size_t{100000}}) {
        const std::string wrong = check(task.name, c, buffers, n);
        if (wrong.empty()) continue;
        complain(wrong, c.name == "trueno");
        return true;
      }
      return false;
    });
    if (!task.contenders.empty() && task.contenders[0].name == "trueno") all.tasks.push_back(std::move(task));
  }
  return all;
}

}  // namespace trueno::bench
