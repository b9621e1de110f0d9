// The tasks, one row each. References are scalar, in long double, and share nothing with trueno or any peer.
#include "bench/tasks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

namespace trueno::bench {
namespace {

using Real = long double;
const std::vector<Type> kFloats = {Type::f32, Type::f64};
const std::vector<Type> kNumbers = {Type::f32, Type::f64, Type::i32};

Real sigmoid(Real v) { return 1 / (1 + std::exp(-v)); }
Real swish(Real v) { return v * sigmoid(v); }
/// x/2 (1 + tanh u) is x sigmoid(2u), without the cancellation.
Real gelu_tanh(Real v) {
  constexpr Real kRootOf2OverPi = 0.79788456080286535587989211986876373L;
  return v * sigmoid(2 * kRootOf2OverPi * (v + 0.044715L * v * v * v));
}
Real relu(Real v) { return v > 0 ? v : 0; }
Real exponential(Real v) { return std::exp(v); }
Real logarithm(Real v) { return std::log(v); }
Real hyperbolic_tangent(Real v) { return std::tanh(v); }
Real root(Real v) { return std::sqrt(v); }

template <Real (*f)(Real)>
Answer map(const Exact& in) {
  Answer out;
  for (const Real v : in.x) out.values.push_back(f(v));
  return out;
}

/// The sum of term(i).
template <class Term>
Answer total(std::size_t n, Term term, Real divisor = 1) {
  Real sum = 0, magnitude = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Real t = term(i);
    sum += t;
    magnitude += std::fabs(t);
  }
  return {{sum / divisor}, magnitude / divisor};
}

Answer sum(const Exact& in) {
  return total(in.x.size(), [&](std::size_t i) { return in.x[i]; });
}
Answer mean(const Exact& in) {
  return total(
      in.x.size(), [&](std::size_t i) { return in.x[i]; }, static_cast<Real>(in.x.size()));
}
Answer dot(const Exact& in) {
  return total(in.x.size(), [&](std::size_t i) { return in.x[i] * in.y[i]; });
}
Answer min(const Exact& in) { return {{*std::min_element(in.x.begin(), in.x.end())}}; }
Answer max(const Exact& in) { return {{*std::max_element(in.x.begin(), in.x.end())}}; }
Answer variance(const Exact& in) {
  const Real m = mean(in).values[0];
  return total(
      in.x.size(), [&](std::size_t i) { return (in.x[i] - m) * (in.x[i] - m); }, static_cast<Real>(in.x.size()));
}
Answer relu_axpb(const Exact& in) {
  Answer out;
  for (const Real v : in.x) out.values.push_back(relu(in.a * v + in.b));
  out.floor = in.b;  // a*x + b near 0 is what is left of b
  return out;
}
Answer squared_difference(const Exact& in) {
  return total(in.x.size(), [&](std::size_t i) { return (in.x[i] - in.y[i]) * (in.x[i] - in.y[i]); });
}
Answer mean_sigmoid(const Exact& in) {
  return total(
      in.x.size(), [&](std::size_t i) { return sigmoid(in.a * in.x[i] + in.b); }, static_cast<Real>(in.x.size()));
}
Answer sum_where(const Exact& in) {
  return total(in.x.size(), [&](std::size_t i) { return relu(in.x[i]); });
}
Answer softmax(const Exact& in) {
  const Real top = max(in).values[0];
  Answer out;
  for (const Real v : in.x) {
    out.values.push_back(std::exp(v - top));
    out.condition.push_back(1 + top - v);  // exp of the rounded difference
  }
  const Real all = std::accumulate(out.values.begin(), out.values.end(), Real(0));
  for (Real& v : out.values) v /= all;
  return out;
}
Answer layer_norm(const Exact& in) {
  const Real m = mean(in).values[0], r = 1 / std::sqrt(variance(in).values[0] + in.epsilon);
  Answer out;
  for (const Real v : in.x) out.values.push_back((v - m) * r);
  out.floor = 1;  // the spread of the result; values near 0 are what is left of v - m
  return out;
}

const char* const kSum = "kernel sum_(x: T[]) -> S { sum(x) }";
const char* const kGelu = "kernel gelu_(x: T[]) -> T[] { gelu_tanh(x) }";
const char* const kMeanSigmoid = "kernel mean_sigmoid(x: T[], a: T, b: T) -> T { mean(sigmoid(a*x + b)) }";
const char* const kSoftmax = "kernel softmax_(x: T[]) -> T[] { softmax(x) }";

}  // namespace

namespace {

/// What a letter of Task::text_of stands for.
std::optional<Type> meaning(char letter, Type type) {
  if (letter == 'T') return type;
  if (letter == 'S') return type == Type::i32 ? Type::i64 : type;
  if (letter == 'M') return type == Type::i32 ? Type::f64 : type;
  return std::nullopt;
}

constexpr std::string_view kArrow = "-> ";

}  // namespace

std::string Task::text(Type type) const {
  std::string out;
  for (const char c : std::string_view(text_of)) {
    if (const auto t = meaning(c, type))
      out += name_of(*t);
    else
      out += c;
  }
  return out;
}

Type Task::result(Type type) const {
  const std::string_view all = text_of;
  return *meaning(all[all.find(kArrow) + kArrow.size()], type);
}

std::vector<std::size_t> Task::check_sizes() const {
  if (!is_timed_by_size()) return {};
  if (!sizes.empty()) return sizes;
  return {std::begin(kCheckSizes), std::end(kCheckSizes)};
}

std::size_t Task::told_size() const {
  const auto all = check_sizes();
  if (all.empty()) return 0;
  return kind == Kind::map ? all.back() : all[all.size() / 2];
}

int Task::reads() const {
  const std::string_view all = text_of, parameters = all.substr(0, all.find(kArrow));
  return static_cast<int>(std::count(parameters.begin(), parameters.end(), '['));
}

bool Task::writes() const {
  const std::string_view all = text_of, result = all.substr(all.find(kArrow));
  return result.find("[]") < result.find('{');
}

// clang-format off
const std::vector<Task>& tasks() {
  constexpr auto normal = Values::normal, positive = Values::positive;
  static const std::vector<Task> rows = {
      {"sum", "reductions", Kind::reduce, kSum, kNumbers, normal, sum},
      {"mean", "reductions", Kind::reduce, "kernel mean_(x: T[]) -> M { mean(x) }", kNumbers, normal, mean},
      {"min", "reductions", Kind::reduce, "kernel min_(x: T[]) -> T { min(x) }", kNumbers, normal, min},
      {"max", "reductions", Kind::reduce, "kernel max_(x: T[]) -> T { max(x) }", kNumbers, normal, max},
      {"dot", "reductions", Kind::reduce, "kernel dot_(x: T[], y: T[]) -> S { dot(x, y) }", kNumbers, normal, dot},
      {"variance", "reductions", Kind::reduce, "kernel variance_(x: T[]) -> T { variance(x) }", kFloats, normal, variance},
      {"relu", "elementwise", Kind::map, "kernel relu_(x: T[]) -> T[] { relu(x) }", kFloats, normal, map<relu>},
      {"exp", "elementwise", Kind::map, "kernel exp_(x: T[]) -> T[] { exp(x) }", kFloats, normal, map<exponential>},
      {"log", "elementwise", Kind::map, "kernel log_(x: T[]) -> T[] { log(x) }", kFloats, positive, map<logarithm>},
      {"tanh", "elementwise", Kind::map, "kernel tanh_(x: T[]) -> T[] { tanh(x) }", kFloats, normal, map<hyperbolic_tangent>},
      {"sigmoid", "elementwise", Kind::map, "kernel sigmoid_(x: T[]) -> T[] { sigmoid(x) }", kFloats, normal, map<sigmoid>},
      {"swish", "elementwise", Kind::map, "kernel swish_(x: T[]) -> T[] { swish(x) }", kFloats, normal, map<swish>},
      {"gelu_tanh", "elementwise", Kind::map, kGelu, kFloats, normal, map<gelu_tanh>},
      {"sqrt", "elementwise", Kind::map, "kernel sqrt_(x: T[]) -> T[] { sqrt(x) }", kFloats, positive, map<root>},
      {"relu(a*x+b)", "fused", Kind::map, "kernel relu_axpb(x: T[], a: T, b: T) -> T[] { relu(a*x + b) }", kFloats, normal, relu_axpb},
      {"sum((x-y)^2)", "fused", Kind::reduce, "kernel squares(x: T[], y: T[]) -> T { d = x - y; sum(d*d) }", kFloats, normal, squared_difference},
      {"mean(sigmoid(a*x+b))", "fused", Kind::reduce, kMeanSigmoid, kFloats, normal, mean_sigmoid},
      {"softmax", "fused", Kind::whole, kSoftmax, kFloats, normal, softmax},
      {"layer_norm", "fused", Kind::whole, "kernel layer_norm_(x: T[], epsilon: T) -> T[] { layer_norm(x, epsilon) }", kFloats, normal, layer_norm},
      {"sum(x where x>0)", "fused", Kind::reduce, "kernel positive(x: T[]) -> T { sum(x where x > 0) }", kFloats, normal, sum_where},
      {"call", "latency", Kind::reduce, kSum, {Type::f32}, normal, sum, {1}, "sum"},
      {"to code: sum", "latency", Kind::compile, kSum, {Type::f32}, normal, nullptr, {0}},
      {"to code: mean(sigmoid(a*x+b))", "latency", Kind::compile, kMeanSigmoid, {Type::f32}, normal, nullptr, {0}},
      {"to code: gelu_tanh", "latency", Kind::compile, kGelu, {Type::f32}, normal, nullptr, {0}},
      {"to code: softmax", "latency", Kind::compile, kSoftmax, {Type::f32}, normal, nullptr, {0}},
      {"lookup: gelu_tanh", "latency", Kind::lookup, kGelu, {Type::f32}, normal, nullptr, {0}},
  };
  return rows;
}
// clang-format on

}  // namespace trueno::bench
