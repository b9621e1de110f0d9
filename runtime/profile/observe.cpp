// See observe.h. Each process has files of its own: a forked child opens others when it compiles something.
#include "runtime/profile/observe.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "runtime/log.h"
#include "runtime/profile/gdb.h"
#include "runtime/profile/jitdump.h"
#include "runtime/profile/perf_map.h"

namespace trueno::runtime {
namespace {

/// What there is to say once the lock is free, as whoever hears it may compile.
struct Note {
  LogLevel level;
  std::string text;
};

/// perf's files of this process. What failed once is not tried again, unless it is configured anew.
class PerfFiles {
 public:
  std::optional<Note> write(const Settings& to, const ir::Kernel& kernel, const jit::Code& code,
                            const jit::Trace& trace, std::uint64_t address) {
    const std::lock_guard lock(mutex_);
    if (pid_ != getpid() || format_ != to.perf || directory_ != to.perf_directory) begin(to);
    if (failed_) return std::nullopt;
    const bool opened = map_ || dump_;
    const auto done = to.perf == PerfFormat::map ? write_map(kernel, code, address)  //
                                                 : write_dump(kernel, code, trace, address);
    failed_ = !done;
    if (failed_)
      return Note{LogLevel::warning, "perf: " + std::string(done.error().message()) + "; it will not know kernels"};
    if (opened) return std::nullopt;
    return Note{LogLevel::info, "perf: writing " + (map_ ? map_->path() : dump_->path())};
  }
  /// Whether it is the first time in this process.
  bool first_refusal() {
    const std::lock_guard lock(mutex_);
    return std::exchange(refused_in_, getpid()) != getpid();
  }

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  void begin(const Settings& to) {
    map_.reset();
    dump_.reset();
    pid_ = getpid();
    format_ = to.perf;
    directory_ = to.perf_directory;
    failed_ = false;
  }
  Result<void> write_map(const ir::Kernel& kernel, const jit::Code& code, std::uint64_t address) {
    if (!map_) {
      auto opened = OwnFile::open(perf_map_path(pid_));
      if (!opened) return opened.error();
      map_.emplace(std::move(*opened));
    }
    return map_->append(perf_map_lines(symbols_of(kernel.name, code), address));
  }
  Result<void> write_dump(const ir::Kernel& kernel, const jit::Code& code, const jit::Trace& trace,
                          std::uint64_t address) {
    if (!dump_) {
      auto opened = JitDump::open(directory_);
      if (!opened) return opened.error();
      dump_.emplace(std::move(*opened));
    }
    return dump_->add(kernel, code, trace, address);
  }

  std::mutex mutex_;
  pid_t pid_ = 0, refused_in_ = 0;
  PerfFormat format_ = PerfFormat::off;
  std::string directory_;
  bool failed_ = false;
  std::optional<OwnFile> map_;
  std::optional<JitDump> dump_;
};

/// Lives until the process ends, as kernels may be compiled in destructors.
constinit std::atomic<PerfFiles*> the_files{nullptr};

/// Made without a lock, which a fork could leave locked; see ir/once.h. A fork waits for a record to be whole, and its
/// child finds the lock free.
PerfFiles& perf_files() {
  if (PerfFiles* made = the_files.load(std::memory_order_acquire)) return *made;
  auto fresh = std::make_unique<PerfFiles>();
  PerfFiles* before = nullptr;
  if (!the_files.compare_exchange_strong(before, fresh.get())) return *before;
  pthread_atfork([] { the_files.load()->lock(); }, [] { the_files.load()->unlock(); },
                 [] { the_files.load()->unlock(); });
  return *fresh.release();
}

/// Code that GDB knows: it forgets it before it goes.
struct Known {
  std::shared_ptr<const jit::Executable> memory;
  GdbEntry entry;
};

/// perf's map names only memory that belongs to no file.
Result<std::shared_ptr<const jit::Executable>> publish_for(PerfFormat perf, const jit::Code& code) {
  if (perf != PerfFormat::map) return jit::Executable::publish(code.bytes);
  auto memory = jit::Executable::publish_without_file(code.bytes);
  if (memory) return memory;
  if (perf_files().first_refusal())
    log(LogLevel::warning, "perf: code can only be executed from a file here, where perf = \"map\" gives it no name (" +
                               std::string(memory.error().message()) + "); perf = \"jitdump\" does");
  return jit::Executable::publish(code.bytes);
}

}  // namespace

Result<std::shared_ptr<const jit::Executable>> Observers::publish(const ir::Kernel& kernel,
                                                                  const jit::Code& code) const {
  auto memory = publish_for(settings_.perf, code);
  if (!memory) return memory;
  const std::uint64_t address = reinterpret_cast<std::uintptr_t>((*memory)->data());
  if (settings_.perf != PerfFormat::off)
    if (const auto note = perf_files().write(settings_, kernel, code, trace_, address)) log(note->level, note->text);
  if (!settings_.gdb) return memory;
  const std::shared_ptr<Known> known(new Known{*memory, GdbEntry(object_file(kernel.name, code, address))});
  return std::shared_ptr<const jit::Executable>(known, known->memory.get());
}

}  // namespace trueno::runtime
