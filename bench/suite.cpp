// See suite.h.
#include "bench/suite.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>

#include "bench/flops.h"

namespace trueno::bench {
namespace {

/// A contender with what was prepared for it, as long as it runs.
class Ready {
 public:
  Ready(const Entry& entry, Work work) : entry_(entry), work_(work) {
    if (entry.prepare == nullptr) return;
    work_.state = entry.prepare(work);
    able_ = work_.state != nullptr;
  }
  ~Ready() {
    if (entry_.release != nullptr && work_.state != nullptr) entry_.release(work_.state);
  }
  Ready(const Ready&) = delete;
  Ready& operator=(const Ready&) = delete;
  bool able() const { return able_; }
  Contender contender() const { return {entry_.run, work_, entry_.between}; }

 private:
  const Entry& entry_;
  Work work_;
  bool able_ = true;
};

}  // namespace

Suite::Suite(std::vector<Peer> peers, std::size_t most, Budget budget)
    : peers_(std::move(peers)), budget_(budget), data_(most) {}

Work Suite::work(const Task& task, Type type, std::size_t n) {
  std::string& text = texts_[{&task, type}];
  if (text.empty()) text = task.text(type);
  Work w = data_.work(task, type, n);
  w.text = text.c_str();
  return w;
}

const Answer& Suite::answer(const Task& task, Type type, std::size_t n) {
  const auto [it, is_new] = answers_.try_emplace({&task, type, n});
  if (is_new) it->second = task.answer(Data::exact(work(task, type, n), type));
  return it->second;
}

Verdict Suite::judge_result(const Task& task, Type type, std::size_t n, const void* out) {
  return judge(answer(task, type, n), task.result(type), out);
}

void Suite::refuse(const std::string& who, const Task& task, Type type, const std::string& what) {
  refusals_.push_back({who, task.name, std::string(name_of(type)), what});
  std::fprintf(stderr, "bench: %s is refused at %s of %s: %s\n", who.c_str(), task.name,
               std::string(name_of(type)).c_str(), what.c_str());
}

std::optional<Suite::Able> Suite::checked(const Peer& peer, const Entry& entry, const Task& task, Type type) {
  Able able{&peer, &entry, std::nullopt};
  if (std::strcmp(entry.task, task.entry()) != 0) return able;
  for (const std::size_t n : task.check_sizes()) {
    const Work w = work(task, type, n);
    std::memset(w.out, 0xff, (task.writes() ? n : 1) * stored_bytes(task.result(type)));  // NaN, or -1
    const Ready ready(entry, w);
    if (!ready.able()) return std::nullopt;
    const Contender c = ready.contender();
    c.run(c.work);
    const Verdict verdict = judge_result(task, type, n, w.out);
    if (!verdict.wrong.empty()) {
      refuse(peer.name, task, type, verdict.wrong);
      return std::nullopt;
    }
    if (n == task.told_size()) able.ulp = verdict.ulp;
  }
  return able;
}

const std::vector<Suite::Able>& Suite::able(const Task& task, Type type) {
  const auto [it, is_new] = able_.try_emplace({&task, type});
  if (!is_new) return it->second;
  for (const Peer& peer : peers_)
    for (const Entry& entry : std::span(peer.entries, peer.count)) {
      if (entry.type != type) continue;
      if (std::strcmp(entry.task, task.entry()) != 0 && std::strcmp(entry.task, task.name) != 0) continue;
      if (const auto able = checked(peer, entry, task, type)) it->second.push_back(*able);
    }
  if (it->second.empty() || it->second[0].peer != &peers_[0]) {
    ours_failed_ = true;
    it->second.clear();
  }
  return it->second;
}

const Row* Suite::run(const Task& task, Type type, std::size_t n) {
  const std::vector<Able>& who = able(task, type);
  if (who.empty()) return nullptr;
  const Work w = work(task, type, n);
  std::vector<std::unique_ptr<Ready>> ready;
  std::vector<const Able*> here;
  for (const Able& a : who) {
    ready.push_back(std::make_unique<Ready>(*a.entry, w));
    if (ready.back()->able())
      here.push_back(&a);
    else
      ready.pop_back();
  }
  if (here.empty() || here[0]->peer != &peers_[0]) return nullptr;
  ready.push_back(std::make_unique<Ready>(*who[0].entry, w));  // ours once more: see Row::to_itself

  std::vector<Contender> contenders;
  for (const auto& r : ready) contenders.push_back(r->contender());
  const Pattern pattern = pattern_of(task);
  const std::size_t bytes = n * stored_bytes(type);
  const bool limited = task.is_timed_by_size();
  if (limited)
    for (Contender& c : limits_.best(pattern, bytes, w)) contenders.push_back(c);

  const Key key{&task, type, n};
  const auto [it, is_new] = measured_.try_emplace(key);
  Measured& m = it->second;
  if (is_new) {
    order_.push_back(key);
    m.row.task = task.name, m.row.group = task.group, m.row.type = type, m.row.n = n;
    if (limited) m.row.bytes = traffic(pattern, static_cast<double>(bytes));
    if (limited) m.row.flops = flops_per_element(w.text) * static_cast<double>(n);
  }
  std::vector<Able> measured;
  for (const Able* a : here) measured.push_back(*a);
  take_in(m, measure(contenders, budget_), measured, limited);
  return &m.row;
}

void Suite::take_in(Measured& m, const Rounds& rounds, const std::vector<Able>& who, bool limited) {
  m.rounds.resize(rounds.size());
  for (std::size_t i = 0; i < rounds.size(); ++i)
    m.rounds[i].insert(m.rounds[i].end(), rounds[i].begin(), rounds[i].end());
  const std::vector<double>& ours = m.rounds[0];
  Row& row = m.row;
  row.rounds = ours.size();
  std::vector<Figure> others;
  for (Figure& f : row.figures)
    if (f.other_process) others.push_back(f);
  row.figures.clear();
  for (std::size_t i = 0; i < who.size(); ++i) {
    const Peer& peer = *who[i].peer;
    Figure f{peer.name, peer.ours, false, false, who[i].ulp, summarize(m.rounds[i]), ratio_of(ours, m.rounds[i])};
    f.counted = !peer.ours && (!f.ulp || *f.ulp <= kMostUlp);
    row.figures.push_back(std::move(f));
  }
  row.figures.insert(row.figures.end(), others.begin(), others.end());
  row.to_itself = ratio_of(ours, m.rounds[who.size()]);
  if (!limited) return;
  for (std::size_t i = who.size() + 1; i < m.rounds.size(); ++i) {
    const Summary ns = summarize(m.rounds[i]);
    if (i > who.size() + 1 && ns.median >= row.limit->ns.median) continue;
    row.limit = Figure{"limit", false, false, false, std::nullopt, ns, ratio_of(ours, m.rounds[i])};
  }
}

void Suite::add_figure(const Task& task, Type type, std::size_t n, Figure figure) {
  const auto it = measured_.find({&task, type, n});
  if (it == measured_.end()) return;
  Row& row = it->second.row;
  const double ratio = row.ours().ns.least / figure.ns.least;
  figure.ratio = {ratio, ratio, ratio};
  row.figures.push_back(std::move(figure));
}

std::vector<Row> Suite::rows() const {
  std::vector<Row> out;
  for (const Key& key : order_) out.push_back(measured_.at(key).row);
  return out;
}

}  // namespace trueno::bench
