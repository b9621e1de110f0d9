// C++11 over the C ABI: handles that release themselves, errors that are thrown. Header-only, so that it is compiled
// with the caller's compiler, standard library and exceptions, whatever those of libtrueno.so were. Whoever has a
// library built with their own compiler uses trueno/trueno.h (C++20), which checks more at compile time.
//
// What the functions do and refuse: trueno.h.
#pragma once

// Not "trueno.h": beside this file lies another of that name.
#include <trueno.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace trueno {
namespace abi {

/// A refusal: what() is all of it as a compiler prints it.
class Error : public std::runtime_error {
 public:
  struct Diagnostic {
    std::string message, source_line, file;
    unsigned line, column;
  };
  explicit Error(const trueno_error& e) : std::runtime_error(e.text), status_(e.status) {
    for (std::size_t i = 0; i < e.count; ++i) {
      const trueno_diagnostic& d = *e.diagnostics[i];
      diagnostics_.push_back({d.message, d.source_line, d.file, d.line, d.column});
    }
  }
  trueno_status status() const { return status_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  trueno_status status_;
  std::vector<Diagnostic> diagnostics_;
};

namespace detail {

/// Makes a call that gets `&error`; throws what it leaves there.
template <class Call>
void check(const Call& call) {
  struct Owned {
    trueno_error* error = nullptr;
    ~Owned() { trueno_error_free(error); }
  } owned;
  if (call(&owned.error) != TRUENO_OK) throw Error(*owned.error);
}

inline trueno_type type_of(float) { return TRUENO_F32; }
inline trueno_type type_of(double) { return TRUENO_F64; }
inline trueno_type type_of(std::int32_t) { return TRUENO_I32; }
inline trueno_type type_of(std::int64_t) { return TRUENO_I64; }
inline trueno_type type_of(std::uint8_t) { return TRUENO_MASK; }

}  // namespace detail

/// Arguments: scalars by value, arrays by reference.
struct Arg : trueno_arg {
  Arg(float value) : trueno_arg(trueno_f32(value)) {}
  Arg(double value) : trueno_arg(trueno_f64(value)) {}
  Arg(std::int32_t value) : trueno_arg(trueno_i32(value)) {}
  Arg(std::int64_t value) : trueno_arg(trueno_i64(value)) {}
  template <class T>
  Arg(const T* first, std::size_t n) : trueno_arg(trueno_array(detail::type_of(T()), first, n)) {}
  template <class T>
  Arg(const std::vector<T>& x) : Arg(x.data(), x.size()) {}
};
struct Out : trueno_out {
  template <class T>
  Out(T& value) : trueno_out(trueno_scalar_out(detail::type_of(T()), &value)) {}
  template <class T>
  Out(T* first, std::size_t n) : trueno_out(trueno_array_out(detail::type_of(T()), first, n)) {}
  template <class T>
  Out(std::vector<T>& x) : Out(x.data(), x.size()) {}
};

/// Of trueno_run_rows.
struct RowsArg : trueno_rows_arg {
  RowsArg(const Arg& all) : trueno_rows_arg(trueno_each(all)) {}
  template <class T>
  RowsArg(const T* first, std::size_t row_count, std::size_t columns, std::size_t row_stride)
      : trueno_rows_arg(trueno_matrix(detail::type_of(T()), first, row_count, columns, row_stride)) {}
};
struct RowsOut : trueno_rows_out {
  RowsOut(const Out& all) : trueno_rows_out(trueno_each_out(all)) {}
  template <class T>
  RowsOut(T* first, std::size_t row_count, std::size_t columns, std::size_t row_stride)
      : trueno_rows_out(trueno_matrix_out(detail::type_of(T()), first, row_count, columns, row_stride)) {}
};

static_assert(sizeof(Arg) == sizeof(trueno_arg) && sizeof(Out) == sizeof(trueno_out) &&
                  sizeof(RowsArg) == sizeof(trueno_rows_arg) && sizeof(RowsOut) == sizeof(trueno_rows_out),
              "arrays of them are handed to the C ABI");

/// A kernel. Cheap to copy; may be called from any number of threads at once.
class Kernel {
 public:
  explicit Kernel(const std::string& text, const trueno_options* options = nullptr) {
    detail::check([&](trueno_error** e) { return trueno_compile(text.data(), text.size(), options, &handle_, e); });
  }
  /// Of an expression over free names, which become the parameters.
  static Kernel of_expression(const std::string& text, const std::vector<trueno_name>& names,
                              const trueno_options* options = nullptr) {
    Kernel made;
    detail::check([&](trueno_error** e) {
      return trueno_compile_expression(text.data(), text.size(), names.data(), names.size(), options, &made.handle_, e);
    });
    return made;
  }
  Kernel(const Kernel& other) : handle_(trueno_kernel_retain(other.handle_)) {}
  Kernel(Kernel&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  Kernel& operator=(Kernel other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Kernel() { trueno_kernel_release(handle_); }

  /// `k.run({x, 2.0f}, {y})`. As many as are known only at run time: trueno_run on handle().
  void run(std::initializer_list<Arg> inputs, std::initializer_list<Out> outputs) const {
    detail::check([&](trueno_error** e) {
      return trueno_run(handle_, inputs.begin(), inputs.size(), outputs.begin(), outputs.size(), e);
    });
  }
  void run_rows(std::initializer_list<RowsArg> inputs, std::initializer_list<RowsOut> outputs) const {
    detail::check([&](trueno_error** e) {
      return trueno_run_rows(handle_, inputs.begin(), inputs.size(), outputs.begin(), outputs.size(), e);
    });
  }
  template <class T>
  T value(std::initializer_list<Arg> inputs) const {
    T result = T();
    run(inputs, {Out(result)});
    return result;
  }

  /// For all other functions of trueno.h; stays the kernel's.
  const trueno_kernel* handle() const { return handle_; }

 private:
  Kernel() = default;
  trueno_kernel* handle_ = nullptr;
};

}  // namespace abi
}  // namespace trueno
