// Building kernels from C++ instead of text. The builder never contracts: write fma where you want one.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

class KernelBuilder;

/// A value inside a kernel under construction. Literals adapt to the other operand: `2 * x`.
class Value {
 public:
  friend TRUENO_API Value operator+(Value a, Value b);
  friend TRUENO_API Value operator-(Value a, Value b);
  friend TRUENO_API Value operator*(Value a, Value b);
  friend TRUENO_API Value operator/(Value a, Value b);
  friend TRUENO_API Value operator-(Value a);
  friend TRUENO_API Value operator+(Value a, double b);
  friend TRUENO_API Value operator-(Value a, double b);
  friend TRUENO_API Value operator*(Value a, double b);
  friend TRUENO_API Value operator/(Value a, double b);
  friend TRUENO_API Value operator+(double a, Value b);
  friend TRUENO_API Value operator-(double a, Value b);
  friend TRUENO_API Value operator*(double a, Value b);
  friend TRUENO_API Value operator/(double a, Value b);

 private:
  friend class KernelBuilder;
  KernelBuilder* builder_ = nullptr;
  std::uint32_t node_ = ~0u;
  Type type_ = Type::f32;
};

/// Collects mistakes instead of throwing, want of memory included; `compile` reports all of them.
/// Threads: one builder belongs to one thread.
class TRUENO_API KernelBuilder {
 public:
  explicit KernelBuilder(std::string name);
  ~KernelBuilder();
  KernelBuilder(const KernelBuilder&) = delete;
  KernelBuilder& operator=(const KernelBuilder&) = delete;

  Value array(std::string name, Type type);
  Value scalar(std::string name, Type type);
  Value constant(Type type, double value);
  /// Any primitive, reduction or op by its name in text: "fma", "exp", "sum", "lt", "select", ...
  Value call(std::string_view name, std::initializer_list<Value> args);
  Value convert(Type to, Value value);
  void result(std::string name, Value value);

  Result<Kernel> compile(const CompileOptions& options = {}) const;

 private:
  friend class Value;
  friend TRUENO_API Value operator-(Value a);
  template <class Make>
  Value wrap(Make make);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace v0
}  // namespace trueno
