// The constant pool: read-only data after the code, addressed relative to it, every entry once.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace trueno::jit {

class Pool {
 public:
  explicit Pool(std::uint32_t vector_bytes) : vector_bytes_(vector_bytes) {}

  /// A whole vector with `size` (4 or 8) bytes of `pattern` in every lane. Returns its offset.
  std::uint32_t broadcast(std::uint64_t pattern, std::uint32_t size) {
    std::uint8_t vector[64];
    for (std::uint32_t at = 0; at < vector_bytes_; at += size) std::memcpy(vector + at, &pattern, size);
    return raw({vector, vector_bytes_});
  }

  /// Any bytes, at an offset aligned to their size (64 at most; sizes that are no power of two to 64).
  std::uint32_t raw(std::span<const std::uint8_t> data) {
    const std::size_t align = data.size() < 64 && (data.size() & (data.size() - 1)) == 0 ? data.size() : 64;
    for (std::size_t at = 0; at + data.size() <= bytes_.size(); at += align)
      if (std::memcmp(bytes_.data() + at, data.data(), data.size()) == 0) return static_cast<std::uint32_t>(at);
    bytes_.resize((bytes_.size() + align - 1) / align * align);
    const std::size_t offset = bytes_.size();
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    return static_cast<std::uint32_t>(offset);
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::uint32_t vector_bytes_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace trueno::jit
