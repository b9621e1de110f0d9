// What the tests of profiling share: a kernel compiled while something is configured, and a reader of jitdump files
// that knows nothing of their writer.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "tests/runtime/compiled.h"
#include "trueno/config.h"

namespace trueno::test {

/// Kept apart by names, so that none comes from a cache, and perf can tell them apart.
inline std::string text_named(const std::string& name) {
  return "kernel " + name + "(x: f32[]) -> f32 { square = x * x\n sum(exp(0 - square)) }";
}
inline bool configured(const std::string& toml) { return configure(toml, "profile test").ok(); }

struct JitRecord {
  struct Line {
    std::uint64_t address;
    std::uint32_t line;
    std::string file;
  };
  std::uint32_t kind = 0;
  std::uint64_t time = 0, address = 0, index = 0;
  std::uint32_t pid = 0;
  std::string name, code;   // of code
  std::vector<Line> lines;  // of lines
};

struct JitDumpFile {
  std::uint32_t magic = 0, version = 0, header = 0, machine = 0, pid = 0;
  std::vector<JitRecord> records;
  bool whole = false;  ///< it ends where its last record does
};

class JitDumpReader {
 public:
  explicit JitDumpReader(const std::string& bytes) : all_(bytes) {}
  JitDumpFile read() {
    JitDumpFile file;
    file.magic = number<std::uint32_t>(), file.version = number<std::uint32_t>();
    file.header = number<std::uint32_t>(), file.machine = number<std::uint32_t>();
    number<std::uint32_t>(), file.pid = number<std::uint32_t>();
    at_ = file.header;
    while (at_ < all_.size() && record(file)) continue;
    file.whole = at_ == all_.size();
    return file;
  }

 private:
  template <class T>
  T number() {
    T value{};
    if (at_ + sizeof value <= all_.size()) std::memcpy(&value, all_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const std::size_t end = std::min(all_.find('\0', at_), all_.size());
    std::string out = all_.substr(at_, end - at_);
    at_ = end + 1;
    return out;
  }
  bool record(JitDumpFile& file) {
    const std::size_t begin = at_;
    JitRecord r;
    r.kind = number<std::uint32_t>();
    const auto size = number<std::uint32_t>();
    r.time = number<std::uint64_t>();
    if (size < 16 || begin + size > all_.size()) return false;
    if (r.kind == 0) {
      r.pid = number<std::uint32_t>(), number<std::uint32_t>(), number<std::uint64_t>();
      r.address = number<std::uint64_t>();
      const auto bytes = number<std::uint64_t>();
      r.index = number<std::uint64_t>();
      r.name = text();
      if (at_ + bytes <= all_.size()) r.code = all_.substr(at_, bytes);
      at_ += bytes;
    } else if (r.kind == 2) {
      r.address = number<std::uint64_t>();
      for (auto left = number<std::uint64_t>(); left > 0 && at_ < begin + size; --left) {
        JitRecord::Line l;
        l.address = number<std::uint64_t>(), l.line = number<std::uint32_t>(), number<std::uint32_t>();
        l.file = text();
        r.lines.push_back(l);
      }
    }
    if (at_ != begin + size) return false;
    file.records.push_back(r);
    return true;
  }

  const std::string& all_;
  std::size_t at_ = 0;
};

}  // namespace trueno::test
