// Looking up in the tables of a kernel: in registers where a table fits and there is an instruction for it, else by
// gathering.
//
// Part of the units of loops.cpp, and of no other: like all there, it is compiled for a level, in an unnamed namespace.
#pragma once

#include <cstddef>
#include <cstring>

#include "aot/loops.h"

namespace trueno::aot::TRUENO_LEVEL {
namespace {

template <class T>
[[gnu::always_inline]] inline void gather(T* __restrict out, std::size_t n, const T* __restrict index,
                                          const T* __restrict entries, T last) {
  for (std::size_t i = 0; i < n; ++i) out[i] = entries[index[i] & last];
}

#if defined(__GNUC__) && !defined(__clang__)
/// A table of at most two vectors is looked up in registers, where there are instructions for it: the processor looks
/// only at as many bits of an index as two vectors take, and a smaller table is there several times. Returns for how
/// many elements; the rest is for `gather`.
template <class T>
std::size_t shuffle(T* out, std::size_t n, const T* index, const T* entries, T last) {
  constexpr std::size_t kStep = TRUENO_VECTOR_BYTES / sizeof(T);
  typedef T Vector [[gnu::vector_size(TRUENO_VECTOR_BYTES)]];
  if (TRUENO_VECTOR_BYTES < 32 || last >= static_cast<T>(2 * kStep)) return 0;
  Vector low{}, high{};
  for (std::size_t i = 0; i < kStep; ++i) {
    low[i] = entries[static_cast<T>(i) & last];
    high[i] = entries[static_cast<T>(i + kStep) & last];
  }
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    Vector at;
    std::memcpy(&at, index + i, sizeof(at));
    const Vector found = __builtin_shuffle(low, high, at);
    std::memcpy(out + i, &found, sizeof(found));
  }
  return i;
}
#else
template <class T>
std::size_t shuffle(T*, std::size_t, const T*, const T*, T) {
  return 0;
}
#endif

template <class T>
void look_up(const Operand* const* in, void* out, std::size_t n) {
  const auto& table = *static_cast<const TableView*>(in[1]->row);
  const auto* index = static_cast<const T*>(in[0]->row);
  const auto* entries = static_cast<const T*>(table.entries);
  const T last = static_cast<T>(table.last);
  const std::size_t done = shuffle(static_cast<T*>(out), n, index, entries, last);
  gather(static_cast<T*>(out) + done, n - done, index + done, entries, last);
}

}  // namespace
}  // namespace trueno::aot::TRUENO_LEVEL
