// trueno::sum and friends: each is one kernel, compiled when first called and kept.
#include "trueno/reduce.h"

#include <string>

#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

namespace {

/// The kernel of `name` over arrays of T. The text is ours: it compiles, at worst for the interpreter. That is also
/// what is left where the configuration is an error, which a sum has no way to return.
template <class T, class R>
Kernel reduction(const char* name, bool two) {
  const std::string type(name_of(type_of<T>())), result(name_of(type_of<R>()));
  const std::string second = two ? ", y: " + type + "[]" : "";
  const std::string text = "kernel " + std::string(name) + "(x: " + type + "[]" + second + ") -> " + result + " { " +
                           name + (two ? "(x, y) }" : "(x) }");
  auto kernel = compile(text);
  if (kernel) return *std::move(kernel);
  CompileOptions plain;
  plain.backend = Backend::interpreter;
  return *compile(text, plain);
}

/// Where no result is defined, `result` is left as it is. Not an optional: that is put together in memory, and loading
/// it as a whole waits for its parts (3 ns of the 20 that a sum of 100 elements took).
template <class R, class T>
bool call(const Kernel& k, std::span<const T> x, R& result) {
  const Arg in(x);
  const Out out(result);
  return k.run(std::span(&in, 1), std::span(&out, 1)).ok();
}

template <class T>
std::optional<T> call_two(const Kernel& k, std::span<const T> x, std::span<const T> y) {
  T result{};
  const Arg in[] = {x, y};
  const Out out(result);
  return k.run(in, std::span(&out, 1)) ? std::optional<T>(result) : std::nullopt;
}

}  // namespace

// clang-format off
#define TRUENO_REDUCTION(name, T, R, returned, unwrap)                                  \
  returned name(std::span<const T> x) {                                                 \
    static const Kernel kKernel = reduction<T, R>(#name, false);                        \
    R result{};                                                                         \
    [[maybe_unused]] const bool defined = call(kKernel, x, result);                     \
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
  static const Kernel kKernel = reduction<float, float>("dot", true);
  return call_two(kKernel, x, y);
}

std::optional<double> dot(std::span<const double> x, std::span<const double> y) {
  static const Kernel kKernel = reduction<double, double>("dot", true);
  return call_two(kKernel, x, y);
}

}  // namespace v0
}  // namespace trueno
