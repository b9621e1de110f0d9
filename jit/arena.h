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
  /// Errors: Status::unavailable, naming the call that was refused and why. A policy is asked once per thread (filters
  /// of system calls may be a thread's own): later calls get the same answer at once. What ran out is tried again.
  static Result<std::shared_ptr<const Executable>> publish(std::span<const std::uint8_t> bytes);
  /// The same in memory of no file, which is written first and executable then: profilers that take code of a file for
  /// that file's find it only so. Hardened systems refuse this more often; that is kept nowhere.
  static Result<std::shared_ptr<const Executable>> publish_without_file(std::span<const std::uint8_t> bytes);
  ~Executable();
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  explicit Executable(std::size_t size) : size_(size) {}
  const std::uint8_t* data_ = nullptr;
  std::size_t size_;
};

/// A policy refused executable memory to this thread, so that no code need be generated: the error keeps the reason.
Result<void> not_refused_for_good();
/// Whether executable memory can be had now: publishes and runs a few bytes.
Result<void> executable_memory();

}  // namespace trueno::jit
