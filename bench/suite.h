// One row of the report after another: who can do a task, whether they do it right, and how long it takes them.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bench/check.h"
#include "bench/limits.h"
#include "bench/report.h"

namespace trueno::bench {

class Suite {
 public:
  /// Peers: ours first. `most`: the largest size there will be.
  Suite(std::vector<Peer> peers, std::size_t most, Budget budget);

  /// Measures; a row that was measured before gets more rounds. Null: ours cannot do it, or not right (see refusals).
  const Row* run(const Task& task, Type type, std::size_t n);

  /// Adds what another process measured: its time, if its result `out` for a size of kCheckSizes is right.
  void add_figure(const Task& task, Type type, std::size_t n, Figure figure);
  /// Judges a result that was computed elsewhere on the first n elements.
  Verdict judge_result(const Task& task, Type type, std::size_t n, const void* out);
  void refuse(const std::string& who, const Task& task, Type type, const std::string& what);

  Data& data() { return data_; }
  Limits& limits() { return limits_; }
  std::vector<Row> rows() const;  ///< in the order in which they were first measured
  const std::vector<Refusal>& refusals() const { return refusals_; }
  bool ours_failed() const { return ours_failed_; }

 private:
  /// Somebody who does a task right.
  struct Able {
    const Peer* peer;
    const Entry* entry;
    std::optional<double> ulp;
  };
  struct Measured {
    Row row;
    Rounds rounds;
  };
  using Key = std::tuple<const Task*, Type, std::size_t>;

  const std::vector<Able>& able(const Task& task, Type type);
  std::optional<Able> checked(const Peer& peer, const Entry& entry, const Task& task, Type type);
  Work work(const Task& task, Type type, std::size_t n);
  const Answer& answer(const Task& task, Type type, std::size_t n);
  void take_in(Measured& m, const Rounds& rounds, const std::vector<Able>& who, bool limited);

  std::vector<Peer> peers_;
  Budget budget_;
  Data data_;
  Limits limits_;
  std::map<std::pair<const Task*, Type>, std::vector<Able>> able_;
  std::map<Key, Answer> answers_;
  std::map<std::pair<const Task*, Type>, std::string> texts_;
  std::map<Key, Measured> measured_;
  std::vector<Key> order_;
  std::vector<Refusal> refusals_;
  bool ours_failed_ = false;
};

}  // namespace trueno::bench
