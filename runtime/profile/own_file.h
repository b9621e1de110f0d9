// A file of this process that a profiler finds by the process's number: appended to by whole records.
//
// Its directory may be one where everybody writes (/tmp), and its name can be guessed: links are not followed, what is
// not this user's own is refused, and what a dead process of the same number left is emptied. What another generator of
// code in this process has written stays.
#pragma once

#include <string>
#include <string_view>

#include "trueno/types.h"

namespace trueno::runtime {

class OwnFile {
 public:
  /// Opened or made, for its owner only. Errors: Status::io, naming the file and why.
  static Result<OwnFile> open(const std::string& path);
  /// The same, empty.
  static Result<OwnFile> create(const std::string& path);
  OwnFile(OwnFile&& other) noexcept;
  OwnFile& operator=(OwnFile&& other) noexcept;
  ~OwnFile();

  /// All of it or nothing. Threads: one at a time. Errors: Status::io.
  Result<void> append(std::string_view record);
  std::size_t size() const { return size_; }
  int descriptor() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  OwnFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  static Result<OwnFile> opened(const std::string& path, bool empty);
  int fd_ = -1;
  std::size_t size_ = 0;  ///< when it was last looked at
  std::string path_;
};

}  // namespace trueno::runtime
