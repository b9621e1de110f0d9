// Arrays in NumPy's .npy files: mapped to read, replaced atomically to write.
//
// A column on disk should cost nothing to look at, so reading maps the file and hands out a pointer into
// it. Only what a kernel can take is accepted: one or two dimensions, C order, little-endian f32, f64, i32, i64.
// Everything else is refused with what was found, because guessing at data is worse than not reading it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "trueno/types.h"

namespace trueno::tools {

/// A column of some length, or a matrix.
struct NpyShape {
  NpyShape(std::uint64_t length) : columns(length) {}
  NpyShape(std::uint64_t row_count, std::uint64_t column_count) : rows(row_count), columns(column_count) {}
  std::uint64_t elements() const { return rows.value_or(1) * columns; }
  std::string text() const;  ///< "(5,)" or "(2, 3)"
  friend bool operator==(const NpyShape&, const NpyShape&) = default;

  std::optional<std::uint64_t> rows;  ///< of a matrix
  std::uint64_t columns;
};

/// What the header of a .npy file says of an array that can be used here.
struct NpyHeader {
  Type type = Type::f32;
  NpyShape shape = 0;
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
  NpyArray(Type type, std::shared_ptr<const void> owner, const void* data, NpyShape shape)
      : type_(type), owner_(std::move(owner)), data_(data), shape_(shape) {}
  Type type() const { return type_; }
  const void* data() const { return data_; }
  const NpyShape& shape() const { return shape_; }
  std::size_t length() const { return shape_.elements(); }

 private:
  Type type_;
  std::shared_ptr<const void> owner_;  ///< unmaps or frees
  const void* data_;
  NpyShape shape_;
};

/// Maps an array, read-only and private.
/// Shape: any length, 0 included. The data is copied only if the file has it misaligned for its type.
/// Aliasing: replacing the file by `write_npy` leaves the mapping as it was; another program that shortens
/// the file in place takes the pages away.
/// Errors: Status::io with the file's name and what is wrong with it.
Result<NpyArray> read_npy(const std::string& path);

/// Writes an array (a bare length: of one dimension) as version 1.0 with its data at a multiple of 64 bytes. Masks
/// become NumPy's bool. The file appears whole or not at all: a temporary beside it is synced, then renamed over it.
/// What exists and is no regular file (a pipe, a device) is written to directly. Errors: Status::io with the file's
/// name; an existing file is then as it was.
Result<void> write_npy(const std::string& path, Type type, const void* data, const NpyShape& shape);

}  // namespace trueno::tools
