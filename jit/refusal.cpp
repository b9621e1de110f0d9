// See refusal.h. An errno says little: EPERM may come from a seccomp filter, from SELinux or from a sysctl. So each
// suspect is asked what it can be asked without privileges; what was not found out is not claimed.
#include "jit/refusal.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66
#endif

namespace trueno::jit {
namespace {

/// The beginning of a small file of /proc or /sys: memory may have run out, so it takes none.
class SmallFile {
 public:
  explicit SmallFile(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const ssize_t got = read(fd, bytes_, sizeof bytes_ - 1);
    size_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    close(fd);
  }
  std::string_view text() const { return {bytes_, size_}; }
  /// The number behind `label`, or at the beginning; -1 if there is none.
  long number(std::string_view label = "") const {
    const std::size_t at = text().find(label);
    return size_ == 0 || at == std::string_view::npos ? -1 : std::strtol(bytes_ + at + label.size(), nullptr, 10);
  }

 private:
  char bytes_[4096] = {};
  std::size_t size_ = 0;
};

std::size_t lines_of(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  std::size_t lines = 0;
  char part[4096];
  for (ssize_t got; fd >= 0 && (got = read(fd, part, sizeof part)) > 0;)
    lines += static_cast<std::size_t>(std::count(part, part + got, '\n'));
  if (fd >= 0) close(fd);
  return lines;
}

using Causes = std::vector<std::string>;

void add_limit(Causes& causes, const char* name, decltype(RLIMIT_AS) which, const char* what) {
  rlimit limit{};
  if (getrlimit(which, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  causes.push_back(std::string(name) + " allows " + std::to_string(limit.rlim_cur) + " " + what);
}

void add_policies(Causes& causes) {
  if (SmallFile("/proc/self/status").number("\nSeccomp:\t") == 2)
    causes.push_back("a seccomp filter is in force (Seccomp: 2 in /proc/self/status)");
  if (const int bits = prctl(PR_GET_MDWE, 0, 0, 0, 0); bits > 0)
    causes.push_back("the process may not make memory executable later on (PR_SET_MDWE)");
  if (const SmallFile enforce("/sys/fs/selinux/enforce"); enforce.number() == 1)
    causes.push_back("SELinux is enforcing (look for execmem or execute in its audit log)");
  const SmallFile profile("/proc/self/attr/apparmor/current");
  if (profile.text().find("(enforce)") != std::string_view::npos)
    causes.push_back("an AppArmor profile is enforced: " +
                     std::string(profile.text().substr(0, profile.text().find(' '))));
}

void add_exhausted_memory(Causes& causes) {
  if (const long pages = SmallFile("/proc/self/statm").number(); pages > 0) {
    const std::string used = std::to_string(pages * sysconf(_SC_PAGESIZE));
    add_limit(causes, "RLIMIT_AS", RLIMIT_AS, ("bytes, " + used + " are in use").c_str());
  } else {
    add_limit(causes, "RLIMIT_AS", RLIMIT_AS, "bytes");
  }
  const long most = SmallFile("/proc/sys/vm/max_map_count").number();
  const std::size_t mapped = lines_of("/proc/self/maps");
  if (most > 0 && mapped + 16 >= static_cast<std::size_t>(most))
    causes.push_back("the process has " + std::to_string(mapped) + " mappings, vm.max_map_count allows " +
                     std::to_string(most));
}

Causes causes_of(std::string_view call, int reason) {
  Causes causes;
  switch (reason) {
    case EACCES:
    case EPERM:
    case ENOSYS:
    case EINVAL:
      if (call == "memfd_create" && SmallFile("/proc/sys/vm/memfd_noexec").number() == 2)
        causes.push_back("vm.memfd_noexec is 2, which forbids memory files that can be executed");
      add_policies(causes);
      if (causes.empty() && reason == ENOSYS) causes.push_back("this system does not have it");
      break;
    case EMFILE: add_limit(causes, "RLIMIT_NOFILE", RLIMIT_NOFILE, "descriptors, all of them in use"); break;
    case ENFILE: causes.push_back("the whole system is out of descriptors (fs.file-max)"); break;
    case EFBIG: add_limit(causes, "RLIMIT_FSIZE", RLIMIT_FSIZE, "bytes of a file"); break;
    case EAGAIN: add_limit(causes, "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK, "bytes of locked memory"); break;
    case ENOMEM: add_exhausted_memory(causes); break;
    default: break;
  }
  return causes;
}

bool is_policy(int reason) { return reason == EACCES || reason == EPERM || reason == ENOSYS || reason == EINVAL; }

}  // namespace

Refusal explain_refusal(const char* call, int reason) {
  Refusal refusal{std::string("executable memory refused: ") + call + ": " + std::strerror(reason), is_policy(reason)};
  const Causes causes = causes_of(call, reason);
  for (const std::string& cause : causes) refusal.text += (&cause == &causes.front() ? "; " : ", ") + cause;
  return refusal;
}

}  // namespace trueno::jit
