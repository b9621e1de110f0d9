// The public builder: a thin coat over ir::Builder that carries types, so that literals can adapt.
#include "trueno/builder.h"

#include "ir/builder.h"
#include "ops/catalogue.h"
#include "runtime/environment.h"
#include "runtime/impl.h"

namespace trueno {
inline namespace v0 {

struct KernelBuilder::Impl {
  explicit Impl(std::string name) : builder(std::move(name), ops::built_in()) {}
  ir::Builder builder;
};

KernelBuilder::KernelBuilder(std::string name) : impl_(std::make_unique<Impl>(std::move(name))) {}
KernelBuilder::~KernelBuilder() = default;

Value KernelBuilder::wrap(std::uint32_t node) {
  Value v;
  v.builder_ = this;
  v.node_ = node;
  v.type_ = impl_->builder.type_of(node).value_or(Type::f32);
  return v;
}

Value KernelBuilder::array(std::string name, Type type) { return wrap(impl_->builder.array(std::move(name), type)); }
Value KernelBuilder::scalar(std::string name, Type type) { return wrap(impl_->builder.scalar(std::move(name), type)); }
Value KernelBuilder::constant(Type type, double value) {
  const runtime::DefaultEnvironment environment;  // it is rounded here
  return wrap(impl_->builder.constant(type, value));
}
Value KernelBuilder::convert(Type to, Value value) { return wrap(impl_->builder.convert(to, value.node_)); }

Value KernelBuilder::call(std::string_view name, std::initializer_list<Value> args) {
  std::vector<ir::NodeId> nodes;
  for (const Value& v : args) nodes.push_back(v.node_);
  return wrap(impl_->builder.call(name, nodes));
}

void KernelBuilder::result(std::string name, Value value) { impl_->builder.result(std::move(name), value.node_); }

Result<Kernel> KernelBuilder::compile(const CompileOptions& options) const {
  const runtime::DefaultEnvironment environment;
  auto kernel = impl_->builder.finish();
  if (!kernel) return kernel.error();
  return runtime::build(*kernel, ops::built_in(), options);
}

// A value that belongs to no builder (a default-constructed one) makes a value that belongs to none.
Value operator-(Value a) { return a.builder_ ? a.builder_->call("neg", {a}) : a; }

// clang-format off
#define TRUENO_OPERATOR(symbol, name)                                                                            \
  Value operator symbol(Value a, Value b) {                                                                      \
    KernelBuilder* builder = a.builder_ ? a.builder_ : b.builder_;                                               \
    return builder ? builder->call(name, {a, b}) : a;                                                            \
  }                                                                                                              \
  Value operator symbol(Value a, double b) { return a.builder_ ? a symbol a.builder_->constant(a.type_, b) : a; } \
  Value operator symbol(double a, Value b) { return b.builder_ ? b.builder_->constant(b.type_, a) symbol b : b; }
TRUENO_OPERATOR(+, "add")
TRUENO_OPERATOR(-, "sub")
TRUENO_OPERATOR(*, "mul")
TRUENO_OPERATOR(/, "div")
#undef TRUENO_OPERATOR
// clang-format on

}  // namespace v0
}  // namespace trueno
