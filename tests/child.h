// Tests that must change their process (memory policies, fork, environment) do it in a child: see it there, tell
// the parent, and leave no trace in the other tests.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "tests/emulator.h"

namespace trueno::test {

/// Sanitizers bring allocators and checks of their own, which do not stand everything that a process may do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// Reads from `fd` to its end and waits for the child; says so if it was killed.
inline std::string collect(int fd, pid_t child) {
  std::string said;
  char buffer[512];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<std::size_t>(got));
  close(fd);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) said += "child was killed by signal " + std::to_string(WTERMSIG(status));
  return said;
}

/// Runs `body` in a forked child and returns what it returned. One that throws says so, one that hangs is ended.
inline std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child < 0) return "no fork";
  if (child == 0) {
    close(ends[0]);
    alarm(120);
    std::string said;
    try {
      said = body();
    } catch (const std::exception& thrown) {  // not to go on as a second parent
      said = std::string("child threw ") + thrown.what();
    }
    const ssize_t written = write(ends[1], said.data(), said.size());
    _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(ends[1]);
  return collect(ends[0], child);
}

/// Runs this very program again with one test case and more environment; returns what it printed.
inline std::string run_again(const std::string& test_case,
                             const std::vector<std::pair<std::string, std::string>>& env) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child < 0) return "no fork";
  if (child == 0) {
    for (const auto& [name, value] : env) setenv(name.c_str(), value.c_str(), 1);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    if (const char* qemu = emulator()) {
      // The link to ourselves would be followed out of the emulation; QEMU_CPU is in the environment (tests/qemu).
      char self[4096] = {};
      if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) _exit(127);
      execl(qemu, "child", self, test_case.c_str(), static_cast<char*>(nullptr));
    }
    execl("/proc/self/exe", "child", test_case.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  return collect(ends[0], child);
}

/// From here on this process may not gain executable memory: mmap, mprotect with PROT_EXEC give EACCES.
inline bool refuse_executable_memory() {
  const auto call = [](std::uint32_t number, std::uint8_t jump) {
    return sock_filter(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, jump, 0));
  };
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      call(__NR_mmap, 3),
      call(__NR_mprotect, 2),
      call(__NR_pkey_mprotect, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EACCES & SECCOMP_RET_DATA)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = {static_cast<unsigned short>(sizeof code / sizeof code[0]), code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN: Linux 6.3 and later. False where the kernel does not know it.
inline bool forbid_write_then_execute() { return prctl(65, 1, 0, 0, 0) == 0; }

/// The lines of this process's own memory map for which `which` holds.
inline std::vector<std::string> mappings(
    const std::function<bool(const std::string& rights, const std::string& line)>& which) {
  std::vector<std::string> out;
  const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
  close(fd);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::size_t space = line.find(' ');
    if (space != line.npos && which(line.substr(space + 1, 4), line)) out.push_back(line);
    at = end + 1;
  }
  return out;
}

inline std::vector<std::string> writable_and_executable() {
  return mappings([](const std::string& rights, const std::string&) { return rights[1] == 'w' && rights[2] == 'x'; });
}

}  // namespace trueno::test
