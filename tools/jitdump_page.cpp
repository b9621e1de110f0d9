// See jitdump_page.h. The page's text, style and program lie in tools/page/ and are compiled in; here they are put
// together with the data as JSON.
#include "tools/jitdump_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "tools/jitdump.h"
#include "tools/jitdump_host.h"
#include "tools/jitdump_json.h"
#include "tools/jitdump_views.h"
#include "tools/page_files.h"

namespace trueno::tools {
namespace {

std::string_view file_of_page(std::string_view name) {
  for (const ops::EmbeddedText& file : kPageFiles)
    if (file.file == name) return file.text;
  return {};
}

/// Puts values in the place of {{NAMES}}, in one walk: what is put in is not looked at again.
std::string filled(std::string_view text, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find("{{"), text.size());
    out += text.substr(0, open);
    text.remove_prefix(open);
    const std::size_t close = text.find("}}");
    if (text.empty() || close == text.npos) break;
    const std::string_view name = text.substr(2, close - 2);
    for (const auto& [known, value] : values)
      if (known == name) out += value;
    text.remove_prefix(close + 2);
  }
  return out += text;
}

std::string in_html(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

/// JSON that cannot end the element it stands in.
std::string in_script(const Json& json) {
  std::string out;
  for (const char c : dumped(json, -1)) out += c == '<' ? "\\u003c" : std::string(1, c);
  return out;
}

std::vector<std::size_t> lengths(const Traffic& traffic) {
  constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  std::vector<std::size_t> out;
  for (std::size_t n = 64; n <= std::size_t{1} << 20; n *= 2)
    if (n * traffic.all() <= kMostBytes) out.push_back(n);
  return out;
}

Json times_json(const std::vector<ElementTime>& times) {
  Json out = Json::array();
  for (const ElementTime& time : times) out.push_back(time_json(time));
  return out;
}

Json missing(const std::string& why) { return {{"missing", why}}; }

/// Speed against n on every target that runs here, and the machine's limit for as many bytes.
Json speed_json(const KernelView& view, const ir::Catalogue& ops, const HostReport& host) {
  constexpr double kBudget = 12e6;
  const Traffic traffic = traffic_of(view.optimized);
  if (traffic.all() == 0) return missing("no arrays, so there is no speed to measure");
  std::vector<Kernel> kernels;
  std::vector<jit::Target> targets;
  for (const TargetView& target : view.targets)
    if (target.study && runs_here(target.target))
      if (auto kernel = runnable(view.parsed, ops, target.target)) {
        kernels.push_back(*kernel);
        targets.push_back(target.target);
      }
  if (kernels.empty()) return missing("none of these targets runs here, so nothing was measured");
  const std::vector<std::size_t> ns = lengths(traffic);
  const auto times = time_kernels(kernels, ns, kBudget);
  if (!times) return missing(times.error().diagnostics.front().message);
  const auto limit = time_limit(traffic, ns, kBudget);
  if (!limit) return missing(limit.error().diagnostics.front().message);
  Json out{{"limit",
            {{"kernel", traffic.written != 0 ? "reading and writing" : "reading"},
             {"bytes_per_element", traffic.all()},
             {"times", times_json(*limit)}}},
           {"caches", Json::array()},
           {"targets", Json::array()}};
  for (const Cache& cache : host.caches)
    if (cache.type != "instructions") out["caches"].push_back({{"level", cache.level}, {"bytes", cache.bytes}});
  for (std::size_t i = 0; i < targets.size(); ++i)
    out["targets"].push_back({{"isa", name_of(targets[i].isa)},
                              {"vector_bits", targets[i].vector_bits},
                              {"times", times_json((*times)[i])}});
  return out;
}

/// A file that is written beside the one it will be, so that what was there stays if this fails.
class NewFile {
 public:
  explicit NewFile(const std::string& path)
      : path_(path), beside_(path + ".new"), file_(std::fopen(beside_.c_str(), "we")) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(beside_.c_str());
  }
  bool open() const { return file_ != nullptr; }
  Error failed() const {
    Error error(Status::io, fmt::format("cannot be written: {}", std::strerror(errno)));
    error.diagnostics[0].file = path_;
    return error;
  }
  Result<void> write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() || std::fflush(file_) != 0) return failed();
    if (std::rename(beside_.c_str(), path_.c_str()) != 0) return failed();
    std::fclose(std::exchange(file_, nullptr));
    return {};
  }

 private:
  std::string path_, beside_;
  std::FILE* file_;
};

}  // namespace

Result<void> write_page(const std::string& path, const KernelView& view, const ir::Catalogue& ops,
                        const PageOptions& options) {
  NewFile file(path);  // first, as measuring takes a while
  if (!file.open()) return file.failed();
  const HostReport host = look_at_host();
  std::vector<std::string> stages = stage_names();
  std::erase(stages, "bytes");  // not shown
  const Json data{{"tool", kJitdumpName},
                  {"schema", 1},
                  {"source", options.source},
                  {"host", host.name},
                  {"kernel", kernel_json(view, stages)},
                  {"speed", speed_json(view, ops, host)}};
  return file.write(filled(file_of_page("page.html"), {{"TITLE", in_html("trueno: " + view.parsed.name)},
                                                       {"CSS", std::string(file_of_page("page.css"))},
                                                       {"JS", std::string(file_of_page("page.js"))},
                                                       {"DATA", in_script(data)}}));
}

}  // namespace trueno::tools
