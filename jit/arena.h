// Executable memory that is never writable: publish bytes, get a pointer to run.
//
// memfd_create -> write -> seal (F_SEAL_WRITE) -> map private, read and execute. There is never a mapping
// that is writable and executable, nor a writable alias; works under PR_SET_MDWE; a fork shares nothing
// that either side can change.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "trueno/types.h"

namespace trueno::jit {

class Executable {
 public:
  /// Errors: Status::unavailable, naming the call that was refused and why.
  static Result<std::shared_ptr<const Executable>> publish(std::span<const std::uint8_t> bytes);
  ~Executable();
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  Executable(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  const std::uint8_t* data_;
  std::size_t size_;
};

/// Whether executable memory can be had, probed once; the error keeps the reason.
const Result<void>& executable_memory();

}  // namespace trueno::jit
