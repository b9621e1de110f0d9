// The work that is timed: for each task our kernel, the peers' functions, one set of buffers, and the right
// answer by which each of them is checked before it is timed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/peers.h"
#include "trueno/trueno.h"

namespace trueno::bench {

/// One million elements of everything, warm, on huge pages where the system gives them.
/// Distinct arrays stand at neutral offsets: when (dst - src) mod 4096 is small, long stores slow down.
class Buffers {
 public:
  explicit Buffers(std::size_t n);
  ~Buffers();
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;
  float *x, *y, *out;
  std::int32_t* k;
  std::size_t most;

 private:
  void* memory_;
};

/// Something that can be timed: one call, on the first n elements.
struct Contender {
  std::string name;
  std::function<void(std::size_t n)> prepare;
  std::function<void()> call;
};

struct Task {
  std::string name;
  std::string text;  ///< our kernel
  double bytes_per_element = 0;
  std::vector<std::size_t> sizes;     ///< that are measured
  std::vector<Contender> contenders;  ///< ours first
};

/// All tasks. Contenders whose results are wrong are left out, and `complaints` says so; our own failing is
/// told by `ours_failed`.
struct Tasks {
  std::vector<Task> tasks;
  std::vector<std::string> complaints;
  bool ours_failed = false;
};
/// `sizes`: of tasks that have none of their own.
Tasks make_tasks(Buffers& buffers, const std::vector<std::size_t>& sizes);

constexpr float kA = 0.75f, kB = 0.25f;

}  // namespace trueno::bench
