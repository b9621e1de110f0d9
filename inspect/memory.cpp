// See memory.h.
#include "inspect/memory.h"

#include <fmt/format.h>

namespace trueno::inspect {

bool Memory::allowed(std::uint64_t address, unsigned bytes, bool writing) {
  const Region* nearest = nullptr;
  for (const Region& r : regions_) {
    if (address >= r.begin && address + bytes <= r.end && (r.writable || !writing)) return true;
    if (address + bytes > r.begin && (nearest == nullptr || r.begin > nearest->begin)) nearest = &r;
  }
  complaint_ = fmt::format("{} {} bytes at {:#x}", writing ? "writes" : "reads", bytes, address);
  if (nearest != nullptr)
    complaint_ += fmt::format(": {} + {}, which has {} bytes{}", nearest->name,
                              static_cast<std::int64_t>(address - nearest->begin), nearest->end - nearest->begin,
                              nearest->writable ? "" : " and is only read");
  return false;
}

bool Memory::scratch(std::uint64_t address) const {
  for (const Region& r : regions_)
    if (address >= r.begin && address < r.end) return r.scratch;
  return false;
}

std::optional<TermId> Memory::look(std::uint64_t address, unsigned bytes) {
  if (bytes == 8) {
    const auto low = look(address, 4), high = low ? look(address + 4, 4) : low;
    return high ? std::optional(terms_.make(Fn::join, 64, {*low, *high})) : std::nullopt;
  }
  const auto found = words_.find(address & ~std::uint64_t{3});
  if (found == words_.end() || (bytes == 4 && address % 4 != 0)) {
    complaint_ = fmt::format("reads {} bytes at {:#x} that nobody wrote", bytes, address);
    return std::nullopt;
  }
  if (bytes == 4) return found->second;
  const unsigned at = address % 4;
  const TermId first = terms_.make(Fn::byte, 8, {found->second}, at, 32);
  if (bytes == 1) return first;
  return terms_.make(Fn::bytes, 16, {first, terms_.make(Fn::byte, 8, {found->second}, at + 1, 32)});
}

void Memory::put(std::uint64_t address, unsigned bytes, TermId value) {
  if (bytes == 8) {
    put(address, 4, terms_.make(Fn::low, 32, {value}));
    put(address + 4, 4, terms_.make(Fn::high, 32, {value}));
    return;
  }
  const std::uint64_t at = address & ~std::uint64_t{3};
  if (bytes == 4 && at == address) {
    words_[at] = value;
    return;
  }
  for (unsigned i = 0; i < bytes; ++i) {  // byte by byte, as they may lie in two words
    const std::uint64_t word = (address + i) & ~std::uint64_t{3};
    const TermId before = words_.contains(word) ? words_[word] : terms_.constant(32, 0);
    TermId parts[4];
    for (unsigned b = 0; b < 4; ++b) parts[b] = terms_.make(Fn::byte, 8, {before}, b, 32);
    parts[(address + i) % 4] = bytes == 1 ? value : terms_.make(Fn::byte, 8, {value}, i, static_cast<int>(8 * bytes));
    words_[word] = terms_.make(Fn::bytes, 32, std::span<const TermId>(parts, 4));
  }
}

std::optional<TermId> Memory::read(std::uint64_t address, unsigned bytes) {
  if (!allowed(address, bytes, false)) return std::nullopt;
  for (std::uint64_t at = address & ~std::uint64_t{3}; at < address + bytes; at += 4)
    if (!words_.contains(at) && scratch(at)) words_[at] = terms_.leaf(Type::i32);
  return look(address, bytes);
}

bool Memory::write(std::uint64_t address, unsigned bytes, TermId value) {
  if (!allowed(address, bytes, true)) return false;
  put(address, bytes, value);
  return true;
}

}  // namespace trueno::inspect
