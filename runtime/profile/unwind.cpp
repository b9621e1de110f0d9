// Call frame information in DWARF's form (DWARF 5, section 6.4), from what is known of a frame (jit::FrameShape). Each
// entry is described by itself; behind the one return, code that jumps back into the frame follows.
#include "runtime/profile/unwind.h"

#include <algorithm>
#include <vector>

namespace trueno::runtime {
namespace {

constexpr std::uint8_t kAdvance4 = 0x04, kRemember = 0x0a, kRestore = 0x0b, kCfa = 0x0c, kCfaRegister = 0x0d,
                       kCfaOffset = 0x0e, kSaved = 0x80, kNothing = 0x00;
constexpr std::uint8_t kRbp = 6, kRsp = 7, kReturn = 16;
/// Those that are pushed, as DWARF numbers them, and how long that instruction is.
constexpr struct { std::uint8_t number, bytes; } kPushed[] = {{3, 1}, {12, 2}, {13, 2}, {14, 2}, {15, 2}};
constexpr std::uint32_t kEndbr64 = 4, kPushRbp = 1, kMovRbpRsp = 3;

class Table {
 public:
  template <class T>
  Table& put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  template <class... Byte>
  void code(Byte... bytes) {
    (put(static_cast<std::uint8_t>(bytes)), ...);
  }
  std::size_t size() const { return bytes_.size(); }
  /// Up to a multiple of 8, and what has been put since `begin` gets its length.
  void close(std::size_t begin) {
    while ((bytes_.size() - begin) % 8 != 0) code(kNothing);
    const auto length = static_cast<std::uint32_t>(bytes_.size() - begin - 4);
    bytes_.replace(begin, 4, reinterpret_cast<const char*>(&length), 4);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// What holds at the first instruction of every function: the return address lies on top.
void common(Table& t) {
  t.put(std::uint32_t{0}).put(std::uint32_t{0});
  t.code(1, kNothing, 1, 0x78, kReturn);  // version, no augmentation, offsets in bytes and times -8
  t.code(kCfa, kRsp, 8, kSaved | kReturn, 1);
  t.close(0);
}

void advance(Table& t, std::uint32_t by) {
  t.put(kAdvance4);
  t.put(by);
}

void frame(Table& t, const jit::FrameShape& shape, std::uint32_t begin, std::uint32_t end) {
  advance(t, kEndbr64 + kPushRbp);
  t.code(kCfaOffset, 16, kSaved | kRbp, 2);
  advance(t, kMovRbpRsp);
  t.code(kCfaRegister, kRbp);
  std::uint32_t at = begin + kEndbr64 + kPushRbp + kMovRbpRsp;
  for (std::uint8_t i = 0; i < shape.saved; ++i) {
    advance(t, kPushed[i].bytes);
    t.code(kSaved | kPushed[i].number, 3 + i);
    at += kPushed[i].bytes;
  }
  if (shape.leave < at || shape.leave >= end) return;
  advance(t, shape.leave - at);
  t.code(kRemember, kCfa, kRsp, 8);
  advance(t, 1);
  t.code(kRestore);
}

std::vector<std::uint32_t> entries_of(const jit::Code& code) {
  std::vector<std::uint32_t> out{code.whole};
  for (const jit::PassCode& p : code.passes) {
    out.push_back(p.stretch);
    if (p.finish != 0) out.push_back(p.finish);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::string eh_frame(const jit::Code& code, std::uint64_t address) {
  Table t;
  common(t);
  const std::vector<std::uint32_t> entries = entries_of(code);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::uint32_t begin = entries[i], end = i + 1 < entries.size() ? entries[i + 1] : code.pool_offset;
    const std::size_t start = t.size();
    t.put(std::uint32_t{0}).put(static_cast<std::uint32_t>(start + 4));  // back to what is common
    t.put(address + begin).put(std::uint64_t{end - begin});
    if (code.frame.any) frame(t, code.frame, begin, end);
    t.close(start);
  }
  t.put(std::uint32_t{0});
  return t.take();
}

}  // namespace trueno::runtime
