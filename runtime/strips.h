// A call over the rows of matrices, checked and turned into *strips*: for each operand, where its first row lies and
// how far it is to the next. A row that all share, or a scalar, is a strip that does not move; one scalar per row is a
// column of width 1. So neither the check for overlaps nor the loops (rows.cpp) know what an operand was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/arguments.h"
#include "runtime/impl.h"

namespace trueno::runtime {

struct Strip {
  std::uintptr_t begin = 0;
  std::size_t bytes = 0;   ///< of one row; 0: nothing of the caller's memory is touched
  std::size_t step = 0;    ///< bytes to the next row
  std::size_t extent = 0;  ///< bytes from the first to the end of the last

  std::uintptr_t end() const { return begin + extent; }
  /// Not one byte between the first and the last is in both, or they are different columns of one wider matrix.
  bool apart(const Strip& o) const;
  /// Row by row the same memory.
  bool same(const Strip& o) const {
    return begin == o.begin && bytes == o.bytes && extent == o.extent && (step == o.step || extent == bytes);
  }
};

/// `Few` values on the stack, more on the heap.
template <class T, std::size_t Few>
class Buffer {
 public:
  explicit Buffer(std::size_t n) : data_(n <= Few ? few_ : (many_ = std::make_unique<T[]>(n)).get()) {}
  T* data() { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T few_[Few];
  std::unique_ptr<T[]> many_;
  T* data_;
};

/// The call as strips, parameters first, once it has been found to fit the kernel.
class RowsCall {
 public:
  RowsCall(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs)
      : k_(k), inputs_(inputs), outputs_(outputs), strips_(inputs.size() + outputs.size()) {}

  /// First of all. Errors: invalid_argument.
  Result<void> check();

  std::size_t rows() const { return rows_.count(); }
  std::int64_t columns() const { return static_cast<std::int64_t>(columns_.count()); }
  const Strip& input(std::size_t i) const { return strips_[i]; }
  const Strip& output(std::size_t i) const { return strips_[k_.inputs + i]; }

 private:
  template <class T>
  Result<void> check_shape(const char* what, const Slot& slot, const T& x);
  template <class T>
  Result<void> check_kind(const char* what, const Slot& slot, const T& x) const;
  template <class T>
  Result<void> place(const Slot& slot, const T& x, Strip& strip) const;
  Result<void> check_overlap() const;

  const Kernel::Impl& k_;
  std::span<const RowsArg> inputs_;
  std::span<const RowsOut> outputs_;
  Agreed rows_{"rows", "all matrices and arrays of one value per row must have one number of rows"};
  Agreed columns_{"columns", "all rows must have one length"};
  Buffer<Strip, Kernel::Impl::kQuickArrays> strips_;
};

}  // namespace trueno::runtime
