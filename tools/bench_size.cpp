// See bench_size.h. Sizes are those of the files themselves, read without tools; of components by the mangled names of
// functions, which begin with their namespace.
#include "tools/bench_size.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "tools/bench_library.h"
#include "tools/elf.h"
#include "tools/timing.h"

namespace trueno::tools {
namespace {

constexpr std::string_view kTool = "trueno-bench";

/// The namespace that comes first in a mangled name says whose the function is: of an instance of a template of the
/// standard library, who made it necessary.
std::string component_of(const std::string& mangled) {
  constexpr std::pair<std::string_view, std::string_view> kNamespaces[] = {
      {"6trueno2ir", "ir"},           {"6trueno3ops", "ops"}, {"6trueno3jit", "jit"}, {"6trueno3aot", "aot"},
      {"6trueno7runtime", "runtime"}, {"6trueno2v0", "api"},  {"6asmjit", "asmjit"},  {"11trueno_toml", "toml++"}};
  if (mangled.starts_with("trueno_")) return "api";
  std::size_t first = mangled.npos;
  std::string_view found = "others";
  for (const auto& [mark, name] : kNamespaces)
    if (const std::size_t at = mangled.find(mark); at < first) first = at, found = name;
  return std::string(found);
}

/// Runs the program once, gives what it prints; nothing if it failed.
std::string output_of(const std::string& program) {
  std::string text;
  if (std::FILE* out = popen(fmt::format("'{}'", program).c_str(), "r")) {
    char some[4096];
    for (std::size_t got = 0; (got = std::fread(some, 1, sizeof some, out)) != 0;) text.append(some, got);
    if (pclose(out) != 0) text.clear();
  }
  return text;
}

double start_us(const std::string& program) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    const double begin = now_ns();
    const pid_t child = fork();
    if (child == 0) {
      execl(program.c_str(), program.c_str(), "--quiet", nullptr);
      _exit(127);
    }
    int status = 0;
    if (child > 0) waitpid(child, &status, 0);
    best = std::min(best, (now_ns() - begin) / 1e3);
  }
  return best;
}

Result<void> add_program(const std::string& path, SizeReport& report) {
  std::ifstream in(path, std::ios::binary);
  const std::string image{std::istreambuf_iterator<char>(in), {}};
  const auto facts = read_elf(image, path);
  if (!facts) return facts.error();
  report.bytes["program stripped"] = facts->loaded_bytes;
  const nlohmann::json told = nlohmann::json::parse(output_of(path), nullptr, false);
  if (!told.is_object()) return Error(Status::invalid_argument, path + ": does not tell its allocations as JSON");
  for (const auto& [call, count] : told.items())
    if (count.is_number_unsigned()) report.allocations[call] = count.get<std::uint64_t>();
  report.start_us = start_us(path);
  return {};
}

void print_report(std::FILE* out, const SizeReport& now, const SizeReport* before) {
  const auto line = [&](const std::string& name, std::uint64_t value, const std::map<std::string, std::uint64_t>* old) {
    fmt::print(out, "{:<34} {:>10}", name, value);
    if (old != nullptr && old->contains(name) && old->at(name) != 0)
      fmt::print(out, "  {:+.1f} %", 100 * (static_cast<double>(value) / static_cast<double>(old->at(name)) - 1));
    fmt::print(out, "\n");
  };
  fmt::print(out, "compiler: {}\n\nbytes of code in .text\n", now.compiler);
  for (const auto& [name, value] : now.components) line(name, value, before ? &before->components : nullptr);
  fmt::print(out, "\nbytes\n");
  for (const auto& [name, value] : now.bytes) line(name, value, before ? &before->bytes : nullptr);
  if (!now.allocations.empty()) fmt::print(out, "\nallocations per call\n");
  for (const auto& [name, value] : now.allocations) line(name, value, nullptr);
  fmt::print(out, "\nneeds: {}\n", fmt::join(now.needs, ", "));
  if (now.start_us > 0) fmt::print(out, "the program, from its start to its end: {:.0f} us\n", now.start_us);
}

Result<void> write_baseline(const std::string& path, const SizeReport& report) {
  std::ofstream out(path);
  out << json_of(report) << "\n";
  out.close();
  if (!out) return Error(Status::io, path + ": cannot be written");
  return {};
}

}  // namespace

Result<SizeReport> measure_size(const SizeOptions& options) {
  const auto build = read_build(options.build);
  if (!build) return build.error();
  const auto facts = read_elf(build->image, build->path);
  if (!facts) return facts.error();
  SizeReport report;
  report.compiler = facts->compiler;
  report.needs = facts->needs;
  report.bytes["library .text"] = facts->text_bytes;
  report.bytes["library stripped"] = facts->loaded_bytes;
  for (const auto& [name, bytes] : facts->functions) report.components[component_of(name)] += bytes;
  if (options.program.empty()) return report;
  if (auto done = add_program(options.program, report); !done) return done.error();
  return report;
}

std::vector<std::string> grown(const SizeReport& now, const SizeReport& before, std::string& not_compared) {
  std::vector<std::string> out;
  const auto compare = [&](const auto& values, const auto& old, std::string_view unit, bool all) {
    for (const auto& [what, value] : values) {
      const auto was = old.find(what);
      if (was == old.end() || (!all && was->second != 0)) continue;
      if (static_cast<double>(value) > (1 + kMayGrow) * static_cast<double>(was->second))
        out.push_back(fmt::format("{}: {} {}, were {}", what, value, unit, was->second));
    }
  };
  const bool same_compiler = now.compiler == before.compiler;
  compare(now.allocations, before.allocations, "allocations", same_compiler);
  if (!same_compiler) {
    not_compared =
        fmt::format("only calls that allocated nothing are compared: the baseline is of {}", before.compiler);
    return out;
  }
  compare(now.bytes, before.bytes, "bytes", true);
  for (const std::string& library : now.needs)
    if (std::find(before.needs.begin(), before.needs.end(), library) == before.needs.end())
      out.push_back("a new dependency: " + library);
  return out;
}

std::string json_of(const SizeReport& r) {
  return nlohmann::json{{"compiler", r.compiler},
                        {"components", r.components},
                        {"bytes", r.bytes},
                        {"allocations", r.allocations},
                        {"needs", r.needs}}
      .dump(2);
}

Result<SizeReport> size_report_from(const std::string& json, const std::string& path) {
  const nlohmann::json all = nlohmann::json::parse(json, nullptr, false);
  try {
    using Numbers = std::map<std::string, std::uint64_t>;
    SizeReport r;
    r.compiler = all.at("compiler").get<std::string>();
    r.components = all.at("components").get<Numbers>();
    r.bytes = all.at("bytes").get<Numbers>();
    r.allocations = all.at("allocations").get<Numbers>();
    r.needs = all.at("needs").get<std::vector<std::string>>();
    return r;
  } catch (const nlohmann::json::exception& error) {
    return Error(Status::invalid_argument, fmt::format("{}: no baseline of sizes: {}", path, error.what()));
  }
}

int size_command(const SizeOptions& options, const Streams& streams) {
  const auto now = measure_size(options);
  if (!now) return fail(streams, kTool, now.error());
  std::optional<SizeReport> before;
  if (!options.baseline.empty() && !options.update) {
    const auto text = read_text_file(options.baseline);
    if (!text) return fail(streams, kTool, text.error());
    auto read = size_report_from(*text, options.baseline);
    if (!read) return fail(streams, kTool, read.error());
    before = *std::move(read);
  }
  std::string not_compared;
  const std::vector<std::string> findings = before ? grown(*now, *before, not_compared) : std::vector<std::string>();
  if (options.json)
    fmt::print(streams.out, "{}\n", json_of(*now));
  else
    print_report(streams.out, *now, before && not_compared.empty() ? &*before : nullptr);
  if (!not_compared.empty()) fmt::print(streams.err, "{}: {}\n", kTool, not_compared);
  for (const std::string& f : findings)
    fmt::print(streams.err, "{}: {}; if that is meant, --update {}\n", kTool, f, options.baseline);
  if (options.update)
    if (auto done = write_baseline(options.baseline, *now); !done) return fail(streams, kTool, done.error());
  return finish(streams, kTool, findings.empty() ? kFine : kFinding);
}

}  // namespace trueno::tools
