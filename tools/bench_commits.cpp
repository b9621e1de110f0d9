// See bench_commits.h. git and cmake are run by their names, with arguments as they are: no shell reads them.
#include "tools/bench_commits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "tools/options.h"

namespace trueno::tools {
namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

/// Runs a command with its output in a file. False: it failed.
bool run(const Command& command, const fs::path& output) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int to = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (to < 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0) _exit(127);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 1;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// One line that git prints, or nothing.
std::string line_of_git(const Command& arguments) {
  Command command{"git"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const fs::path answer = fs::temp_directory_path() / fmt::format("trueno-bench-{}", getpid());
  std::string line;
  const bool fine = run(command, answer);
  if (auto text = read_text_file(answer.string()); fine && text) line = text->substr(0, text->find('\n'));
  std::error_code none;
  fs::remove(answer, none);
  return line;
}

}  // namespace

Result<std::string> commit_named(const std::string& revision) {
  const std::string commit =
      line_of_git({"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
  if (commit.empty()) return Error(Status::invalid_argument, fmt::format("--commits: no commit '{}' here", revision));
  return commit;
}

Result<Build> build_commit(const std::string& commit, const std::vector<std::string>& settings) {
  const std::string root = line_of_git({"rev-parse", "--show-toplevel"});
  if (root.empty()) return Error(Status::invalid_argument, "--commits: this directory is in no git repository");
  std::string all;
  for (const std::string& s : settings) all += s + "\n";
  const fs::path place = fs::path(root) / "build" / "ab" /
                         fmt::format("{}-{:08x}", commit.substr(0, 12), std::hash<std::string>()(all) & 0xffffffffu);
  const fs::path source = place / "source", build = place / "build", log = place / "log";
  std::error_code none;
  fs::create_directories(place, none);
  Command configure{"cmake",
                    "-S",
                    source.string(),
                    "-B",
                    build.string(),
                    "-DCMAKE_BUILD_TYPE=Release",
                    "-DBUILD_SHARED_LIBS=ON",
                    "-DTRUENO_BUILD_TESTS=OFF",
                    "-DTRUENO_BUILD_TOOLS=OFF",
                    "-DTRUENO_BUILD_BENCH=OFF",
                    "-DTRUENO_INSTALL=OFF"};
  for (const std::string& s : settings) configure.push_back("-D" + s);
  const bool there = fs::exists(source / "CMakeLists.txt", none);
  const bool fine = (there || run({"git", "-C", root, "worktree", "add", "--detach", source.string(), commit}, log)) &&
                    run(configure, log) &&
                    run({"cmake", "--build", build.string(), "--target", "trueno", "--parallel",
                         std::to_string(std::max(1u, std::thread::hardware_concurrency()))},
                        log);
  if (!fine) return Error(Status::io, fmt::format("building {} failed: see {}", commit, log.string()));
  return read_build(build.string());
}

}  // namespace trueno::tools
