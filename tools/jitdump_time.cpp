// See jitdump_time.h.
#include "tools/jitdump_time.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/impl.h"
#include "tools/timing.h"

namespace trueno::tools {
namespace {

constexpr std::size_t kResidentBytes = 20 * 1024;  // of 32 KiB that the smallest first caches have
constexpr int kChain = 3000;

/// Multiplications that wait for one another.
void chain() {
  std::uint64_t x = 3;
  for (int i = 0; i < kChain / 10; ++i)
    __asm__ volatile(
        "imul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0\n\t"
        "imul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0"
        : "+r"(x));
}
constexpr double kCyclesOfChain = 3.0 * kChain;

std::size_t stored(const Slot& slot) { return static_cast<std::size_t>(stored_bytes(slot.type)); }

/// Memory of one slot; aligned as allocators of large blocks do.
struct Buffer {
  std::vector<std::uint64_t> words;
  void* data() { return words.data(); }
};

std::uint64_t bits_of_value(Type type, std::size_t i) {
  const double real = 0.5 + static_cast<double>(i * 7919 % 997) / 997;
  const auto whole = static_cast<std::int64_t>(i * 7919 % 100 + 1);
  std::uint64_t bits = 0;
  const auto put = [&](auto value) { std::memcpy(&bits, &value, sizeof(value)); };
  switch (type) {
    case Type::f32: put(static_cast<float>(real)); break;
    case Type::f64: put(real); break;
    case Type::i32: put(static_cast<std::int32_t>(whole)); break;
    default: put(whole);
  }
  return bits;
}

Buffer filled(Type type, std::size_t bytes, std::size_t n) {
  Buffer buffer{std::vector<std::uint64_t>((bytes * n + 7) / 8 + 8)};
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = bits_of_value(type, i);
    std::memcpy(static_cast<char*>(buffer.data()) + i * bytes, &bits, bytes);
  }
  return buffer;
}

/// A call with all it needs.
class Call {
 public:
  Call(const Kernel& kernel, std::size_t n) : kernel_(kernel) {
    for (const Slot& slot : kernel.parameters()) {
      inputs_.push_back(filled(slot.type, stored(slot), slot.array ? n : 1));
      Arg arg(slot.type, inputs_.back().data(), n);
      arg.array = slot.array;
      if (!slot.array) arg.bits = inputs_.back().words[0];
      args_.push_back(arg);
    }
    for (const Slot& slot : kernel.results()) {
      outputs_.push_back({std::vector<std::uint64_t>((stored(slot) * (slot.array ? n : 1) + 7) / 8 + 8)});
      Out out(slot.type, outputs_.back().data(), slot.array ? n : 1);
      out.array = slot.array;
      outs_.push_back(out);
    }
  }
  Result<void> run() const { return kernel_.run(args_, outs_); }

 private:
  Kernel kernel_;
  std::vector<Buffer> inputs_, outputs_;
  std::vector<Arg> args_;
  std::vector<Out> outs_;
};

}  // namespace

Traffic traffic_of(const ir::Kernel& kernel) {
  Traffic t;
  for (const ir::Param& p : kernel.params)
    if (p.is_array()) t.read += static_cast<std::size_t>(stored_bytes(p.type));
  for (const ir::Output& o : kernel.outputs)
    if (o.array) t.written += static_cast<std::size_t>(stored_bytes(kernel[o.value].type));
  return t;
}

std::size_t resident_elements(const Traffic& traffic) {
  std::size_t n = 4096;
  while (n > 64 && n * traffic.all() > kResidentBytes) n /= 2;
  return n;
}

Result<Kernel> runnable(const ir::Kernel& parsed, const ir::Catalogue& ops, const jit::Target& target) {
  CompileOptions options;
  options.backend = Backend::jit;
  options.isa = target.isa;
  options.vector_bits = target.vector_bits;
  options.verify = VerifyPolicy::off;
  auto kernel = runtime::build(parsed, ops, options);
  if (kernel && (kernel->isa() != target.isa || kernel->vector_bits() != target.vector_bits))
    return Error(Status::unavailable, "this host cannot run it");
  return kernel;
}

Result<std::vector<std::vector<ElementTime>>> time_kernels(const std::vector<Kernel>& kernels,
                                                           const std::vector<std::size_t>& lengths, double budget_ns) {
  std::vector<std::vector<ElementTime>> times(kernels.size());
  for (const std::size_t n : lengths) {
    std::vector<std::unique_ptr<Call>> calls;
    std::vector<Timed> candidates{{chain}};
    for (const Kernel& kernel : kernels) {
      const Call* call = calls.emplace_back(std::make_unique<Call>(kernel, n)).get();
      if (auto done = call->run(); !done) return done.error();
      candidates.push_back({[call] { (void)call->run().ok(); }});
    }
    measure(candidates, budget_ns);
    const double cycles_per_ns = kCyclesOfChain / candidates[0].ns;
    for (std::size_t k = 0; k < kernels.size(); ++k)
      times[k].push_back({n, candidates[k + 1].ns, candidates[k + 1].ns * cycles_per_ns});
  }
  return times;
}

Result<std::vector<ElementTime>> time_limit(const Traffic& traffic, const std::vector<std::size_t>& lengths,
                                            double budget_ns) {
  const bool writes = traffic.written != 0;
  auto kernel =
      compile(writes ? "kernel limit(x: i64[]) -> i64[] { x + 1 }" : "kernel limit(x: i64[]) -> i64 { sum(x) }");
  if (!kernel) return kernel.error();
  const std::size_t each = writes ? 16 : 8;
  std::vector<std::size_t> same;
  for (const std::size_t n : lengths) same.push_back(std::max<std::size_t>(1, n * traffic.all() / each));
  auto times = time_kernels({*kernel}, same, budget_ns);
  if (!times) return times.error();
  std::vector<ElementTime> out = std::move(times->front());
  for (std::size_t i = 0; i < out.size(); ++i) out[i].n = lengths[i];
  return out;
}

}  // namespace trueno::tools
