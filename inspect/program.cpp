// See program.h.
#include "inspect/program.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace trueno::inspect {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string all_of(std::FILE* file) {
  std::string text;
  char part[1 << 14];
  std::rewind(file);
  while (const std::size_t n = std::fread(part, 1, sizeof(part), file)) text.append(part, n);
  return text;
}

/// The end of the child, whatever signals come in between.
int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 255;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramOutput> run_program(const std::vector<std::string>& arguments, const std::string& input) {
  const File in(std::tmpfile(), std::fclose), out(std::tmpfile(), std::fclose), err(std::tmpfile(), std::fclose);
  const bool files = in && out && err;
  if (!files || std::fwrite(input.data(), 1, input.size(), in.get()) != input.size() || std::fflush(in.get()) != 0)
    return Error(Status::io, "no temporary file to run " + arguments[0] + " with: " + std::strerror(errno));
  std::rewind(in.get());
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(in.get()), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(out.get()), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(err.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error(Status::unavailable, arguments[0] + " cannot be run: " + std::strerror(failed));
  ProgramOutput result;
  result.code = wait_for(child);
  constexpr int kNotStarted = 127;  // what a child says that could not become the program
  if (result.code == kNotStarted) return Error(Status::unavailable, arguments[0] + " cannot be run");
  result.out = all_of(out.get());
  result.err = all_of(err.get());
  return result;
}

}  // namespace trueno::inspect
