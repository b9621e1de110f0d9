// How a sweep is made (sweep.h says what for): chunks of inputs handed to threads (sweep_inputs.h), each with buffers
// and a tally of its own, merged at the end so that the report does not depend on who did what.
#include "tools/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <utility>

#include "ir/print.h"
#include "ops/catalogue.h"
#include "ops/op_reference.h"
#include "tools/sweep_inputs.h"

namespace trueno::tools {
namespace {

const ir::Catalogue& catalogue_of(const SweepOptions& options) {
  return options.ops.all ? *options.ops.all : ops::built_in();
}

/// The definition of an op that can be swept.
Result<const ir::Definition*> sweepable(const SweepOptions& options) {
  const ir::Catalogue& ops = catalogue_of(options);
  const std::string& op = options.op;
  const auto overloads = ops.overloads(op);
  if (overloads.empty()) {
    std::string known;
    for (const std::string& name : ops.names()) known += (known.empty() ? "" : ", ") + name;
    return Error(Status::invalid_argument, "no op is named '" + op + "'; there are " + known);
  }
  const std::string type(name_of(options.type));
  if (!is_float(options.type)) return Error(Status::invalid_argument, "sweeps are of f32 and f64, not of " + type);
  const ir::Definition* definition = ops.find(op, {options.type});
  if (definition == nullptr || definition->result != options.type || definition->asks != 0)
    return Error(Status::invalid_argument, "op '" + op + "' cannot be swept: it is not of one " + type +
                                               " with a result of " + type + " for each element");
  return definition;
}

Result<Kernel> compile_op(const SweepOptions& options) {
  CompileOptions compiling;
  compiling.extra_ops = options.ops.text;
  compiling.backend = options.backend;
  compiling.isa = options.isa;
  compiling.vector_bits = options.vector_bits;
  auto kernel = compile(fmt::format("kernel swept(x: {0}[]) -> {0}[] {{ {1}(x) }}", name_of(options.type), options.op),
                        compiling);
  if (kernel && kernel->backend() == Backend::jit && options.isa && kernel->isa() != *options.isa)
    return Error(Status::unavailable, "this host runs " + std::string(name_of(kernel->isa())) + " at most, not " +
                                          std::string(name_of(*options.isa)));
  return kernel;
}

SweepInputs inputs_of(const SweepOptions& options) {
  if (options.type == Type::f64) return SweepInputs::sampled(options.samples);
  return {options.type, options.stride, options.limit};
}

/// Buffers of one thread: elements of either type.
struct Buffers {
  std::vector<double> x = std::vector<double>(kSweepChunk), y = x, z = x;
};

Result<void> run_chunk(const Kernel& kernel, Type type, const std::vector<double>& x, std::vector<double>& y,
                       std::size_t n) {
  return kernel.run({Arg(type, x.data(), n)}, {Out(type, y.data(), n)});
}

template <class F>
F element(const std::vector<double>& buffer, std::size_t i) {
  F value;
  std::memcpy(&value, reinterpret_cast<const unsigned char*>(buffer.data()) + i * sizeof(F), sizeof(F));
  return value;
}

/// What results are held against: a reference of the library, or another op, compiled.
struct HeldAgainst {
  const ops::Reference* known = nullptr;
  std::optional<Kernel> op;
};

Result<HeldAgainst> held_against(const SweepOptions& options, const ir::Definition& definition) {
  const auto reference = ops::reference_of(definition, catalogue_of(options));
  if (!reference) return reference.error();
  if (!*reference)
    return Error(Status::invalid_argument, "op '" + options.op + "' has no reference to sweep it against");
  if (reference->known != nullptr) return HeldAgainst{reference->known, std::nullopt};
  SweepOptions other;
  other.op = reference->op->name;
  other.type = reference->op->result;
  other.ops = options.ops;
  auto kernel = compile_op(other);
  if (!kernel) return kernel.error();
  return HeldAgainst{nullptr, *std::move(kernel)};
}

/// The results of an op of f64 (or F) on inputs of F, in f64.
template <class F>
Result<void> exact_chunk(const Kernel& op, const std::vector<double>& x, std::vector<double>& exact, std::size_t n) {
  const Type type = op.results()[0].type;
  if (sizeof(F) == stored_bytes(type)) {
    if (auto ran = run_chunk(op, type, x, exact, n); !ran || type == Type::f64) return ran;
    for (std::size_t i = n; i-- > 0;) exact[i] = element<F>(exact, i);  // backwards: in place
    return {};
  }
  std::vector<double> wide(n);
  for (std::size_t i = 0; i < n; ++i) wide[i] = element<F>(x, i);
  return run_chunk(op, type, wide, exact, n);
}

template <class F>
Result<void> judge_chunk(Tally& tally, const HeldAgainst& right, Buffers& b, std::size_t n) {
  if (right.known == nullptr)
    if (auto ran = exact_chunk<F>(*right.op, b.x, b.z, n); !ran) return ran;
  for (std::size_t i = 0; i < n; ++i)
    if (right.known != nullptr)
      judge(tally, *right.known, element<F>(b.x, i), element<F>(b.y, i));
    else
      judge(tally, b.z[i], element<F>(b.x, i), element<F>(b.y, i));
  return {};
}

std::uint64_t bits_at(const std::vector<double>& buffer, Type type, std::size_t i) {
  return type == Type::f32 ? element<std::uint32_t>(buffer, i) : element<std::uint64_t>(buffer, i);
}

void hash_text(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;  // FNV-1a
}

/// A body, then those of the ops it calls, in order.
void hash_body(std::uint64_t& hash, const ir::Kernel& body) {
  hash_text(hash, ir::print(body));
  for (const ir::Node& node : body.nodes) {
    if (node.op != ir::Op::call) continue;
    const ir::Call& call = body.calls[node.imm];
    std::vector<Type> types;
    for (const ir::NodeId id : call.args) types.push_back(body[id].type);
    if (const ir::Definition* callee = ops::built_in().find(call.callee, types)) hash_body(hash, callee->body);
  }
}

}  // namespace

std::uint64_t hash_of(const ir::Definition& definition) {
  std::uint64_t hash = 0xcbf29ce484222325;
  hash_body(hash, definition.body);
  return hash;
}

Result<SweepReport> sweep(const SweepOptions& options) {
  const auto definition = sweepable(options);
  if (!definition) return definition.error();
  const auto right = held_against(options, **definition);
  if (!right) return right.error();
  const auto kernel = compile_op(options);
  if (!kernel) return kernel.error();

  const auto start = std::chrono::steady_clock::now();
  const int threads = thread_count(options.threads);
  const SweepInputs inputs = inputs_of(options);
  std::vector<Tally> tallies(static_cast<std::size_t>(threads));
  std::vector<Buffers> buffers(static_cast<std::size_t>(threads));
  auto done = for_chunks(threads, inputs.chunks(), [&](int thread, std::uint64_t chunk) -> Result<void> {
    Buffers& b = buffers[static_cast<std::size_t>(thread)];
    Tally& tally = tallies[static_cast<std::size_t>(thread)];
    const std::size_t n = inputs.fill(chunk, b.x.data());
    if (auto ran = run_chunk(*kernel, options.type, b.x, b.y, n); !ran) return ran;
    return (options.type == Type::f32 ? judge_chunk<float> : judge_chunk<double>)(tally, *right, b, n);
  });
  if (!done) return done.error();

  SweepReport report;
  report.op = options.op;
  report.type = options.type;
  report.origin = kernel->origin();
  report.reference = (*definition)->reference;
  for (const auto& bound : (*definition)->bounds)
    if (bound.tier == "fast") report.bound = bound.ulp;
  report.stride = std::max<std::uint64_t>(options.stride, 1);
  report.definition = hash_of(**definition);
  for (const Tally& tally : tallies) report.add(tally);
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
    target.origin = kernel ? kernel->origin() : std::string(kernel.error().message());
    if (kernel) kernels.push_back(*kernel);
  };
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512}) {
    const auto& wanted = options.compared;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), isa) == wanted.end()) continue;
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
void compare_chunk(TargetBits& tally, const Buffers& b, Type type, std::size_t n) {
  if (std::memcmp(b.y.data(), b.z.data(), n * stored_bytes(type)) == 0) return;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t expected = bits_at(b.y, type, i), got = bits_at(b.z, type, i);
    if (expected == got) continue;
    const std::uint64_t input = bits_at(b.x, type, i);
    if (tally.different++ == 0 || input < tally.input) tally.input = input, tally.expected = expected, tally.got = got;
  }
}

}  // namespace

Result<CompareReport> compare_targets(const SweepOptions& options) {
  const auto definition = sweepable(options);
  if (!definition) return definition.error();
  CompareReport report;
  report.op = options.op;
  report.type = options.type;
  report.stride = std::max<std::uint64_t>(options.stride, 1);
  const std::vector<Kernel> kernels = compile_targets(options, report.targets);
  if (kernels.empty()) return Error(Status::unavailable, "no target of this host can run the op");

  const auto start = std::chrono::steady_clock::now();
  const int threads = thread_count(options.threads);
  const SweepInputs inputs = inputs_of(options);
  std::vector<std::vector<TargetBits>> tallies(static_cast<std::size_t>(threads),
                                               std::vector<TargetBits>(kernels.size()));
  std::vector<Buffers> buffers(static_cast<std::size_t>(threads));
  std::atomic<std::uint64_t> count{0};
  auto done = for_chunks(threads, inputs.chunks(), [&](int thread, std::uint64_t chunk) -> Result<void> {
    Buffers& b = buffers[static_cast<std::size_t>(thread)];
    const std::size_t n = inputs.fill(chunk, b.x.data());
    count += n;
    if (auto ran = run_chunk(kernels[0], options.type, b.x, b.y, n); !ran) return ran;
    for (std::size_t k = 1; k < kernels.size(); ++k) {
      if (auto ran = run_chunk(kernels[k], options.type, b.x, b.z, n); !ran) return ran;
      compare_chunk(tallies[static_cast<std::size_t>(thread)][k], b, options.type, n);
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
