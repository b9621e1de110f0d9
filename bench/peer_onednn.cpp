// oneDNN: a primitive per task and size, created before anything is timed and executed through its C interface, as its
// C++ one copies the arguments at every call. f32 only: it has no eltwise of f64. One thread: main.cpp sees to
// OMP_NUM_THREADS. It compiles at run time too, so it also stands beside our text-to-code and lookup.
#include <oneapi/dnnl/dnnl.hpp>

#include "bench/work.h"

namespace trueno::bench {
namespace {

using dnnl::algorithm;
using dnnl::memory;

struct Machine {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};
Machine& machine() {
  static Machine it;
  return it;
}

struct State {
  dnnl::primitive primitive;
  memory source, target;
  dnnl_exec_arg_t arguments[2];
};

memory::desc row(std::size_t n) {
  return {{1, static_cast<memory::dim>(n)}, memory::data_type::f32, memory::format_tag::ab};
}

template <class Primitive>
Primitive create(const typename Primitive::desc& desc) {
  return Primitive(typename Primitive::primitive_desc(desc, machine().engine));
}

template <algorithm kind>
dnnl::primitive eltwise(const Work& w) {
  // alpha is relu's slope below zero, and the factor of x in swish.
  const float alpha = kind == algorithm::eltwise_swish ? 1.0f : 0.0f;
  return create<dnnl::eltwise_forward>({dnnl::prop_kind::forward_inference, kind, row(w.n), alpha});
}
template <algorithm kind>
dnnl::primitive reduction(const Work& w) {
  return create<dnnl::reduction>({kind, row(w.n), row(1), 0, 0});
}
dnnl::primitive softmax(const Work& w) {
  return create<dnnl::softmax_v2_forward>(
      {dnnl::prop_kind::forward_inference, algorithm::softmax_accurate, row(w.n), row(w.n), 1});
}
dnnl::primitive layer_norm(const Work& w) {
  return create<dnnl::layer_normalization_forward>(
      {dnnl::prop_kind::forward_inference, row(w.n), static_cast<float>(w.epsilon), dnnl::normalization_flags::none});
}

template <dnnl::primitive (*make)(const Work&), bool to_one>
void* prepare(const Work& w) try {
  const std::size_t results = to_one ? 1 : w.n;
  const auto s = new State{make(w),
                           memory(row(w.n), machine().engine, const_cast<void*>(w.x)),
                           memory(row(results), machine().engine, w.out),
                           {}};
  s->arguments[0] = {DNNL_ARG_SRC, s->source.get()};
  s->arguments[1] = {DNNL_ARG_DST, s->target.get()};
  return s;
} catch (const dnnl::error&) {
  return nullptr;
}
void release(void* s) { delete static_cast<State*>(s); }
void run(const Work& w) {
  const auto s = static_cast<State*>(w.state);
  dnnl_primitive_execute(s->primitive.get(), machine().stream.get(), 2, s->arguments);
}

/// A size that was never asked for, so that no cache of theirs has it.
template <dnnl::primitive (*make)(const Work&)>
void fresh(const Work& w) {
  static std::size_t count = 0;
  Work next = w;
  next.n = 1000 + count++;
  make(next);
}
template <dnnl::primitive (*make)(const Work&)>
void again(const Work& w) {
  make(w);
}

#define TRUENO_ELTWISE(task, name) \
  { task, Type::f32, run, prepare<eltwise<algorithm::eltwise_##name>, false>, release }
#define TRUENO_REDUCTION(task, name) \
  { task, Type::f32, run, prepare<reduction<algorithm::reduction_##name>, true>, release }
const Entry kEntries[] = {
    TRUENO_REDUCTION("sum", sum),
    TRUENO_REDUCTION("mean", mean),
    TRUENO_REDUCTION("min", min),
    TRUENO_REDUCTION("max", max),
    TRUENO_ELTWISE("relu", relu),
    TRUENO_ELTWISE("exp", exp),
    TRUENO_ELTWISE("log", log),
    TRUENO_ELTWISE("tanh", tanh),
    TRUENO_ELTWISE("sigmoid", logistic),
    TRUENO_ELTWISE("swish", swish),
    TRUENO_ELTWISE("gelu_tanh", gelu_tanh),
    TRUENO_ELTWISE("sqrt", sqrt),
    {"softmax", Type::f32, run, prepare<softmax, false>, release},
    {"layer_norm", Type::f32, run, prepare<layer_norm, false>, release},
    {"to code: gelu_tanh", Type::f32, fresh<eltwise<algorithm::eltwise_gelu_tanh>>},
    {"to code: softmax", Type::f32, fresh<softmax>},
    {"lookup: gelu_tanh", Type::f32, again<eltwise<algorithm::eltwise_gelu_tanh>>},
};

}  // namespace

Peer onednn() {
  return make_peer("oneDNN", TRUENO_BENCH_VERSION(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH),
                   "primitives made once, one thread", kEntries);
}

}  // namespace trueno::bench
