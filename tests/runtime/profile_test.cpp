// perf's files, by readers of our own: what is in them, whose they are, and that what stands against them hurts nobody.
// That perf reads them is tests/profile's to show.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "jit/compile.h"
#include "jit/host.h"
#include "runtime/host.h"
#include "runtime/impl.h"
#include "runtime/profile/lines.h"
#include "runtime/profile/own_file.h"
#include "runtime/profile/perf_map.h"
#include "runtime/profile/symbols.h"
#include "tests/child.h"
#include "tests/runtime/profile_files.h"
#include "tests/tools/scratch.h"
#include "trueno/log.h"

using namespace trueno;
using namespace trueno::test;
using tests::read_bytes;
using tests::Scratch;

namespace {

constexpr const char* kZscore = "kernel z(x: f32[]) -> f32[] { d = x - mean(x)\n d / sqrt(mean(d * d)) }";

bool skipped() {
  const bool none = compiled(text_named("k")).backend() != Backend::jit;
  if (none) WARN("skipped: this host generates no code");
  return none;
}

std::string dump_in(const std::string& directory, pid_t pid = getpid()) {
  return directory + "/jit-" + std::to_string(pid) + ".dump";
}
JitDumpFile read_dump(const std::string& path) {
  const std::string bytes = read_bytes(path);
  return JitDumpReader(bytes).read();
}

/// How often the line of the square is one of an instruction that multiplies: mulps has 59 after its prefixes.
std::size_t squares_in(const JitRecord& lines, const std::string& code, const std::string& text) {
  const auto wanted =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("square =")), '\n');
  std::size_t found = 0;
  for (std::size_t i = 0; i + 1 < lines.lines.size(); ++i) {
    if (lines.lines[i].line != wanted) continue;
    const std::uint64_t begin = lines.lines[i].address - lines.address,
                        end = lines.lines[i + 1].address - lines.address;
    if (code.substr(begin, end - begin).find('\x59') == std::string::npos) return 0;
    ++found;
  }
  return found;
}

/// Lines told while it lives.
class Heard {
 public:
  Heard() { set_log_sink(&sink_); }
  ~Heard() { set_log_sink(nullptr); }
  std::vector<std::string> lines;

 private:
  LogSink sink_{
      [](void* user, LogLevel, std::string_view line) { static_cast<Heard*>(user)->lines.emplace_back(line); }, this};
};

}  // namespace

TEST_CASE("symbols cover the code without gaps, and say what is what") {
  for (const char* text : {kZscore, "kernel k(x: f32[]) -> f32 { sum(x) }"})
    for (const jit::Target& target : jit::emittable_targets()) {
      const auto code = jit::compile(runtime::prepare(text)->optimized, target);
      REQUIRE(code.ok());
      const auto symbols = runtime::symbols_of("k", *code);
      std::uint32_t at = 0;
      std::set<std::string> names;
      for (const runtime::Symbol& s : symbols) {
        CHECK(s.offset == at);
        CHECK(s.entry == (s.name.find("trueno::k::") == 0));
        CHECK(names.insert(s.name).second);
        at += s.size;
      }
      CHECK(at == code->pool_offset);
      const std::string on =
          "trueno::k [" + std::string(name_of(target.isa)) + " vl" + std::to_string(target.vector_bits) + "] ";
      CHECK(names.count("trueno::k::whole"));
      CHECK(names.count(on + "main loop"));
      CHECK(names.count(on + (text == kZscore ? "main loop 2" : "fold")));
      CHECK(names.count(text == kZscore ? "trueno::k::stretch_of_pass_1" : "trueno::k::finish"));
    }
}

TEST_CASE("names of kernels are made fit for files and symbols") {
  CHECK(runtime::plain_name("sum.wide") == "sum.wide");
  CHECK(runtime::plain_name("../a b\n") == ".._a_b_");
  CHECK(runtime::plain_name("") == "kernel");
  CHECK(runtime::plain_name(std::string(5000, 'x')).size() == 100);
}

TEST_CASE("every computed node has a line, and the text is the same kernel") {
  const auto kernel = runtime::prepare(kZscore)->optimized;
  const auto text = runtime::text_with_lines(kernel);
  std::vector<std::string> lines(1);
  std::istringstream in(text.text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  for (ir::NodeId id = 0; id < kernel.nodes.size(); ++id) {
    INFO("node " << id << "\n" << text.text);
    if (kernel[id].op == ir::Op::constant) continue;
    REQUIRE(text.line_of[id] >= text.head);
    const std::string& line = lines[text.line_of[id]];
    if (kernel[id].op == ir::Op::sqrt) CHECK(line.find("= sqrt(") != line.npos);
    if (kernel[id].op == ir::Op::param_array) CHECK(line.find("kernel z(") == 0);
    if (kernel[id].name == "d") CHECK(line.find("  d = ") == 0);
  }
  const std::vector<float> x = numbers(100);
  std::vector<float> a(100), b(100);
  REQUIRE(compiled(kZscore).run({x}, {a}));
  REQUIRE(compiled(text.text).run({x}, {b}));
  CHECK(same_bits(a, b));
}

TEST_CASE("lines of the map") {
  const std::vector<runtime::Symbol> symbols = {{0, 0x20, "trueno::k::whole", true}, {0x20, 5, "a loop", false}};
  CHECK(runtime::perf_map_lines(symbols, 0x7f0000001000) ==
        "7f0000001000 20 trueno::k::whole\n7f0000001020 5 a loop\n");
}

TEST_CASE("a jitdump file") {
  if (skipped()) return;
  const Scratch files;
  const std::string said = in_child([&]() -> std::string {
    if (!configured("perf = 'jitdump'\nperf_directory = '" + (files / "made") + "'")) return "not configured";
    const Kernel kernel = compiled(text_named("dumped"));
    const JitDumpFile dump = read_dump(dump_in(files / "made"));
    if (dump.magic != 0x4A695444 || dump.version != 1 || dump.header != 40 || dump.machine != 62) return "header";
    if (static_cast<pid_t>(dump.pid) != getpid() || !dump.whole) return "pid, or torn";
    std::set<std::string> names;
    std::set<std::uint64_t> indices;
    std::size_t lines = 0, squares = 0;
    for (std::size_t i = 0; i < dump.records.size(); ++i) {
      const JitRecord& r = dump.records[i];
      if (r.kind == 2) {  // belongs to the code that follows
        if (i + 1 == dump.records.size() || dump.records[i + 1].address != r.address) return "lines of nothing";
        for (const auto& l : r.lines)
          if (l.address < r.address || l.address >= r.address + dump.records[i + 1].code.size()) return "line outside";
        lines += r.lines.size();
        const std::string text = read_bytes(r.lines.at(0).file);
        if (text.find("square = x * x") == text.npos || !compile(text)) return "text: " + text;
        squares += squares_in(r, dump.records[i + 1].code, text);
        continue;
      }
      names.insert(r.name);
      if (!indices.insert(r.index).second) return "an index twice";
      if (std::memcmp(reinterpret_cast<const void*>(r.address), r.code.data(), r.code.size()) != 0) return "other code";
    }
    if (squares < 2) return "no multiplication where a line says so";  // the main loop, and what follows it
    if (lines < 20 || !names.count("trueno::dumped::whole")) return "lines: " + std::to_string(lines);
    const auto marker = mappings([&](const std::string& rights, const std::string& line) {
      return rights[2] == 'x' && line.find("/jit-" + std::to_string(getpid()) + ".dump") != line.npos;
    });
    if (marker.size() != 1) return "no marker";
    if (!writable_and_executable().empty()) return "writable and executable";
    struct stat info {};
    if (stat(dump_in(files / "made").c_str(), &info) != 0 || (info.st_mode & 0777) != 0600) return "rights";
    return "fine";
  });
  CHECK(said == "fine");
}

TEST_CASE("without a directory, one of its own in the home directory") {
  if (skipped()) return;
  const Scratch files;
  const std::string said = in_child([&]() -> std::string {
    setenv("HOME", (files / "").c_str(), 1);
    if (!configured("perf = 'jitdump'")) return "not configured";
    compiled(text_named("at_home"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(files / ".debug/jit"))
      if (entry.path().filename() == "jit-" + std::to_string(getpid()) + ".dump") {
        const auto rights = std::filesystem::status(entry.path().parent_path()).permissions();
        return rights == std::filesystem::perms::owner_all ? "fine" : "rights";
      }
    return "none";
  });
  CHECK(said == "fine");
}

TEST_CASE("perf's map, and code in memory of no file") {
  if (skipped()) return;
  const std::string said = in_child([]() -> std::string {
    if (!configured("perf = 'map'")) return "not configured";
    const Kernel kernel = compiled(text_named("mapped"));
    const std::string path = runtime::perf_map_path(getpid()), map = read_bytes(path);
    unlink(path.c_str());
    unsigned long long address = 0;
    unsigned size = 0;
    char name[100] = {};
    if (std::sscanf(map.c_str(), "%llx %x %99s", &address, &size, name) != 3) return "form: " + map;
    if (std::string(name) != "trueno::mapped::whole" || map.find("] main loop\n") == map.npos) return "names: " + map;
    char begin[32];
    std::snprintf(begin, sizeof begin, "%llx-", address);
    const auto of_no_file = mappings([&](const std::string& rights, const std::string& line) {
      return line.find(begin) == 0 && rights == "r-xp" && line.find(" 00:00 0") != line.npos;
    });
    if (of_no_file.size() != 1) return "not where it is said to be";
    if (!writable_and_executable().empty()) return "writable and executable";
    const auto sum = kernel.value<float>({std::vector<float>(1000, 0)});
    return sum && *sum == 1000 ? "fine" : "wrong";
  });
  CHECK(said == "fine");
}

TEST_CASE("nothing is written, mapped or listed where nothing is configured") {
  if (skipped()) return;
  const Scratch files;
  const std::string said = in_child([&]() -> std::string {
    setenv("HOME", (files / "").c_str(), 1);
    compiled(text_named("unseen"));
    const bool map = std::filesystem::exists(runtime::perf_map_path(getpid()));
    return map || files.files() != 0 ? "something" : "nothing";
  });
  CHECK(said == "nothing");
}

TEST_CASE("what stands against the files is told once, and kernels run") {
  if (skipped()) return;
  const Scratch files;
  tests::write_bytes(files / "file", "");
  struct Case {
    const char *what, *format, *directory, *expected;
  };
  const Case c = GENERATE(Case{"a directory that cannot be made", "jitdump", "file/below", "Not a directory"},
                          Case{"a link in its place", "map", "", "Too many levels of symbolic links"},
                          Case{"a pipe in its place", "map", "", "is no ordinary file"},
                          Case{"a second name", "map", "", "has other names"},
                          Case{"a file that may not grow", "jitdump", "made", "File too large"});
  INFO(c.what);
  const std::string what = c.what;
  const std::string said = in_child([&]() -> std::string {
    const std::string map = runtime::perf_map_path(getpid()), victim = files / "victim";
    tests::write_bytes(victim, "precious");
    if (what.find("a link") == 0 && symlink(victim.c_str(), map.c_str()) != 0) return "no link";
    if (what.find("a pipe") == 0 && mkfifo(map.c_str(), 0600) != 0) return "no pipe";
    if (what.find("a second") == 0 && link(victim.c_str(), map.c_str()) != 0) return "SKIPPED: no link";
    if (what.find("a file that") == 0) {
      const rlimit little{2000, 2000};  // for the code, but not for all that is said of it
      setrlimit(RLIMIT_FSIZE, &little);
    }
    if (!configured(std::string("perf = '") + c.format + "'\nperf_directory = '" + (files / c.directory) + "'"))
      return "not configured";
    Heard heard;
    for (const char* name : {"first", "second"}) {
      const auto kernel = compile("kernel " + std::string(name) + "(x: f32[]) -> f32 { sum(x * x) }");
      if (!kernel || kernel->backend() != Backend::jit) return "no kernel";
      if (*kernel->value<float>({std::vector<float>(10, 2)}) != 40) return "wrong";
    }
    unlink(map.c_str());
    if (read_bytes(victim) != "precious") return "it was written to";
    if (heard.lines.size() != 1) return "told " + std::to_string(heard.lines.size()) + " times";
    return heard.lines[0].find(c.expected) != std::string::npos ? "fine" : heard.lines[0];
  });
  if (said.find("SKIPPED") == 0)
    WARN(said);
  else
    CHECK(said == "fine");
}

TEST_CASE("where memory must come from a file, the map says so") {
  if (skipped()) return;
  const std::string said = in_child([]() -> std::string {
    if (!forbid_write_then_execute()) return "SKIPPED: PR_SET_MDWE is not known here";
    if (!configured("perf = 'map'")) return "not configured";
    Heard heard;
    const auto kernel = compile(text_named("hardened"));
    unlink(runtime::perf_map_path(getpid()).c_str());
    if (!kernel || kernel->backend() != Backend::jit) return "no kernel";
    return heard.lines.size() == 1 ? heard.lines[0] : "not told";
  });
  INFO(said);
  if (said.find("SKIPPED") == 0)
    WARN(said);
  else
    CHECK(said.find("perf: code can only be executed from a file here") == 0);
}

TEST_CASE("a file that another process left is emptied, one of this process is not") {
  const Scratch files;
  const std::string path = files / "perf-1.map";
  tests::write_bytes(path, "of now");
  CHECK(runtime::OwnFile::open(path)->size() == 6);
  CHECK(runtime::OwnFile::open(path)->append(" and later").ok());
  CHECK(read_bytes(path) == "of now and later");
  timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), old, 0) == 0);
  CHECK(runtime::OwnFile::open(path)->size() == 0);
  CHECK(read_bytes(path).empty());
}

TEST_CASE("a forked child writes to its own file") {
  if (skipped()) return;
  const Scratch files;
  const std::string said = in_child([&]() -> std::string {
    if (!configured("perf = 'jitdump'\nperf_directory = '" + (files / "") + "'")) return "not configured";
    compiled(text_named("of_parent"));
    const std::string before = read_bytes(dump_in(files / ""));
    const std::string child = in_child([&]() -> std::string {
      compiled(text_named("of_child"));
      const JitDumpFile mine = read_dump(dump_in(files / ""));
      return mine.whole && static_cast<pid_t>(mine.pid) == getpid() && !mine.records.empty() &&
                     mine.records.back().name.find("of_child") != std::string::npos
                 ? "fine"
                 : "child's file";
    });
    return read_bytes(dump_in(files / "")) == before ? child : "the parent's file has changed";
  });
  CHECK(said == "fine");
}

TEST_CASE("a file that is come back to is gone on with") {
  if (skipped()) return;
  const Scratch files;
  const std::string said = in_child([&]() -> std::string {
    for (const char* name : {"a", "b", "a"}) {
      if (!configured("perf = 'jitdump'\nperf_directory = '" + (files / name) + "'")) return "not configured";
      compiled(text_named(std::string("of_") + name));
    }
    const JitDumpFile a = read_dump(dump_in(files / "a")), b = read_dump(dump_in(files / "b"));
    std::set<std::uint64_t> indices;
    std::size_t codes = 0;
    for (const JitRecord& r : a.records)
      if (r.kind == 0) ++codes, indices.insert(r.index);
    if (!a.whole || !b.whole || indices.size() != codes) return "torn, or an index twice";
    return a.records.size() == 2 * b.records.size() ? "fine" : "not all is there";
  });
  CHECK(said == "fine");
}

TEST_CASE("many threads write whole records") {
  if (skipped()) return;
  const Scratch files;
  constexpr int kThreads = 4, kEach = 10;
  const std::string said = in_child([&]() -> std::string {
    if (!configured("perf = 'jitdump'\ngdb = true\nperf_directory = '" + (files / "") + "'")) return "not configured";
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < kEach; ++i)
          (void)compile(text_named("k" + std::to_string(t) + "_" + std::to_string(i))).ok();
      });
    for (std::thread& t : threads) t.join();
    const JitDumpFile dump = read_dump(dump_in(files / ""));
    std::set<std::string> wholes;
    std::set<std::uint64_t> indices;
    std::size_t codes = 0;
    for (const JitRecord& r : dump.records) {
      if (r.kind != 0) continue;
      ++codes;
      indices.insert(r.index);
      if (r.name.find("::whole") != std::string::npos) wholes.insert(r.name);
    }
    if (!dump.whole || indices.size() != codes) return "torn, or an index twice";
    return wholes.size() == kThreads * kEach ? "fine" : std::to_string(wholes.size()) + " kernels";
  });
  CHECK(said == "fine");
}
