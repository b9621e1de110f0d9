// See foreign.h. Files in the directory: work.json and *.npy from here; figures.json and result files from the script.
#include "bench/foreign.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <nlohmann/json.hpp>

#include "bench/check.h"

namespace trueno::bench {
namespace {

using Json = nlohmann::ordered_json;

Error trouble(const std::string& what) { return Error(Status::io, what); }

/// The longest arrays that anybody needs who works on the same ones as a task.
std::size_t largest(const std::vector<Wanted>& wanted, const Task& task, Type type) {
  std::size_t n = *std::rbegin(kCheckSizes);
  for (const Wanted& w : wanted)
    if (w.type == type && w.task->values == task.values) n = std::max(n, w.n);
  return n;
}

/// The bytes of a result file, or nothing if there are not that many.
std::vector<char> result_bytes(const std::string& path, std::size_t count) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  if (bytes.size() != count) bytes.clear();
  return bytes;
}

/// Judges all results of a peer at a task: the figure's error, or false if one is missing or wrong.
bool judged(Suite& suite, const Json& entry, const Task& task, Type type, const std::string& folder, Figure& figure) {
  for (const std::size_t n : task.check_sizes()) {
    const std::size_t count = (task.writes() ? n : 1) * stored_bytes(task.result(type));
    const std::string file = entry.at("results").get<std::string>() + "." + std::to_string(n) + ".bin";
    const std::vector<char> bytes = result_bytes(folder + "/" + file, count);
    const Verdict verdict =
        bytes.empty() ? Verdict{0, file + " is missing or too short"} : suite.judge_result(task, type, n, bytes.data());
    if (!verdict.wrong.empty()) {
      suite.refuse(figure.who, task, type, verdict.wrong);
      return false;
    }
    if (n == task.told_size()) figure.ulp = verdict.ulp;
  }
  return true;
}

}  // namespace

Result<void> export_work(Suite& suite, const std::vector<Wanted>& wanted, const std::string& directory, bool quick) {
  Json list = Json::array();
  std::set<std::pair<Values, Type>> written;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [task, type, n] = wanted[i];
    list.push_back({{"task", task->name},
                    {"type", std::string(name_of(type))},
                    {"values", task->values == Values::positive ? "positive" : "normal"},
                    {"result", std::string(name_of(task->result(type)))},
                    {"n", n},
                    {"check_sizes", task->check_sizes()}});
    if (!written.emplace(task->values, type).second) continue;
    if (!suite.data().write_npy(directory, *task, type, largest(wanted, *task, type)))
      return trouble("cannot write arrays into " + directory);
  }
  const Json work = {{"a", kA},
                     {"b", kB},
                     {"epsilon", kEpsilon},
                     {"check_sizes", kCheckSizes},
                     {"quick", quick},
                     {"rows", std::move(list)}};
  std::ofstream out(directory + "/work.json");
  out << work.dump(1) << "\n";
  if (!out.flush()) return trouble("cannot write " + directory + "/work.json");
  return {};
}

Result<std::vector<PeerInfo>> merge_figures(Suite& suite, const std::vector<Wanted>& wanted,
                                            const std::string& directory) try {
  std::ifstream in(directory + "/figures.json");
  if (!in) return trouble("there is no " + directory + "/figures.json; numpy_peers.py writes it");
  const Json all = Json::parse(in);
  for (const Json& entry : all.at("figures")) {
    const auto is_this = [&](const Wanted& w) {
      return entry.at("task") == w.task->name && entry.at("type") == std::string(name_of(w.type));
    };
    const auto found = std::find_if(wanted.begin(), wanted.end(), is_this);
    if (found == wanted.end()) continue;
    Figure figure;
    figure.who = entry.at("who");
    figure.other_process = true;
    if (!judged(suite, entry, *found->task, found->type, directory, figure)) continue;
    for (const Json& t : entry.at("times")) {
      figure.ns = {t.at("least"), t.at("median"), t.at("low_quarter"), t.at("high_quarter")};
      suite.add_figure(*found->task, found->type, t.at("n"), figure);
    }
  }
  std::vector<PeerInfo> peers;
  for (const Json& p : all.at("peers")) peers.push_back({p.at("name"), p.at("version"), p.at("how")});
  return peers;
} catch (const nlohmann::json::exception& e) {
  return trouble(directory + "/figures.json: " + e.what());
}

}  // namespace trueno::bench
