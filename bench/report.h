// The one result structure, from which the table, the JSON and the page are made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/statistics.h"
#include "bench/work.h"

namespace trueno::bench {

/// One contender at one task, type and size.
struct Figure {
  std::string who;
  bool ours = false;
  bool counted = false;        ///< may be the best peer
  bool other_process = false;  ///< not interleaved: its ratio is one of minima, without an interval
  std::optional<double> ulp;   ///< the largest error on the checked data
  Summary ns;
  Interval ratio{1, 1, 1};  ///< ours by this one's: below 1 we are ahead
};

struct Row {
  std::string task, group;
  Type type = Type::f32;
  std::size_t n = 0;
  double bytes = 0;             ///< that have to go between core and memory; 0: not a task of that kind
  double flops = 0;             ///< of our own definition, in all
  std::vector<Figure> figures;  ///< ours first
  std::optional<Figure> limit;
  Interval to_itself{1, 1, 1};  ///< ours by ours: what a difference of nothing looks like
  std::size_t rounds = 0;

  const Figure& ours() const { return figures[0]; }
  const Figure* best() const;  ///< the fastest counted peer of this process, or null
  std::string name() const;    ///< "sum/f32/1000"
};

struct Refusal {
  std::string who, task, type, what;
};

struct PeerInfo {
  std::string name, version, how;
};

struct Bandwidth {
  std::string pattern;
  double bytes = 0;  ///< of all arrays together
  double bytes_per_ns = 0;
};

/// Everything about where and with what this was measured.
struct Machine {
  std::string cpu, system, compiler, trueno, commit, date, load, peer_arch, isa_cap;
  std::vector<double> cache_bytes;  ///< from the first level on
  int cores = 0;
  double peak_f32 = 0, peak_f64 = 0;  ///< flops per ns
};

struct Report {
  Machine machine;
  std::vector<PeerInfo> peers;
  std::vector<std::string> missing;
  std::vector<Bandwidth> bandwidths;
  std::vector<Row> rows;
  std::vector<Refusal> refusals;
};

std::string to_json(const Report& report);
std::string to_markdown(const Report& report);
/// The report as one file of HTML, from the files of bench/page. Errors: io, if one of those is not there.
Result<std::string> to_html(const Report& report);

/// One line for the terminal.
std::string to_line(const Row& row);

}  // namespace trueno::bench
