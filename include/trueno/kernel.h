// Kernels that can be called, and how to get one: compile text, run, ask where it came from.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "trueno/types.h"

namespace trueno {
inline namespace v0 {

/// x86-64 levels a kernel can be compiled for, lowest first.
enum class Isa : std::uint8_t { sse2, sse42, avx2, avx512 };
constexpr std::string_view name_of(Isa isa) {
  constexpr std::string_view kNames[] = {"sse2", "sse4.2", "avx2", "avx512"};
  return isa <= Isa::avx512 ? kNames[static_cast<std::size_t>(isa)] : "no ISA";
}

/// Which back end may run a kernel. All give the same bits. The fallback runs loops compiled with the library.
enum class Backend : std::uint8_t { automatic, jit, interpreter, fallback };
constexpr std::string_view name_of(Backend b) {
  constexpr std::string_view kNames[] = {"auto", "jit", "interpreter", "fallback"};
  return b <= Backend::fallback ? kNames[static_cast<std::size_t>(b)] : "no back end";
}

/// Whether results of generated code are compared with the fallback's, bit for bit, before the caller sees them.
enum class VerifyPolicy : std::uint8_t { off, first, always };  ///< first: the first call of each power of two of n
constexpr std::string_view name_of(VerifyPolicy p) {
  constexpr std::string_view kNames[] = {"off", "first", "always"};
  return kNames[static_cast<std::size_t>(p)];
}

/// How to compile. The default is the best the host has, as far as the configuration lets it (trueno/config.h).
struct CompileOptions {
  /// automatic: generated code, else the fallback, else the interpreter. jit, fallback: Status::unavailable where the
  /// host or the kernel has none. `jit = "off"` in the configuration (TRUENO_JIT) takes `automatic` to begin with the
  /// fallback; "require" makes it jit.
  Backend backend = Backend::automatic;
  std::optional<Isa> isa{};  ///< at most this one
  int vector_bits = 0;       ///< 128, 256 or 512; 0: the best for the kernel
  /// The first call or every call is verified; not given: as configured, which is `off` unless someone said otherwise.
  std::optional<VerifyPolicy> verify{};
  std::string file{};  ///< the name to give the text in diagnostics
  /// More `op` declarations that the text may use. They may add types to built-in names, but not replace what is there.
  std::string extra_ops{};
  friend bool operator==(const CompileOptions&, const CompileOptions&) = default;
};

/// A parameter or a result of a kernel, as its signature gives it.
struct Slot {
  std::string name;
  Type type = Type::f32;
  bool array = false;
};

template <class T>
concept Element =
    std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t>;
template <Element T>
constexpr Type type_of() {
  if constexpr (std::same_as<T, float>)
    return Type::f32;
  else if constexpr (std::same_as<T, double>)
    return Type::f64;
  else if constexpr (std::same_as<T, std::int32_t>)
    return Type::i32;
  else
    return Type::i64;
}

/// An argument: a scalar by value, or an array by reference. Made implicitly from spans, vectors and scalars.
struct Arg {
  template <Element T>
  Arg(T value) : type(type_of<T>()), array(false) {
    __builtin_memcpy(&bits, &value, sizeof(T));
  }
  template <class R>
  requires requires(const R& r) {
    std::span(r);
  } && Element<typename decltype(std::span(std::declval<const R&>()))::value_type> Arg(const R& range) {
    const std::span view(range);
    type = type_of<typename decltype(view)::value_type>();
    data = view.data();
    length = view.size();
  }
  /// An array of a type known only at run time.
  Arg(Type t, const void* p, std::size_t n) : type(t), data(p), length(n) {}

  Type type = Type::f32;
  bool array = true;
  const void* data = nullptr;
  std::size_t length = 0;
  std::uint64_t bits = 0;  ///< of a scalar
};

/// Where a result goes: a scalar variable or an array. Made implicitly from references and mutable spans.
/// A mask result is an array of std::uint8_t, or one.
struct Out {
  template <class T>
  requires Element<T> || std::same_as<T, std::uint8_t> Out(T& value)
      : type(out_type<T>()), array(false), data(&value), length(1) {}
  template <class R>
  requires requires(R& r) {
    std::span(r);
  } &&(!std::is_const_v<typename decltype(std::span(std::declval<R&>()))::element_type>)Out(R&& range) {
    const std::span view(range);
    type = out_type<typename decltype(view)::value_type>();
    data = view.data();
    length = view.size();
  }
  Out(Type t, void* p, std::size_t n) : type(t), data(p), length(n) {}

  Type type = Type::f32;
  bool array = true;
  void* data = nullptr;
  std::size_t length = 0;

 protected:
  template <class T>
  static constexpr Type out_type() {
    if constexpr (std::same_as<T, std::uint8_t>)
      return Type::m32;
    else
      return type_of<T>();
  }
};

/// A view of rows x columns elements, each row at a distance of `stride` elements from the one before. As an
/// argument its stride may be 0: one row for all.
template <class T>
struct Matrix {
  Matrix(T* first, std::size_t row_count, std::size_t column_count)
      : Matrix(first, row_count, column_count, column_count) {}
  Matrix(T* first, std::size_t row_count, std::size_t column_count, std::size_t row_stride)
      : data(first), rows(row_count), columns(column_count), stride(row_stride) {}
  T* data;
  std::size_t rows, columns, stride;
};

/// An argument of Kernel::run_rows: a matrix, or whatever an Arg is made from. A scalar is the same for every row.
/// An array is, for an array parameter, one row that all rows share, and for a scalar parameter one value per row.
struct RowsArg : Arg {
  using Arg::Arg;
  RowsArg(const Arg& arg) : Arg(arg) {}
  template <class T>
  requires Element<std::remove_const_t<T>> RowsArg(const Matrix<T>& m)
      : RowsArg(type_of<std::remove_const_t<T>>(), m.data, m.rows, m.columns, m.stride) {}
  /// A matrix of a type known only at run time.
  RowsArg(Type t, const void* p, std::size_t row_count, std::size_t columns, std::size_t row_stride)
      : Arg(t, p, columns), matrix(true), rows(row_count), stride(row_stride) {}

  bool matrix = false;
  std::size_t rows = 0, stride = 0;  ///< of a matrix, whose columns are `length`
};

/// Where a result of Kernel::run_rows goes: a matrix for an array result, an array of one value per row for a scalar.
struct RowsOut : Out {
  using Out::Out;
  RowsOut(const Out& out) : Out(out) {}
  template <class T>
  requires Element<T> || std::same_as<T, std::uint8_t> RowsOut(const Matrix<T>& m)
      : RowsOut(out_type<T>(), m.data, m.rows, m.columns, m.stride) {}
  RowsOut(Type t, void* p, std::size_t row_count, std::size_t columns, std::size_t row_stride)
      : Out(t, p, columns), matrix(true), rows(row_count), stride(row_stride) {}

  bool matrix = false;
  std::size_t rows = 0, stride = 0;
};

/// A compiled kernel. Cheap to copy; immutable; may be called from any number of threads at once.
class TRUENO_API Kernel {
 public:
  /// Runs the kernel over the elements of its arrays.
  /// Shape: `inputs` and `outputs` in the order of the signature; all arrays of one length (`n`).
  /// A kernel without array parameters takes its length from its array results, else it is 0.
  /// Aliasing: an output may be exactly the same array as an input; any other overlap is refused.
  /// Threads: safe; the call itself uses one thread.
  /// Errors: invalid_argument, empty (nothing is written in either case). out_of_memory: calls of generated code within
  /// one block need no memory; where the fallback runs out of it on its way, array results are left as they are by
  /// then.
  Result<void> run(std::initializer_list<Arg> inputs, std::initializer_list<Out> outputs) const {
    return run(std::span(inputs.begin(), inputs.size()), std::span(outputs.begin(), outputs.size()));
  }
  Result<void> run(std::span<const Arg> inputs, std::span<const Out> outputs) const;

  /// For kernels with one scalar result: `k.value<float>({x, 2.0f})`.
  template <Element T>
  Result<T> value(std::initializer_list<Arg> inputs) const {
    T result{};
    const Out out(result);
    if (auto done = run(std::span(inputs.begin(), inputs.size()), std::span(&out, 1)); !done) return done.error();
    return result;
  }

  /// Runs the kernel once for each row of its matrices, with the same bits as that many calls of `run`:
  /// `softmax.run_rows({Matrix(x, 1000, 64)}, {Matrix(y, 1000, 64)})`.
  /// Shape: all matrices of one number of rows and columns, each with a row stride of its own; arrays for array
  /// parameters have `columns` elements; arrays for scalar parameters and scalar results have `rows`.
  /// Units: strides in elements, at least `columns`; 0 for an argument that is one row for all.
  /// Aliasing: a result may be exactly the same matrix as an argument, stride included, or other columns of one
  /// whose rows are as far apart; any other overlap, gaps between rows included, is refused.
  /// Threads: safe; the call itself uses one thread.
  /// Errors: invalid_argument, empty (nothing is written in either case); out_of_memory, as for `run`.
  Result<void> run_rows(std::initializer_list<RowsArg> inputs, std::initializer_list<RowsOut> outputs) const {
    return run_rows(std::span(inputs.begin(), inputs.size()), std::span(outputs.begin(), outputs.size()));
  }
  Result<void> run_rows(std::span<const RowsArg> inputs, std::span<const RowsOut> outputs) const;

  const std::string& name() const;
  const std::vector<Slot>& parameters() const;
  const std::vector<Slot>& results() const;

  /// Which back end runs it and why, in one line: "jit avx512 vl512, 412 bytes" or
  /// "interpreter: executable memory refused (...)".
  const std::string& origin() const;
  Backend backend() const;  ///< jit, fallback or interpreter
  Isa isa() const;          ///< meaningful for jit and fallback
  int vector_bits() const;  ///< meaningful for jit
  /// Whether its generated code was found wrong (VerifyPolicy) and is out of use, for all copies of the kernel:
  /// backend(), isa() and origin() then speak of what answers instead.
  bool withdrawn() const;
  /// The optimized IR as canonical text. It stands alone: compiled without extra_ops it is the same kernel.
  std::string text() const;

  struct Impl;
  explicit Kernel(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const { return *impl_; }
  const std::shared_ptr<const Impl>& handle() const { return impl_; }  ///< for the library

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Compiles the one kernel declared in `text`: "kernel axpy(x: f32[], a: f32) -> f32[] { a*x }".
/// Threads: safe. Errors: invalid_text with every mistake and its position; too_large; unavailable; invalid_argument or
/// io if the configuration cannot be obeyed (trueno/config.h); out_of_memory.
TRUENO_API Result<Kernel> compile(std::string_view text, const CompileOptions& options = {});

/// A name an expression may use. Scalars may leave their type to be found from their uses.
struct Name {
  std::string name;
  bool array = true;
  std::optional<Type> type;
  friend bool operator==(const Name&, const Name&) = default;
};

/// Compiles an expression over free names: compile_expression("mean(a*x + b)", {{"x", true, Type::f32}, ...}).
TRUENO_API Result<Kernel> compile_expression(std::string_view text, const std::vector<Name>& names,
                                             const CompileOptions& options = {});

/// The highest ISA that CPU and operating system support here, as far as the configuration lets them.
TRUENO_API Isa host_isa();
/// The vector lengths an ISA has on this host, in bits, ascending; empty if the host cannot run it.
TRUENO_API std::vector<int> vector_lengths(Isa isa);

}  // namespace v0
}  // namespace trueno
