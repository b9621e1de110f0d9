// The table of who may include what, and the readers. See rules.h.
#include "tests/meta/rules.h"

#include <algorithm>
#include <cctype>
#include <span>

namespace trueno::meta {
namespace {

using Names = std::vector<std::string_view>;

/// A row is the first whose `folder` begins the path, so the narrow ones stand first.
struct Rule {
  std::string_view folder;
  Names quoted;    ///< what "..." may begin with
  Names brackets;  ///< what <...> may begin with, besides headers of the C++ standard library
};

/// Headers of the operating system and the compiler, for the layers that talk to them.
constexpr std::string_view kSystem = "(system)";
constexpr std::string_view kTypes = "trueno/types.h";
/// Files of the same folder, named without it: a habit of tests that can point nowhere.
constexpr std::string_view kBeside = "(beside)";

const std::vector<Rule>& rules() {
  static const std::vector<Rule> rows = {
      {"include/trueno.h", {"trueno/"}, {"stddef.h", "stdint.h", "string.h"}},
      {"include/trueno/abi.h", {}, {"trueno.h"}},
      {"include/trueno/", {"trueno/"}, {}},
      {"ir/", {kTypes, "ir/"}, {}},
      {"ops/", {kTypes, "ir/", "ops/"}, {}},
      {"jit/", {kTypes, "trueno/kernel.h", "ir/", "jit/"}, {kSystem, "asmjit/"}},
      {"aot/", {kTypes, "trueno/kernel.h", "ir/", "aot/"}, {}},
      {"runtime/", {"trueno/", "ir/", "ops/", "jit/", "aot/", "runtime/"}, {kSystem, "toml++/"}},
      {"inspect/",
       {"trueno/", "ir/", "ops/", "jit/", "runtime/", "inspect/"},
       {kSystem, "fmt/", "nlohmann/", "Zydis/"}},
      {"tools/bench_judge", {"bench/statistics.h", "tools/"}, {kSystem}},
      {"tools/bench_", {"trueno/", "tools/"}, {kSystem, "trueno.h", "fmt/", "CLI/", "nlohmann/"}},
      {"tools/",
       {"trueno/", "ir/", "ops/", "jit/", "runtime/", "inspect/", "tools/"},
       {kSystem, "fmt/", "CLI/", "nlohmann/"}},
      {"bench/peer_", {"bench/"}, {kSystem, "Eigen/", "hwy/", "oneapi/", "volk/"}},
      {"bench/", {"trueno/", "runtime/", "bench/"}, {kSystem, "benchmark/", "fmt/", "CLI/", "nlohmann/"}},
      {"cmake/", {}, {}},
      {"docs/examples/", {}, {"trueno/", "trueno.h", "stdio.h"}},
      {"tests/size/", {"trueno/"}, {}},
      {"tests/planted/", {}, {kSystem, "trueno.h"}},
      {"tests/ir/", {kTypes, "ir/", "tests/", kBeside}, {kSystem, "catch2/"}},
      {"tests/ops/", {kTypes, "ir/", "ops/", "tests/", kBeside}, {kSystem, "catch2/"}},
      {"tests/jit/", {"trueno/", "ir/", "ops/", "jit/", "tests/", kBeside}, {kSystem, "catch2/"}},
      {"tests/fuzz/parse", {kTypes, "ir/", "ops/", "tests/", kBeside}, {kSystem}},
      {"tests/consumers/", {}, {"trueno/"}},
      {"tests/bench/", {"trueno/", "bench/", "tests/"}, {kSystem, "catch2/"}},
      {"tests/",
       {"trueno/", "ir/", "ops/", "jit/", "runtime/", "inspect/", "tools/", "tests/", kBeside},
       {kSystem, "catch2/", "fmt/", "nlohmann/", "Zydis/"}},
  };
  return rows;
}

const Rule* rule_for(std::string_view path) {
  for (const Rule& rule : rules())
    if (path.starts_with(rule.folder)) return &rule;
  return nullptr;
}

bool begins_with_one_of(std::string_view name, const Names& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// <vector>, <cstdint>: no dot and no slash.
bool is_standard(std::string_view name) { return name.find_first_of("./") == name.npos; }

/// <unistd.h>, <sys/mman.h>: C headers that no library of ours brings.
bool is_system(std::string_view name) {
  const bool known_folder = begins_with_one_of(name, {"sys/", "linux/", "asm/"});
  return name.ends_with(".h") && (known_folder || name.find('/') == name.npos);
}

bool allowed(const Rule& rule, std::string_view name, bool quoted) {
  if (quoted && name.find('/') == name.npos) return contains(rule.quoted, kBeside);
  if (quoted) return begins_with_one_of(name, rule.quoted);
  if (is_standard(name) || begins_with_one_of(name, rule.brackets)) return true;
  return is_system(name) && contains(rule.brackets, kSystem);
}

/// Calls visit(line number, line) for each line.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// The name an #include line includes, with its delimiters, or nothing.
std::string_view included(std::string_view line) {
  const auto skip_blanks = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_blanks();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with("include")) return {};
  line.remove_prefix(7);
  skip_blanks();
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return {};
  const std::size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
  return end == line.npos ? std::string_view{} : line.substr(0, end + 1);
}

/// asmjit comes in by jit/*.cpp and jit/asm.h only, toml++ by one file, and public headers name no library at all.
bool names_a_library(std::string_view line) {
  return line.find("asmjit::") != line.npos || line.find("llvm::") != line.npos || line.find("toml::") != line.npos;
}

/// Where perf looks for symbols on every machine.
constexpr std::string_view kPerfMap = "/tmp/perf-";

bool may_be_before_a_path(char c) {
  return !std::isalnum(static_cast<unsigned char>(c)) && !std::ispunct(static_cast<unsigned char>(c));
}

}  // namespace

std::vector<std::string> include_complaints(std::string_view path, std::string_view text) {
  std::vector<std::string> complaints;
  const auto complain = [&](std::size_t line, std::string_view what) {
    complaints.push_back(std::string(path) + ":" + std::to_string(line) + ": " + std::string(what));
  };
  const Rule* rule = rule_for(path);
  if (rule == nullptr) {
    complain(1, "is in a folder without a rule; add a row to tests/meta/rules.cpp");
    return complaints;
  }
  const bool asmjit_door = path.ends_with(".cpp") || path == "jit/asm.h", toml_door = path == "runtime/config_toml.cpp";
  each_line(text, [&](std::size_t number, std::string_view line) {
    if (path.starts_with("include/") && names_a_library(line)) complain(number, "a public header names a library");
    const std::string_view what = included(line);
    if (what.empty()) return;
    const std::string_view name = what.substr(1, what.size() - 2);
    const bool ok = allowed(*rule, name, what[0] == '"') && (asmjit_door || !name.starts_with("asmjit/")) &&
                    (toml_door || !name.starts_with("toml++/"));
    if (!ok) complain(number, "must not include " + std::string(what));
  });
  return complaints;
}

std::vector<std::string> machine_path_complaints(std::string_view path, std::string_view text) {
  std::vector<std::string> complaints;
  each_line(text, [&](std::size_t number, std::string_view line) {
    for (const std::string_view root : {"/home/", "/root/", "/work/", "/farm/", "/Users/", "/tmp/"}) {
      for (std::size_t at = line.find(root); at != line.npos; at = line.find(root, at + 1)) {
        const char before = at == 0 ? ' ' : line[at - 1];
        const bool starts_a_path =
            may_be_before_a_path(before) || std::string_view("\"'=(<`:").find(before) != line.npos;
        const std::size_t next = at + root.size();
        if (line.substr(at).starts_with(kPerfMap)) continue;
        if (starts_a_path && next < line.size() && std::isalnum(static_cast<unsigned char>(line[next])))
          complaints.push_back(std::string(path) + ":" + std::to_string(number) + ": names a path of one machine");
      }
    }
  });
  return complaints;
}

}  // namespace trueno::meta
