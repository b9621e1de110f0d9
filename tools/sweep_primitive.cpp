// How primitives are swept (sweep_primitive.h): chunk by chunk, the interpreter first, then each target.
#include "tools/sweep_primitive.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "ir/interpret.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "ops/catalogue.h"
#include "runtime/host.h"
#include "tools/sweep_inputs.h"

namespace trueno::tools {
namespace {

/// Fills results before a target runs, so that an element it leaves out is not the right one by luck.
constexpr int kPoison = 0xa5;

bool sweepable(const PrimitiveUse& use) {
  return use.operands.size() == 1 && is_number(use.operands[0]) && bits_of(use.operands[0]) == 32 &&
         is_number(use.result) && use.entries == 0 && !ir::is_reduction(use.op);
}

/// The targets asked for, compiled by the public road.
struct Compiled {
  std::vector<PrimitiveTarget> targets;
  std::vector<std::pair<std::size_t, Kernel>> kernels;  ///< of those that ran, by index in targets
};

Result<void> add_target(Compiled& all, const std::string& text, const jit::Target& target) {
  PrimitiveTarget& entry = all.targets.emplace_back();
  entry.target = fmt::format("{} vl{}", name_of(target.isa), target.vector_bits);
  CompileOptions options;
  options.backend = Backend::jit;
  options.isa = target.isa;
  options.vector_bits = target.vector_bits;
  const auto kernel = compile(text, options);
  if (!kernel && kernel.status() != Status::unavailable) return kernel.error();
  if (!kernel) {
    entry.declined = std::string(kernel.error().message());
  } else if (kernel->isa() != target.isa || kernel->vector_bits() != target.vector_bits) {
    return Error(Status::internal, entry.target + " was asked for, and this came: " + kernel->origin());
  } else {
    all.kernels.emplace_back(all.targets.size() - 1, *kernel);
  }
  return {};
}

Result<Compiled> compile_targets(const std::string& text, const PrimitiveSweepOptions& options) {
  Compiled all;
  for (const jit::Target& target : runtime::runnable_targets()) {
    if (options.isa && *options.isa != target.isa) continue;
    if (options.vector_bits != 0 && options.vector_bits != target.vector_bits) continue;
    if (auto done = add_target(all, text, target); !done) return done.error();
  }
  if (all.targets.empty()) return Error(Status::unavailable, "this host runs none of the targets asked for");
  return all;
}

/// What a thread has of its own. Buffers hold 8-byte elements or fewer; cells make them aligned.
struct Worker {
  std::vector<std::uint64_t> x = std::vector<std::uint64_t>(kSweepChunk), expected = x, got = x;
  std::vector<PrimitiveTarget> tally;
};

std::uint64_t element(const std::vector<std::uint64_t>& buffer, Type type, std::size_t i) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, reinterpret_cast<const unsigned char*>(buffer.data()) + i * stored_bytes(type),
              stored_bytes(type));
  return bits;
}

void note(PrimitiveTarget& tally, std::uint64_t count, const PrimitiveTarget& lowest) {
  if (count == 0) return;
  if (tally.different == 0 || lowest.input < tally.input)
    tally.input = lowest.input, tally.expected = lowest.expected, tally.got = lowest.got;
  tally.different += count;
}

void compare(PrimitiveTarget& tally, const Worker& w, const PrimitiveUse& use, std::size_t n) {
  if (std::memcmp(w.expected.data(), w.got.data(), n * stored_bytes(use.result)) == 0) return;
  for (std::size_t i = 0; i < n; ++i) {
    PrimitiveTarget one;
    one.expected = element(w.expected, use.result, i);
    one.got = element(w.got, use.result, i);
    one.input = static_cast<std::uint32_t>(element(w.x, use.operands[0], i));
    note(tally, one.expected != one.got, one);
  }
}

/// One chunk: the judge, then all targets.
Result<void> run_chunk(Worker& w, const ir::Kernel& judge, const Compiled& all, const PrimitiveUse& use,
                       std::size_t n) {
  const void* const in[] = {w.x.data()};
  void* const out[] = {w.expected.data()};
  if (auto done = ir::interpret(judge, in, out, static_cast<std::int64_t>(n)); !done) return done;
  for (const auto& [target, kernel] : all.kernels) {
    std::memset(w.got.data(), kPoison, n * stored_bytes(use.result));
    auto done = kernel.run({Arg(use.operands[0], w.x.data(), n)}, {Out(use.result, w.got.data(), n)});
    if (!done) return done;
    compare(w.tally[target], w, use, n);
  }
  return {};
}

std::string bits_text(Type type, std::uint64_t bits) { return fmt::format("0x{:0{}x}", bits, bits_of(type) / 4); }

}  // namespace

std::uint64_t PrimitiveReport::different() const {
  std::uint64_t sum = 0;
  for (const PrimitiveTarget& target : targets) sum += target.different;
  return sum;
}
int PrimitiveReport::ran() const {
  return static_cast<int>(std::count_if(targets.begin(), targets.end(), [](const auto& t) { return t.ran(); }));
}

Result<std::vector<PrimitiveUse>> sweepable_uses(const std::string& name, std::optional<Type> type,
                                                 std::optional<Type> to) {
  std::vector<PrimitiveUse> out;
  std::string known, last;
  for (std::size_t op = 0; op < ir::kPrimitiveCount; ++op)
    for (const PrimitiveUse& use : uses_of(static_cast<ir::Op>(op))) {
      if (!sweepable(use)) continue;
      if (use.name() != last) known += (known.empty() ? "" : ", ") + use.name();
      last = use.name();
      if (!name.empty() && use.name() != name) continue;
      if ((!type || use.operands[0] == *type) && (!to || use.result == *to)) out.push_back(use);
    }
  if (!out.empty()) return out;
  return Error(Status::invalid_argument,
               fmt::format("no primitive '{}'{}{} of one f32 or i32 can be swept; there are {}", name,
                           type ? fmt::format(" of {}", name_of(*type)) : "",
                           to ? fmt::format(" to {}", name_of(*to)) : "", known));
}

Result<PrimitiveReport> sweep_primitive(const PrimitiveUse& use, const PrimitiveSweepOptions& options) {
  if (!sweepable(use))
    return Error(Status::invalid_argument, use.name() + " " + use.types() + " is not of one number of 32 bits");
  const ir::Kernel kernel = kernel_of(use);
  const auto judge = ir::expand(kernel, ops::built_in());
  if (!judge) return judge.error();
  const auto all = compile_targets(ir::print(kernel), options);
  if (!all) return all.error();

  const auto start = std::chrono::steady_clock::now();
  const int threads = thread_count(options.threads);
  const SweepInputs inputs(use.operands[0], options.stride, options.limit);
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  for (Worker& w : workers) w.tally.resize(all->targets.size());
  std::atomic<std::uint64_t> count{0};
  auto done = for_chunks(threads, inputs.chunks(), [&](int thread, std::uint64_t chunk) -> Result<void> {
    Worker& w = workers[static_cast<std::size_t>(thread)];
    const std::size_t n = inputs.fill(chunk, w.x.data());
    count += n;
    return run_chunk(w, *judge, *all, use, n);
  });
  if (!done) return done.error();

  PrimitiveReport report{use, std::max<std::uint64_t>(options.stride, 1), count, all->targets, 0};
  for (std::size_t t = 0; t < report.targets.size(); ++t)
    for (const Worker& w : workers) note(report.targets[t], w.tally[t].different, w.tally[t]);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

nlohmann::ordered_json to_json(const PrimitiveReport& r) {
  nlohmann::ordered_json targets = nlohmann::ordered_json::array();
  for (const PrimitiveTarget& t : r.targets) {
    nlohmann::ordered_json one = {{"target", t.target}, {"ran", t.ran()}, {"different", t.different}};
    if (!t.ran()) one["declined"] = t.declined;
    if (t.different != 0) {
      one["input"] = bits_text(r.use.operands[0], t.input);
      one["expected"] = bits_text(r.use.result, t.expected);
      one["got"] = bits_text(r.use.result, t.got);
    }
    targets.push_back(std::move(one));
  }
  return {{"primitive", r.use.name()},
          {"types", r.use.types()},
          {"stride", r.stride},
          {"inputs", r.inputs},
          {"ran", r.ran()},
          {"declined", r.targets.size() - r.ran()},
          {"different", r.different()},
          {"targets", std::move(targets)},
          {"seconds", r.seconds}};
}

}  // namespace trueno::tools
