// See lives.h. Data are in static arrays, so that what is counted is the library's own.
#include "tests/faults/lives.h"

#include <cstring>

namespace trueno::test {
namespace {

constexpr std::size_t kMost = 20000;
float x[kMost], y[kMost];
constexpr float kUntouched = -12345;

void fill() {
  for (std::size_t i = 0; i < kMost; ++i)
    x[i] = static_cast<float>((i * 2654435761u) % 1000) * 0.013f - 6, y[i] = kUntouched;
}

template <class T>
void keep(Outcome& outcome, const T* values, std::size_t n) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values);
  for (std::size_t i = 0; i < n * sizeof(T); ++i) outcome.bits = (outcome.bits ^ bytes[i]) * 1099511628211u;
}

/// Text or builder made it; one array, one scalar or array result of n elements.
Outcome run(const Result<Kernel>& made, std::size_t n, bool array) {
  Outcome outcome;
  outcome.status = made.status();
  if (!made) return outcome;
  outcome.backend = made->backend();
  float scalar = kUntouched;
  const std::span<float> out = array ? std::span(y, n) : std::span(&scalar, 1);
  const Arg in(std::span<const float>(x, n));
  const Out to = array ? Out(out) : Out(scalar);
  const auto done = made->run(std::span(&in, 1), std::span(&to, 1));
  outcome.status = done.status();
  if (done) {
    keep(outcome, out.data(), out.size());
  } else if (made->backend() != Backend::fallback) {  // whose passes may be half done
    for (const float value : out)
      if (value != kUntouched) outcome.wrong = "refused, but written";
  }
  return outcome;
}

Outcome text(const char* source, std::size_t n, bool array, Backend backend = Backend::automatic) {
  fill();
  CompileOptions options;
  options.backend = backend;
  return run(compile(source, options), n, array);
}

constexpr const char* kSoftmax = "kernel k(x: f32[]) -> f32[] { e = exp(x - max(x))\n e / sum(e) }";

Outcome rows() {
  fill();
  Outcome outcome;
  const auto k = compile(kSoftmax);
  outcome.status = k.status();
  if (!k) return outcome;
  const auto done = k->run_rows({Matrix<const float>(x, 100, 64)}, {Matrix<float>(y, 100, 64)});
  outcome.status = done.status();
  if (done) keep(outcome, y, 6400);
  return outcome;
}

Outcome rows_of_fallback() {
  fill();
  Outcome outcome;
  CompileOptions options;
  options.backend = Backend::fallback;
  const auto k = compile("kernel k(x: f32[]) -> f32 { sum(x * x) }", options);
  outcome.status = k.status();
  if (!k) return outcome;
  const auto done = k->run_rows({Matrix<const float>(x, 10, 64)}, {std::span<float>(y, 10)});
  outcome.status = done.status();
  if (done) keep(outcome, y, 10);
  return outcome;
}

Outcome built() {
  fill();
  KernelBuilder b("built");
  const Value v = b.array("x", Type::f32);
  b.result("", b.call("tanh", {v * 2.0}) + b.call("sum", {v}));
  return run(b.compile(), 1000, true);
}

CompileOptions with_an_op() {
  CompileOptions options;
  options.extra_ops = "op twice(x: f32) -> f32\n  doc \"2x\"\n  bound fast 0.5 ulp\n  ref twice\n{ x + x }";
  return options;
}
const CompileOptions kWithAnOp = with_an_op();
const std::vector<Name> kNames = {{"x", true, Type::f32}};

Outcome expression() {
  fill();
  return run(compile_expression("mean(twice(x)) + 1", kNames, kWithAnOp), 500, false);
}

Outcome plain() {
  fill();
  Outcome outcome;
  try {
    const float s = sum(std::span<const float>(x, 9000)), m = *max(std::span<const float>(x, 100));
    keep(outcome, &s, 1);
    keep(outcome, &m, 1);
  } catch (const std::bad_alloc&) {
    outcome.status = Status::out_of_memory;
  }
  return outcome;
}

Outcome mistake_in_text() { return run(compile("kernel k(x: f32[]) -> f32[] { sgmoid(x) + y + q * 'z }"), 10, true); }

Outcome mistake_in_call() {
  fill();
  Outcome outcome;
  const auto k = compile("kernel k(x: f32[], y: f32[]) -> f32 { sum(x * y) }");
  outcome.status = k.status();
  if (!k) return outcome;
  float result = kUntouched;
  const Arg in[] = {std::span<const float>(x, 10), std::span<const float>(x, 11)};
  const Out out(result);
  const auto done = k->run(in, std::span(&out, 1));
  outcome.status = done.status();
  if (done) outcome.wrong = "arrays of different lengths were taken";
  if (result != kUntouched) outcome.wrong = "refused, but written";
  return outcome;
}

Outcome filtered_out() {
  fill();
  return run(compile("kernel k(x: f32[]) -> f32 { max(x where x > 1000) }"), 100, false);
}

}  // namespace

const std::vector<Life>& lives() {
  static const std::vector<Life> kLives = {
      {"sum", [] { return text("kernel k(x: f32[]) -> f32 { sum(x) }", 9001, false); }},
      {"sigmoid", [] { return text("kernel k(x: f32[]) -> f32[] { sigmoid(x) }", 1003, true); }},
      {"softmax", [] { return text(kSoftmax, 20000, true); }},
      {"softmax of rows", rows},
      {"sum.exact", [] { return text("kernel k(x: f32[]) -> f32 { sum.exact(x) }", 9001, false); }},
      {"argmax", [] { return text("kernel k(x: f32[]) -> f32 { f32(argmax(x)) }", 9001, false); }},
      {"built", built},
      {"expression", expression},
      {"trueno::sum", plain},
      {"fallback", [] { return text(kSoftmax, 20000, true, Backend::fallback); }},
      {"fallback of rows", rows_of_fallback},
      {"interpreter", [] { return text(kSoftmax, 3000, true, Backend::interpreter); }},
      {"mistake in text", mistake_in_text, Status::invalid_text},
      {"mistake in a call", mistake_in_call, Status::invalid_argument},
      {"filtered out", filtered_out, Status::empty},
  };
  return kLives;
}

}  // namespace trueno::test
