// How a sweep is made (sweep.h says what for): chunks of inputs handed to threads (sweep_inputs.h), each with buffers
// and a tally of its own, merged at the end so that the report does not depend on who did what.
#include "tools/sweep.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "ir/print.h"
#include "ops/catalogue.h"
#include "ops/reference.h"
#include "tools/sweep_inputs.h"

namespace trueno::tools {
namespace {

constexpr std::uint32_t kCanonicalNan = 0x7fc00000;

void note(Finding& finding, std::uint32_t input, std::uint32_t got) {
  if (finding.count++ == 0 || input < finding.input) finding.input = input, finding.got = got;
}
void merge(Finding& into, const Finding& from) {
  if (from.count == 0) return;
  if (into.count == 0 || from.input < into.input) into.input = from.input, into.got = from.got;
  into.count += from.count;
}

/// What double can say about a result: the nearest f32, unless the value lies within 16 ULP (of double) of the
/// middle between two f32. libm's double functions and the references built of them are good to about 3.
bool decided_in_double(double exact) {
  constexpr std::uint64_t kDropped = (std::uint64_t{1} << 29) - 1, kTie = std::uint64_t{1} << 28;
  if (!(std::fabs(exact) >= std::numeric_limits<float>::min())) return exact == 0 || !std::isfinite(exact);
  const std::uint64_t low = std::bit_cast<std::uint64_t>(exact) & kDropped;
  return low + 16 < kTie || low > kTie + 16;
}

/// The nearest f32 by long double. What is halfway there is halfway indeed for products and quotients, whose ties
/// long double holds exactly; a function evaluated to about 2^-39 ULP decides nothing closer than 2^-34 (sigmoid of
/// 2^-23 is a tie but for x^3/48).
enum class Verdict { right, wrong, undecided };
Verdict judge_near_tie(const ops::Reference& reference, float x, float got) {
  const long double wider_x = x;
  const long double exact = reference.wider(&wider_x);
  const double from_tie = std::fabs(ops::ulp_error(got, exact) - 0.5);
  if (from_tie < 0x1p-34 && (from_tie != 0 || reference.transcendental)) return Verdict::undecided;
  return static_cast<float>(exact) == got ? Verdict::right : Verdict::wrong;
}

/// Takes one result into account.
void judge(SweepReport& tally, const ops::Reference& reference, float x, float got) {
  const std::uint32_t input = std::bit_cast<std::uint32_t>(x), bits = std::bit_cast<std::uint32_t>(got);
  const double wide_x = x;
  const double exact = reference.wide(&wide_x);
  if (std::isnan(exact) || std::isnan(got)) {
    if (!std::isnan(exact) || bits != kCanonicalNan) note(tally.nan, input, bits);
    return;
  }
  if (std::isinf(exact) && exact != got) note(tally.infinity, input, bits);
  if (got == 0 && std::signbit(got) != std::signbit(exact)) note(tally.zero_sign, input, bits);
  const double error = ops::ulp_error(got, exact);
  if (error > 1 && std::isinf(got) && !std::isinf(exact)) note(tally.infinity, input, bits);
  if (error > tally.max_ulp || (error == tally.max_ulp && error > 0 && input < tally.worst_input))
    tally.max_ulp = error, tally.worst_input = input, tally.worst_got = bits, tally.worst_exact = exact;
  if (decided_in_double(exact)) {
    tally.misrounded += static_cast<float>(exact) != got;
    return;
  }
  const Verdict verdict = judge_near_tie(reference, x, got);
  tally.misrounded += verdict == Verdict::wrong;
  tally.undecided += verdict == Verdict::undecided;
}

void merge(SweepReport& into, const SweepReport& from) {
  into.inputs += from.inputs;
  into.misrounded += from.misrounded;
  into.undecided += from.undecided;
  merge(into.nan, from.nan);
  merge(into.infinity, from.infinity);
  merge(into.zero_sign, from.zero_sign);
  if (from.max_ulp > into.max_ulp ||
      (from.max_ulp == into.max_ulp && from.max_ulp > 0 && from.worst_input < into.worst_input)) {
    into.max_ulp = from.max_ulp;
    into.worst_input = from.worst_input;
    into.worst_got = from.worst_got;
    into.worst_exact = from.worst_exact;
  }
}

/// The definition of an op that can be swept.
Result<const ir::Definition*> sweepable(const std::string& op) {
  const auto overloads = ops::built_in().overloads(op);
  if (overloads.empty()) {
    std::string known;
    for (const std::string& name : ops::built_in().names()) known += (known.empty() ? "" : ", ") + name;
    return Error(Status::invalid_argument, "no op is named '" + op + "'; there are " + known);
  }
  const std::vector<Type> unary = {Type::f32};
  const ir::Definition* definition = ops::built_in().find(op, unary);
  if (definition == nullptr || definition->result != Type::f32)
    return Error(Status::invalid_argument, "op '" + op + "' cannot be swept: it is not of one f32 with an f32 result");
  return definition;
}

Result<Kernel> compile_op(const SweepOptions& options) {
  CompileOptions compiling;
  compiling.backend = options.backend;
  compiling.isa = options.isa;
  compiling.vector_bits = options.vector_bits;
  auto kernel = compile("kernel swept(x: f32[]) -> f32[] { " + options.op + "(x) }", compiling);
  if (kernel && kernel->backend() == Backend::jit && options.isa && kernel->isa() != *options.isa)
    return Error(Status::unavailable, "this host runs " + std::string(name_of(kernel->isa())) + " at most, not " +
                                          std::string(name_of(*options.isa)));
  return kernel;
}

/// Buffers of one thread.
struct Buffers {
  std::vector<float> x = std::vector<float>(kSweepChunk), y = std::vector<float>(kSweepChunk),
                     z = std::vector<float>(kSweepChunk);
};

Result<void> run_chunk(const Kernel& kernel, const std::vector<float>& x, std::vector<float>& y, std::size_t n) {
  return kernel.run({Arg(Type::f32, x.data(), n)}, {Out(Type::f32, y.data(), n)});
}

}  // namespace

std::uint64_t hash_of(const ir::Definition& definition) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : ir::print(definition.body)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Result<SweepReport> sweep(const SweepOptions& options) {
  const auto definition = sweepable(options.op);
  if (!definition) return definition.error();
  const ops::Reference* reference = ops::reference((*definition)->reference);
  if (reference == nullptr || reference->wide == nullptr || reference->arity != 1)
    return Error(Status::invalid_argument, "op '" + options.op + "' has no reference to sweep it against");
  const auto kernel = compile_op(options);
  if (!kernel) return kernel.error();

  const auto start = std::chrono::steady_clock::now();
  const int threads = thread_count(options.threads);
  const SweepInputs inputs(Type::f32, options.stride, options.limit);
  std::vector<SweepReport> tallies(static_cast<std::size_t>(threads));
  std::vector<Buffers> buffers(static_cast<std::size_t>(threads));
  auto done = for_chunks(threads, inputs.chunks(), [&](int thread, std::uint64_t chunk) -> Result<void> {
    Buffers& b = buffers[static_cast<std::size_t>(thread)];
    SweepReport& tally = tallies[static_cast<std::size_t>(thread)];
    const std::size_t n = inputs.fill(chunk, b.x.data());
    if (auto ran = run_chunk(*kernel, b.x, b.y, n); !ran) return ran;
    for (std::size_t i = 0; i < n; ++i) judge(tally, *reference, b.x[i], b.y[i]);
    tally.inputs += n;
    return {};
  });
  if (!done) return done.error();

  SweepReport report;
  report.op = options.op;
  report.origin = kernel->origin();
  for (const auto& bound : (*definition)->bounds)
    if (bound.tier == "fast") report.bound = bound.ulp;
  report.stride = std::max<std::uint64_t>(options.stride, 1);
  report.definition = hash_of(**definition);
  for (const SweepReport& tally : tallies) merge(report, tally);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

std::uint64_t CompareReport::different() const {
  std::uint64_t sum = 0;
  for (const TargetBits& target : targets) sum += target.different;
  return sum;
}
int CompareReport::ran() const {
  return static_cast<int>(std::count_if(targets.begin(), targets.end(), [](const TargetBits& t) { return t.ran; }));
}

namespace {

/// Compiles the op for every target that the options allow; what does not compile keeps its reason.
std::vector<Kernel> compile_targets(const SweepOptions& options, std::vector<TargetBits>& targets) {
  std::vector<Kernel> kernels;
  const auto add = [&](std::string name, const SweepOptions& one) {
    TargetBits& target = targets.emplace_back();
    target.target = std::move(name);
    const auto kernel = compile_op(one);
    target.ran = kernel.ok();
    target.origin = kernel ? kernel->origin() : kernel.error().diagnostics.front().message;
    if (kernel) kernels.push_back(*kernel);
  };
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512}) {
    if (options.isa && *options.isa != isa) continue;
    for (const int bits : vector_lengths(isa)) {
      if (options.vector_bits != 0 && options.vector_bits != bits) continue;
      SweepOptions one = options;
      one.backend = Backend::jit;
      one.isa = isa;
      one.vector_bits = bits;
      add(std::string(name_of(isa)) + " vl" + std::to_string(bits), one);
    }
  }
  if (options.backend == Backend::interpreter) {
    SweepOptions one = options;
    one.isa.reset();
    one.vector_bits = 0;
    add("interpreter", one);
  }
  return kernels;
}

/// Compares one chunk of results with those of the first target.
void compare_chunk(TargetBits& tally, const Buffers& b, std::size_t n) {
  if (std::memcmp(b.y.data(), b.z.data(), n * sizeof(float)) == 0) return;
  for (std::size_t i = 0; i < n; ++i) {
    const auto expected = std::bit_cast<std::uint32_t>(b.y[i]), got = std::bit_cast<std::uint32_t>(b.z[i]);
    if (expected == got) continue;
    const auto input = std::bit_cast<std::uint32_t>(b.x[i]);
    if (tally.different++ == 0 || input < tally.input) tally.input = input, tally.expected = expected, tally.got = got;
  }
}

}  // namespace

Result<CompareReport> compare_targets(const SweepOptions& options) {
  const auto definition = sweepable(options.op);
  if (!definition) return definition.error();
  CompareReport report;
  report.op = options.op;
  report.stride = std::max<std::uint64_t>(options.stride, 1);
  const std::vector<Kernel> kernels = compile_targets(options, report.targets);
  if (kernels.empty()) return Error(Status::unavailable, "no target of this host can run the op");

  const auto start = std::chrono::steady_clock::now();
  const int threads = thread_count(options.threads);
  const SweepInputs inputs(Type::f32, options.stride, options.limit);
  std::vector<std::vector<TargetBits>> tallies(static_cast<std::size_t>(threads),
                                               std::vector<TargetBits>(kernels.size()));
  std::vector<Buffers> buffers(static_cast<std::size_t>(threads));
  std::atomic<std::uint64_t> count{0};
  auto done = for_chunks(threads, inputs.chunks(), [&](int thread, std::uint64_t chunk) -> Result<void> {
    Buffers& b = buffers[static_cast<std::size_t>(thread)];
    const std::size_t n = inputs.fill(chunk, b.x.data());
    count += n;
    if (auto ran = run_chunk(kernels[0], b.x, b.y, n); !ran) return ran;
    for (std::size_t k = 1; k < kernels.size(); ++k) {
      if (auto ran = run_chunk(kernels[k], b.x, b.z, n); !ran) return ran;
      compare_chunk(tallies[static_cast<std::size_t>(thread)][k], b, n);
    }
    return {};
  });
  if (!done) return done.error();

  report.inputs = count;
  std::size_t k = 0;
  for (TargetBits& target : report.targets) {
    if (!target.ran) continue;
    for (const auto& tally : tallies) {
      const TargetBits& from = tally[k];
      if (from.different != 0 && (target.different == 0 || from.input < target.input))
        target.input = from.input, target.expected = from.expected, target.got = from.got;
      target.different += from.different;
    }
    ++k;
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace trueno::tools
