// See watch.h. The fallback goes first, into memory of our own; so inputs are still what they were, also where a result
// is to replace them, and no copy of them is needed to be judged by.
#include "runtime/watch.h"

#include <algorithm>
#include <new>
#include <optional>

#include "runtime/area.h"
#include "runtime/log.h"
#include "runtime/reproducer.h"
#include "runtime/verify_inputs.h"

namespace trueno::runtime {
namespace {

/// Results of a call in memory of our own, each a block without gaps.
template <class Output>
class Aside {
 public:
  explicit Aside(std::span<const Output> like) {
    std::size_t bytes = 0;
    for (const Output& o : like) bytes += padded(area_of(o).bytes());
    memory_.reset(new (std::nothrow) std::byte[bytes + kAlign]);
    if (!memory_) return;
    auto* at = memory_.get() + (kAlign - reinterpret_cast<std::uintptr_t>(memory_.get()) % kAlign);
    for (const Output& o : like) {
      outputs.push_back(o);
      outputs.back().data = at;
      if constexpr (requires { o.matrix; }) outputs.back().stride = o.length;
      at += padded(area_of(o).bytes());
    }
  }
  bool ok() const { return memory_ != nullptr; }
  void hand_out(std::span<const Output> to) const {
    for (std::size_t i = 0; i < to.size(); ++i) copy(area_of(to[i]), area_of(outputs[i]));
  }

  std::vector<Output> outputs;

 private:
  static constexpr std::size_t kAlign = 64;
  static std::size_t padded(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }
  std::unique_ptr<std::byte[]> memory_;
};

/// The first element of the results that differs.
struct Difference {
  std::size_t result = 0, row = 0, index = 0;
};
template <class Output>
std::optional<Difference> difference(std::span<const Output> right, std::span<const Output> found) {
  for (std::size_t r = 0; r < right.size(); ++r) {
    const Area a = area_of(right[r]), b = area_of(found[r]);
    for (std::size_t row = 0; row < a.rows; ++row) {
      if (a.row_bytes == 0 || std::memcmp(a.row(row), b.row(row), a.row_bytes) == 0) continue;
      const std::size_t size = stored_bytes(right[r].type);
      std::size_t i = 0;
      while (std::memcmp(a.row(row) + i * size, b.row(row) + i * size, size) == 0) ++i;
      return Difference{r, row, i};
    }
  }
  return std::nullopt;
}

template <class Output>
std::string describe(const Kernel::Impl& k, const Difference& d, std::span<const Output> right,
                     std::span<const Output> found) {
  const Output& o = right[d.result];
  const auto value = [&](const Output& of) {
    return show_bits(o.type, load_bits(o.type, area_of(of).row(d.row) + d.index * stored_bytes(o.type)));
  };
  const std::string row = area_of(o).rows > 1 ? "[" + std::to_string(d.row) + "]" : "";
  const std::string index = o.array ? "[" + std::to_string(d.index) + "]" : "";
  return "result '" + k.results[d.result].name + "'" + row + index + " is " + value(o) + ", the code gave " +
         value(found[d.result]);
}

/// One verified call, step by step.
template <class Input, class Output>
class Trial {
 public:
  Trial(const Kernel::Impl& k, std::span<const Input> inputs, std::span<const Output> outputs, std::size_t n)
      : k_(k), watch_(*k.watch), inputs_(inputs), outputs_(outputs), n_(n), aside_(outputs), right_(aside_.outputs) {}

  Result<void> run() {
    if (!aside_.ok()) return runtime::run(*watch_.fallback, inputs_, outputs_);
    auto answer = runtime::run(*watch_.fallback, inputs_, right_);
    if (!answer && answer.status() != Status::empty) return answer;
    if (!why_not_) reproducer_.emplace(k_, operands_of(inputs_), operands_of(outputs_), n_);
    // A refused call leaves results alone: if that is expected, the code shows elsewhere what it would do.
    const auto found = runtime::run(*watch_.code, inputs_, answer ? outputs_ : right_);
    const auto differs = answer && found ? difference(right_, outputs_) : std::nullopt;
    const bool silent = !found && found.status() != Status::empty;  // it had no memory: that says nothing of the code
    if (!silent && (differs || answer.status() != found.status()))
      withdraw(differs, found.status());
    else if (!silent && answer && watch_.policy == VerifyPolicy::first)
      watch_.passed.fetch_or(Watch::magnitude(n_), std::memory_order_acq_rel);
    if (answer && (differs || !found)) aside_.hand_out(outputs_);
    return answer;
  }

 private:
  /// Takes the code out of use; whoever is first to do so tells the user, and leaves what is needed to see it again.
  void withdraw(const std::optional<Difference>& differs, Status found) noexcept {
    if (watch_.withdrawn.exchange(true, std::memory_order_acq_rel)) return;
    try {
      const std::string what = differs ? describe(k_, *differs, right_, outputs_)
                               : found == Status::empty
                                   ? "the code refused the call as one of no elements"
                                   : "the call is to be refused as one of no elements, the code did not";
      const std::string where = reproducer_ ? reproducer_->write(what, operands_of(right_)) : why_not_;
      log(LogLevel::warning, "kernel '" + k_.optimized.name + "': generated code (" + watch_.code->origin +
                                 ") is wrong and was withdrawn, the fallback answers: " + what +
                                 "; n = " + std::to_string(n_) + "; " + where);
    } catch (const std::exception&) {
      log(LogLevel::warning, "generated code is wrong and was withdrawn, the fallback answers; no memory to say more");
    }
  }

  const Kernel::Impl& k_;
  Watch& watch_;
  const std::span<const Input> inputs_;
  const std::span<const Output> outputs_;
  const std::size_t n_;
  const Aside<Output> aside_;
  const std::span<const Output> right_;
  const char* const why_not_ = why_no_reproducer();
  std::optional<Reproducer> reproducer_;
};

template <class Input, class Output>
Result<void> verified(const Kernel::Impl& k, std::span<const Input> inputs, std::span<const Output> outputs,
                      std::size_t n) try {
  if (const Kernel::Impl* answer = k.watch->believed(n)) return run(*answer, inputs, outputs);
  return Trial(k, inputs, outputs, n).run();
} catch (const std::bad_alloc&) {
  return Error::out_of_memory();
}

}  // namespace

Result<Kernel> watched(std::shared_ptr<Kernel::Impl> code, VerifyPolicy policy, const CompileOptions& options) {
  auto coat = std::make_shared<Kernel::Impl>(code->without_code());
  auto fallback = std::make_shared<Kernel::Impl>(*coat);
  coat->backend = Backend::jit;
  coat->origin.append("; verified: ").append(name_of(policy));
  if (auto made = do_without_code(*fallback, options, "generated code was withdrawn, as it gave other bits"); !made)
    return made.error();
  coat->watch = std::make_shared<Watch>();
  coat->watch->code = std::move(code);
  coat->watch->fallback = std::move(fallback);
  coat->watch->policy = policy;
  return Kernel(std::move(coat));
}

std::atomic<void (*)(std::vector<std::uint8_t>& bytes)> plant_in_code{nullptr};

Result<void> run_watched(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs,
                         std::size_t n) {
  return verified(k, inputs, outputs, n);
}
Result<void> run_watched(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs,
                         std::size_t n) {
  return verified(k, inputs, outputs, n);
}

}  // namespace trueno::runtime
