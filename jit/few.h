// A short list that allocates nothing: states have a handful of components, and compiling `sum` is to take
// microseconds.
#pragma once

#include <array>
#include <cstddef>

namespace trueno::jit {

/// Up to N values in place; pushing more is a mistake of ours, caught by the limits of the text (kMaxState).
template <class T, std::size_t N>
class Few {
 public:
  T& push_back(const T& value) { return values_[size_++] = value; }
  template <class Range>
  void append(const Range& more) {
    for (const T& value : more) push_back(value);
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return values_[i]; }
  const T& operator[](std::size_t i) const { return values_[i]; }
  T* begin() { return values_.data(); }
  T* end() { return values_.data() + size_; }
  const T* begin() const { return values_.data(); }
  const T* end() const { return values_.data() + size_; }

 private:
  std::array<T, N> values_;
  std::size_t size_ = 0;
};

}  // namespace trueno::jit
