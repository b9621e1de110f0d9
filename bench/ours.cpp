// trueno as a peer among peers: the same table, made from the table of tasks, so that ours is called, checked and
// timed exactly as the others are.
//
// By handle: a kernel compiled once, its arguments made once, a call is a call. Without a handle: trueno::sum and its
// like, where there is one. To code: text to a kernel that can be called, under a name never seen before, so that no
// cache can answer. Lookup: trueno::cached on the same text.
#include <cstdio>
#include <cstring>
#include <deque>

#include "bench/peers.h"
#include "bench/tasks.h"
#include "runtime/environment.h"
#include "trueno/cache.h"
#include "trueno/trueno.h"
#include "trueno/version.h"

namespace trueno::bench {
namespace {

struct State {
  Kernel kernel;
  std::vector<Arg> in;
  std::vector<Out> out;
};

double scalar(const Work& w, const std::string& name) { return name == "a" ? w.a : name == "b" ? w.b : w.epsilon; }

void* prepare(const Work& w) {
  Result<Kernel> kernel = compile(w.text);
  if (!kernel) {
    std::fprintf(stderr, "bench: trueno refuses %s: %s\n", w.text, kernel.error().text().c_str());
    return nullptr;
  }
  auto* s = new State{*kernel, {}, {}};
  const void* arrays[] = {w.x, w.y};
  std::size_t next = 0;
  for (const Slot& p : kernel->parameters()) {
    if (p.array)
      s->in.emplace_back(p.type, arrays[next++], w.n);
    else if (p.type == Type::f64)
      s->in.emplace_back(scalar(w, p.name));
    else
      s->in.emplace_back(static_cast<float>(scalar(w, p.name)));
  }
  const Slot& result = kernel->results()[0];
  s->out.emplace_back(result.type, w.out, result.array ? w.n : 1);
  s->out[0].array = result.array;
  return s;
}
void release(void* s) { delete static_cast<State*>(s); }
void run(const Work& w) {
  const auto* s = static_cast<const State*>(w.state);
  (void)s->kernel.run(s->in, s->out).ok();
}

/// Kernels stay until the batch is over: what it costs to drop them is not timed.
struct Compiled {
  std::vector<std::string> texts;
  std::vector<Kernel> kernels;
  std::string text;
  std::size_t count = 0;
};
void renew(void* state) {
  auto& c = *static_cast<Compiled*>(state);
  c.kernels.clear();
  c.texts.assign(kKept, c.text);
  for (std::string& t : c.texts) t.insert(t.find('('), "_" + std::to_string(c.count++));
}
void* prepare_compiling(const Work& w) {
  auto* c = new Compiled;
  c->text = w.text;
  c->kernels.reserve(kKept);
  renew(c);
  return c;
}
void release_compiled(void* s) { delete static_cast<Compiled*>(s); }
void run_compile(const Work& w) {
  auto& c = *static_cast<Compiled*>(w.state);
  if (c.kernels.size() == c.texts.size()) renew(&c);
  if (auto kernel = compile(c.texts[c.kernels.size()])) c.kernels.push_back(*std::move(kernel));
}
void run_lookup(const Work& w) { (void)cached(w.text).ok(); }

Entry entry_for(const Task& task, Type type) {
  if (task.kind == Kind::compile) return {task.name, type, run_compile, prepare_compiling, release_compiled, renew};
  if (task.kind == Kind::lookup) return {task.name, type, run_lookup};
  return {task.entry(), type, run, prepare, release};
}

template <class T>
std::span<const T> x(const Work& w) {
  return {x_of<T>(w), w.n};
}
template <class T>
void sum(const Work& w) {
  give(w, trueno::sum(x<T>(w)));
}
template <class T>
void mean(const Work& w) {
  give(w, trueno::mean(x<T>(w)));
}
template <class T>
void min(const Work& w) {
  give(w, *trueno::min(x<T>(w)));
}
template <class T>
void max(const Work& w) {
  give(w, *trueno::max(x<T>(w)));
}
template <class T>
void dot(const Work& w) {
  give(w, *trueno::dot(x<T>(w), std::span(y_of<T>(w), w.n)));
}
const Entry kSumEntries[] = {
    TRUENO_BENCH_NUMBERS("sum", sum), TRUENO_BENCH_NUMBERS("mean", mean), TRUENO_BENCH_NUMBERS("min", min),
    TRUENO_BENCH_NUMBERS("max", max), TRUENO_BENCH_FLOATS("dot", dot),
};

/// What every call pays to find that the caller's floating-point environment is the default one.
void probe(const Work&) { const runtime::DefaultEnvironment environment; }
const Entry kProbe[] = {{"call", Type::f32, probe}};

}  // namespace

Peer trueno_itself() {
  static const std::vector<Entry> entries = [] {
    std::vector<Entry> all;
    for (const Task& task : tasks())
      for (const Type type : task.types)
        if (std::strcmp(task.entry(), task.name) == 0) all.push_back(entry_for(task, type));
    return all;
  }();
  return {"trueno", version().text, "by handle", entries.data(), entries.size(), true};
}

Peer trueno_sum() { return make_peer("trueno::sum", version().text, "no handle", kSumEntries, true); }

Peer trueno_probe() { return make_peer("its environment probe", version().text, "part of every call", kProbe, true); }

}  // namespace trueno::bench
