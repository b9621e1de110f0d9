// The arrays that everybody works on: 64-byte aligned on 2 MB pages where the system gives them, warm, and at neutral
// distances. When (dst - src) mod 4096 is small and positive, loads wait for stores to other pages that end in the same
// bits, and long stores slow down several times; here it never is.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "bench/tasks.h"

namespace trueno::bench {

class Data {
 public:
  /// For arrays of up to `most` elements of 8 bytes, or kCheckSizes' if those are more.
  explicit Data(std::size_t most);

  /// A call of a task on the first n elements. Works made before are void once the type or the values differ.
  Work work(const Task& task, Type type, std::size_t n);
  /// The same inputs for the reference.
  static Exact exact(const Work& work, Type type);
  /// Writes the arrays of a task and type as DIR/x.VALUES.TYPE.npy and y..., n elements. False: it could not.
  bool write_npy(const std::string& directory, const Task& task, Type type, std::size_t n);

 private:
  struct Free {
    void operator()(void* p) const;
  };
  template <class T>
  void fill(Values values);

  std::size_t most_;
  std::unique_ptr<void, Free> memory_;
  void *x_ = nullptr, *y_ = nullptr, *out_ = nullptr;
  bool filled_ = false;
  Type type_ = Type::f32;
  Values values_ = Values::normal;
};

}  // namespace trueno::bench
