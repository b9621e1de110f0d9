// The public builder: a thin coat over ir::Builder that carries types, so that literals can adapt.
#include "trueno/builder.h"

#include "ir/builder.h"
#include "ops/catalogue.h"
#include "runtime/boundary.h"
#include "runtime/environment.h"
#include "runtime/impl.h"

namespace trueno {
inline namespace v0 {

struct KernelBuilder::Impl {
  explicit Impl(std::string name) : builder(std::move(name), ops::built_in()) {}
  ir::Builder builder;
  bool no_memory = false;  ///< for something that was to be built: what there is, is not what was meant
};

KernelBuilder::KernelBuilder(std::string name) {
  auto made =
      runtime::guarded([&]() -> Result<std::unique_ptr<Impl>> { return std::make_unique<Impl>(std::move(name)); });
  if (made) impl_ = std::move(*made);  // else there is nothing to build with, and `compile` says so
}
KernelBuilder::~KernelBuilder() = default;

template <class Make>
Value KernelBuilder::wrap(Make make) {
  Value v;
  v.builder_ = this;
  if (!impl_) return v;
  const auto node = runtime::guarded([&]() -> Result<std::uint32_t> { return make(impl_->builder); });
  if (node)
    v.node_ = *node;
  else
    impl_->no_memory = true;
  v.type_ = impl_->builder.type_of(v.node_).value_or(Type::f32);
  return v;
}

Value KernelBuilder::array(std::string name, Type type) {
  return wrap([&](ir::Builder& b) { return b.array(std::move(name), type); });
}
Value KernelBuilder::scalar(std::string name, Type type) {
  return wrap([&](ir::Builder& b) { return b.scalar(std::move(name), type); });
}
Value KernelBuilder::constant(Type type, double value) {
  const runtime::DefaultEnvironment environment;  // it is rounded here
  return wrap([&](ir::Builder& b) { return b.constant(type, value); });
}
Value KernelBuilder::convert(Type to, Value value) {
  return wrap([&](ir::Builder& b) { return b.convert(to, value.node_); });
}

Value KernelBuilder::call(std::string_view name, std::initializer_list<Value> args) {
  return wrap([&](ir::Builder& b) {
    std::vector<ir::NodeId> nodes;
    for (const Value& v : args) nodes.push_back(v.node_);
    return b.call(name, nodes);
  });
}

void KernelBuilder::result(std::string name, Value value) {
  wrap([&](ir::Builder& b) { return b.result(std::move(name), value.node_), value.node_; });
}

Result<Kernel> KernelBuilder::compile(const CompileOptions& options) const {
  return runtime::guarded_and_told([&]() -> Result<Kernel> {
    if (!impl_ || impl_->no_memory) return Error::out_of_memory();
    const runtime::DefaultEnvironment environment;
    auto kernel = impl_->builder.finish();
    if (!kernel) return kernel.error();
    return runtime::build(*kernel, ops::built_in(), options);
  });
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
