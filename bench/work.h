// What a peer sees: one call's work, and the table in which it says what it can do.
//
// Everything here is plain data. A peer lives in a translation unit of its own, with the flags its users would
// choose, and hands over a table of functions: nothing of it is inlined into the timing loop, and no template of the
// standard library that it compiled for this machine's ISA can be linked into anybody else. All functions have one
// signature, so that no adapter stands between the timing loop and the work.
#pragma once

#include <cstddef>
#include <cstdint>

#include "trueno/types.h"

namespace trueno::bench {

/// One call. `x`, `y` and `out` are arrays of n elements of the task's type, or `out` one value of the result's type.
struct Work {
  const void* x = nullptr;
  const void* y = nullptr;
  void* out = nullptr;
  std::size_t n = 0;
  double a = 0, b = 0, epsilon = 0;  ///< the scalars of a*x + b, and that of layer_norm
  const char* text = nullptr;        ///< the IR of the task for its type
  void* state = nullptr;             ///< what Entry::prepare made
};

/// One thing a peer can do.
struct Entry {
  const char* task;  ///< as in the table of tasks (tasks.cpp)
  Type type;
  void (*run)(const Work&);
  void* (*prepare)(const Work&) = nullptr;  ///< once per size; null: it cannot do this one
  void (*release)(void* state) = nullptr;
  void (*between)(void* state) = nullptr;  ///< before each batch, not timed
};

struct Peer {
  const char* name;
  const char* version;
  const char* how;  ///< which of its ways is used, for the report
  const Entry* entries;
  std::size_t count;
  bool ours = false;
};

/// Calls that one batch may have where Entry::between cleans up after it.
inline constexpr int kKept = 32;

template <class T>
const T* x_of(const Work& w) {
  return static_cast<const T*>(w.x);
}
template <class T>
const T* y_of(const Work& w) {
  return static_cast<const T*>(w.y);
}
template <class T>
T* out_of(const Work& w) {
  return static_cast<T*>(w.out);
}
/// The scalar result.
template <class R>
void give(const Work& w, R value) {
  *static_cast<R*>(w.out) = value;
}

template <class T>
struct Sum {
  using type = T;
};
template <>
struct Sum<std::int32_t> {
  using type = std::int64_t;
};
/// What a sum of T is: i64 for i32.
template <class T>
using SumOf = typename Sum<T>::type;

template <std::size_t count>
constexpr Peer make_peer(const char* name, const char* version, const char* how, const Entry (&entries)[count],
                         bool ours = false) {
  return {name, version, how, entries, count, ours};
}

// A library's version, from its macros.
#define TRUENO_BENCH_TEXT_(x) #x
#define TRUENO_BENCH_TEXT(x) TRUENO_BENCH_TEXT_(x)
#define TRUENO_BENCH_VERSION(major, minor, patch) \
  TRUENO_BENCH_TEXT(major) "." TRUENO_BENCH_TEXT(minor) "." TRUENO_BENCH_TEXT(patch)

// Rows of a table of entries for a function template.
#define TRUENO_BENCH_F32(task, function) \
  { task, Type::f32, function<float> }
#define TRUENO_BENCH_FLOATS(task, function) \
  TRUENO_BENCH_F32(task, function), { task, Type::f64, function<double> }
#define TRUENO_BENCH_NUMBERS(task, function) \
  TRUENO_BENCH_FLOATS(task, function), { task, Type::i32, function<std::int32_t> }

}  // namespace trueno::bench
