// The records of a jitdump file; see jitdump.h. Numbers are as this machine writes them, as the format wants it.
#include <sys/syscall.h>
#include <unistd.h>

#include <elf.h>

#include "runtime/profile/jitdump.h"

namespace trueno::runtime {
namespace {

constexpr std::uint32_t kMagic = 0x4A695444, kVersion = 1, kHeaderBytes = 40;
constexpr std::uint32_t kCodeLoad = 0, kDebugInfo = 2;

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void put_text(std::string& out, std::string_view text) { out.append(text).append(1, '\0'); }

/// What every record begins with: its kind, its size with this, its time.
std::string record(std::uint32_t kind, std::uint64_t time, const std::string& body) {
  std::string out;
  put(out, kind);
  put(out, static_cast<std::uint32_t>(16 + body.size()));
  put(out, time);
  return out + body;
}

}  // namespace

std::string jitdump_header(std::uint32_t pid, std::uint64_t time) {
  std::string out;
  for (const std::uint32_t word : {kMagic, kVersion, kHeaderBytes, std::uint32_t{EM_X86_64}, 0u, pid}) put(out, word);
  put(out, time);
  put(out, std::uint64_t{0});  // flags: times are CLOCK_MONOTONIC's
  return out;
}

std::string jitdump_lines(const Symbol& symbol, std::span<const SourceLine> lines, const std::string& file,
                          std::uint64_t address, std::uint64_t time) {
  std::string entries;
  std::uint64_t count = 0;
  const auto add = [&](std::uint32_t offset, std::uint32_t line) {
    put(entries, address + offset);
    put(entries, line);
    put(entries, std::uint32_t{0});  // discriminator
    put_text(entries, file);
    ++count;
  };
  std::uint32_t last = 0;
  for (const SourceLine& l : lines)
    if (l.offset >= symbol.offset && l.offset < symbol.offset + symbol.size && l.line != last)
      add(l.offset, last = l.line);
  if (count == 0) return {};
  std::string body;
  put(body, address + symbol.offset);
  put(body, count);
  return record(kDebugInfo, time, body + entries);
}

std::string jitdump_code(const Symbol& symbol, std::span<const std::uint8_t> all, std::uint64_t address,
                         std::uint64_t index, std::uint64_t time) {
  std::string body;
  put(body, static_cast<std::uint32_t>(getpid()));
  put(body, static_cast<std::uint32_t>(syscall(SYS_gettid)));
  put(body, address + symbol.offset);  // where it was linked to be
  put(body, address + symbol.offset);  // where it is
  put(body, std::uint64_t{symbol.size});
  put(body, index);
  put_text(body, symbol.name);
  const auto bytes = all.subspan(symbol.offset, symbol.size);
  body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return record(kCodeLoad, time, body);
}

}  // namespace trueno::runtime
