// A short list that allocates nothing: states have a handful of components, and compiling `sum` is to take
// microseconds, as is running it without generated code.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

namespace trueno::ir {

/// Up to N values in place; pushing more is a mistake of ours, caught by the limits of the text (kMaxState).
template <class T, std::size_t N>
class Few {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Few() {}  // what is not there is not made
  explicit Few(std::size_t size) {
    while (size_ < size) push_back(T{});
  }
  Few(const Few& other) { *this = other; }
  Few& operator=(const Few& other) {
    std::memcpy(bytes_, other.bytes_, other.size_ * sizeof(T));
    size_ = other.size_;
    return *this;
  }
  T& push_back(const T& value) { return *new (bytes_ + sizeof(T) * size_++) T(value); }
  template <class Range>
  void append(const Range& more) {
    for (const T& value : more) push_back(value);
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  T* begin() { return std::launder(reinterpret_cast<T*>(bytes_)); }
  T* end() { return begin() + size_; }
  const T* begin() const { return std::launder(reinterpret_cast<const T*>(bytes_)); }
  const T* end() const { return begin() + size_; }

 private:
  alignas(T) std::byte bytes_[N * sizeof(T)];
  std::size_t size_ = 0;
};

}  // namespace trueno::ir
