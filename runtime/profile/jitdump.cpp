// The file around the records; see jitdump.h.
#include "runtime/profile/jitdump.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include "runtime/profile/lines.h"

namespace trueno::runtime {
namespace {

Error failed(const std::string& what, int error) { return {Status::io, what + ": " + std::strerror(error)}; }

/// perf's clock with `perf record -k 1`.
std::uint64_t now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1000000000u + static_cast<std::uint64_t>(t.tv_nsec);
}

/// The directory, absolute, made if it is not there; one of our own if none is given.
Result<std::string> make_directory(const std::string& given) {
  const char* home = ::secure_getenv("HOME");
  const std::string parent = !given.empty()         ? given
                             : home && *home == '/' ? std::string(home) + "/.debug/jit"
                                                    : std::string(".");
  std::error_code error;
  const std::string path = std::filesystem::absolute(parent, error).string();
  if (!error) std::filesystem::create_directories(path, error);
  if (error) return failed(parent, error.value());
  if (!given.empty()) return path;
  std::string own = path + "/trueno-XXXXXX";
  if (!::mkdtemp(own.data())) return failed(own, errno);
  return own;
}

/// Offsets with lines, from nodes with lines.
std::vector<SourceLine> source_lines(const jit::Trace& trace, const TextWithLines& text) {
  std::vector<SourceLine> out;
  for (const jit::Trace::Line& l : trace.lines)
    out.push_back({l.offset, l.node < text.line_of.size() ? text.line_of[l.node] : text.head});
  return out;
}

}  // namespace

Result<JitDump> JitDump::open(const std::string& given) {
  auto directory = make_directory(given);
  if (!directory) return directory.error();
  const auto pid = static_cast<std::uint32_t>(getpid());
  auto file = OwnFile::open(*directory + "/jit-" + std::to_string(pid) + ".dump");
  if (!file) return file.error();
  if (file->size() == 0)
    if (auto begun = file->append(jitdump_header(pid, now())); !begun) return begun.error();
  JitDump dump(std::move(*file), std::move(*directory));
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* marker = mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, dump.file_.descriptor(), 0);
  if (marker == MAP_FAILED)
    return failed(
        dump.path() + ": mmap(PROT_EXEC), without which perf does not find it (a file system mounted noexec?)", errno);
  dump.marker_ = marker;
  return dump;
}

JitDump::JitDump(JitDump&& other) noexcept
    : file_(std::move(other.file_)),
      directory_(std::move(other.directory_)),
      marker_(std::exchange(other.marker_, nullptr)) {}
JitDump::~JitDump() {
  if (marker_) munmap(marker_, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

Result<void> JitDump::add(const ir::Kernel& kernel, const jit::Code& code, const jit::Trace& trace,
                          std::uint64_t address) {
  std::uint64_t index = file_.size();  // grows with every record, whoever in this process writes them
  const TextWithLines text = text_with_lines(kernel);
  const std::string name = directory_ + "/" + plain_name(kernel.name) + "-" + std::to_string(getpid()) + "-" +
                           std::to_string(index) + ".tir";
  auto source = OwnFile::create(name);
  if (!source) return source.error();
  if (auto written = source->append(text.text); !written) return written;
  const std::vector<SourceLine> lines = source_lines(trace, text);
  const std::uint64_t time = now();
  std::string records;
  for (const Symbol& s : symbols_of(kernel.name, code)) {
    records += jitdump_lines(s, lines, name, address, time);
    records += jitdump_code(s, code.bytes, address, index++, time);
  }
  return file_.append(records);
}

}  // namespace trueno::runtime
