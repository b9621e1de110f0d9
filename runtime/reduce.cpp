// trueno::sum and friends: each is one kernel, compiled when first called and kept.
#include "trueno/reduce.h"

#include <atomic>
#include <limits>
#include <new>
#include <string>

#include "runtime/impl.h"
#include "runtime/log.h"
#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

namespace {

/// One kernel, in place, as every call reads it. Made without a lock, for ir::Once's reasons: who comes too early uses
/// a kernel of his own.
class Kept {
 public:
  constexpr Kept() = default;
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    const Kernel* kernel = get();
    state_.store(kNone);  // see ir::Once
    if (kernel) kernel->~Kernel();
  }
  const Kernel* get() const {
    if (state_.load(std::memory_order_acquire) != kReady) [[unlikely]]
      return nullptr;
    return std::launder(reinterpret_cast<const Kernel*>(place_));
  }
  void keep(const Kernel& kernel) {
    int expected = kNone;
    if (!state_.compare_exchange_strong(expected, kBeingMade)) return;
    new (place_) Kernel(kernel);
    state_.store(kReady, std::memory_order_release);
  }

 private:
  static constexpr int kNone = 0, kBeingMade = 1, kReady = 2;
  alignas(Kernel) std::byte place_[sizeof(Kernel)] = {};
  std::atomic<int> state_{kNone};
};

/// One for each of the functions below.
template <class Function>
constinit Kept kKept;

/// The text is ours: what can stand against it is that code was required and is refused, or that what is configured is
/// a mistake. There is no way to say so in a sum; the log has it.
Kernel compiled(const std::string& text) {
  auto kernel = compile(text);
  if (!kernel && kernel.status() != Status::out_of_memory)
    runtime::log(LogLevel::warning, std::string(kernel.error().message()) + ": not obeyed by trueno::sum and its like");
  for (const Backend backend : {Backend::fallback, Backend::interpreter}) {
    if (kernel || kernel.status() == Status::out_of_memory) break;
    CompileOptions options;
    options.backend = backend;
    kernel = compile(text, options);
  }
  if (!kernel) throw std::bad_alloc();
  return *std::move(kernel);
}

/// The kernel of `name` over arrays of T.
template <class T, class R>
Kernel reduction(const char* name, bool two) {
  const std::string type(name_of(type_of<T>())), result(name_of(type_of<R>()));
  const std::string second = two ? ", y: " + type + "[]" : "";
  return compiled("kernel " + std::string(name) + "(x: " + type + "[]" + second + ") -> " + result + " { " + name +
                  (two ? "(x, y) }" : "(x) }"));
}

/// No result: of nothing, or of arrays of different lengths. What else there is must not look like one.
[[gnu::noinline, gnu::cold]] void explain(const Error& error) {
  if (error.status == Status::out_of_memory) throw std::bad_alloc();
  if (error.status != Status::empty) runtime::log(LogLevel::warning, error.message());
}

/// Where no result is defined, `result` is left as it is. Not an optional: that is put together in memory, and loading
/// it as a whole waits for its parts (3 ns of the 20 that a sum of 100 elements took).
template <class R, std::size_t N>
bool run(const Kernel& kernel, const Arg (&in)[N], R& result) {
  const Out out(result);
  const auto done = kernel.run(std::span<const Arg>(in, N), std::span(&out, 1));
  if (!done) [[unlikely]]
    explain(done.error());
  return done.ok();
}

template <class T, class R, std::size_t N>
[[gnu::noinline, gnu::cold]] bool run_first(Kept& kept, const char* name, const Arg (&in)[N], R& result) {
  const Kernel kernel = reduction<T, R>(name, N == 2);
  if (!kernel.impl().provisional) kept.keep(kernel);  // else a later call may get code
  return run(kernel, in, result);
}

template <class T, class R, class... Arrays>
bool call(Kept& kept, const char* name, R& result, std::span<const T> x, Arrays... more) {
  const Arg in[] = {x, more...};
  if (const Kernel* kernel = kept.get()) [[likely]]
    return run(*kernel, in, result);
  return run_first<T>(kept, name, in, result);
}

/// Where there is no other way to say that there is no result.
template <class R>
constexpr R kNone = std::numeric_limits<R>::has_quiet_NaN ? std::numeric_limits<R>::quiet_NaN() : R{};

/// Different lengths are an answer here, no mistake that is to be told.
template <class T>
std::optional<T> dot_of(Kept& kept, std::span<const T> x, std::span<const T> y) {
  T result{};
  return x.size() == y.size() && call(kept, "dot", result, x, y) ? std::optional(result) : std::nullopt;
}

}  // namespace

// clang-format off
#define TRUENO_REDUCTION(name, T, R, returned, unwrap)                                  \
  returned name(std::span<const T> x) {                                                 \
    struct Function;                                                                    \
    R result = kNone<R>;                                                                \
    [[maybe_unused]] const bool defined = call(kKept<Function>, #name, result, x);      \
    return unwrap;                                                                      \
  }
#define TRUENO_ALWAYS result  // sums and means of any array are defined
#define TRUENO_MAYBE defined ? std::optional(result) : std::nullopt
TRUENO_REDUCTION(sum, float, float, float, TRUENO_ALWAYS)
TRUENO_REDUCTION(sum, double, double, double, TRUENO_ALWAYS)
TRUENO_REDUCTION(sum, std::int32_t, std::int64_t, std::int64_t, TRUENO_ALWAYS)
TRUENO_REDUCTION(sum, std::int64_t, std::int64_t, std::int64_t, TRUENO_ALWAYS)
TRUENO_REDUCTION(mean, float, float, float, TRUENO_ALWAYS)
TRUENO_REDUCTION(mean, double, double, double, TRUENO_ALWAYS)
TRUENO_REDUCTION(mean, std::int32_t, double, double, TRUENO_ALWAYS)
TRUENO_REDUCTION(mean, std::int64_t, double, double, TRUENO_ALWAYS)
TRUENO_REDUCTION(min, float, float, std::optional<float>, TRUENO_MAYBE)
TRUENO_REDUCTION(min, double, double, std::optional<double>, TRUENO_MAYBE)
TRUENO_REDUCTION(min, std::int32_t, std::int32_t, std::optional<std::int32_t>, TRUENO_MAYBE)
TRUENO_REDUCTION(min, std::int64_t, std::int64_t, std::optional<std::int64_t>, TRUENO_MAYBE)
TRUENO_REDUCTION(max, float, float, std::optional<float>, TRUENO_MAYBE)
TRUENO_REDUCTION(max, double, double, std::optional<double>, TRUENO_MAYBE)
TRUENO_REDUCTION(max, std::int32_t, std::int32_t, std::optional<std::int32_t>, TRUENO_MAYBE)
TRUENO_REDUCTION(max, std::int64_t, std::int64_t, std::optional<std::int64_t>, TRUENO_MAYBE)
#undef TRUENO_REDUCTION
#undef TRUENO_ALWAYS
#undef TRUENO_MAYBE
// clang-format on

std::optional<float> dot(std::span<const float> x, std::span<const float> y) {
  struct Function;
  return dot_of(kKept<Function>, x, y);
}

std::optional<double> dot(std::span<const double> x, std::span<const double> y) {
  struct Function;
  return dot_of(kKept<Function>, x, y);
}

}  // namespace v0
}  // namespace trueno
