// Arrays in NumPy's .npy files: mapped to read, replaced atomically to write.
//
// A column on disk should cost nothing to look at, so reading maps the file and hands out a pointer into
// it. Only what a kernel can take is accepted: one dimension, C order, little-endian f32, f64, i32, i64.
// Everything else is refused with what was found, because guessing at data is worse than not reading it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "trueno/types.h"

namespace trueno::tools {

/// What the header of a .npy file says of an array that can be used here.
struct NpyHeader {
  Type type = Type::f32;
  std::uint64_t length = 0;     ///< elements
  std::size_t data_offset = 0;  ///< bytes from the start of the file
};

/// Reads the header of a .npy file: magic, version (1.0, 2.0, 3.0), the dict of descr, fortran_order, shape.
/// Shape: `bytes` is the start of the file, at least all of its header.
/// Errors: Status::io, saying what was found and what can be read. Never reads outside `bytes`.
/// Source: NumPy's format document, NEP 1.
Result<NpyHeader> parse_npy_header(std::span<const std::uint8_t> bytes);

/// An array in memory that somebody else allocated: a mapped file, or a copy of it.
class NpyArray {
 public:
  NpyArray(Type type, std::shared_ptr<const void> owner, const void* data, std::size_t length)
      : type_(type), owner_(std::move(owner)), data_(data), length_(length) {}
  Type type() const { return type_; }
  const void* data() const { return data_; }
  std::size_t length() const { return length_; }

 private:
  Type type_;
  std::shared_ptr<const void> owner_;  ///< unmaps or frees
  const void* data_;
  std::size_t length_;
};

/// Maps an array, read-only and private.
/// Shape: any length, 0 included. The data is copied only if the file has it misaligned for its type.
/// Aliasing: replacing the file by `write_npy` leaves the mapping as it was; another program that shortens
/// the file in place takes the pages away.
/// Errors: Status::io with the file's name and what is wrong with it.
Result<NpyArray> read_npy(const std::string& path);

/// Writes a 1-D array as version 1.0 with its data at a multiple of 64 bytes. Masks become NumPy's bool.
/// The file appears whole or not at all: a temporary beside it is synced, then renamed over it. What exists
/// and is no regular file (a pipe, a device) is written to directly.
/// Errors: Status::io with the file's name; an existing file is then as it was.
Result<void> write_npy(const std::string& path, Type type, const void* data, std::size_t length);

}  // namespace trueno::tools
