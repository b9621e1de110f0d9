// The machine's limit, measured: how fast the arrays of a task can be read and written at all, and how fast numbers
// can be multiplied and added. Per size, as the best of several kernels that do nothing else (limit_kernels.cpp): which
// width, unrolling and kind of store is best differs with the level of memory.
#pragma once

#include <map>
#include <utility>

#include "bench/data.h"
#include "bench/measure.h"

namespace trueno::bench {

enum class Pattern : std::uint8_t { read, read_two, copy, in_place };
inline constexpr const char* kPatternNames[] = {"read", "read two", "read and write", "in place"};

struct LimitKernel {
  Pattern pattern;
  void (*run)(const Work&);
};
struct PeakKernel {
  Type type;
  double flops;  ///< per step
  void (*run)(const Work&);
};
template <class T>
struct Range {
  const T *first, *last;
  const T* begin() const { return first; }
  const T* end() const { return last; }
};
Range<LimitKernel> limit_kernels();
Range<PeakKernel> peak_kernels();

/// What a task must read and write once, whatever else it does.
Pattern pattern_of(const Task& task);
/// Bytes that go over the bus between core and memory, for arrays of so many bytes each.
double traffic(Pattern pattern, double bytes);

class Limits {
 public:
  /// The kCandidates kernels that are fastest on arrays of `bytes` bytes each, the best first; chosen at the first
  /// question. `like` has the arrays. More than one, as what is best on long arrays depends on what others left in
  /// the caches: a row takes the one that turns out faster in it.
  std::vector<Contender> best(Pattern pattern, std::size_t bytes, const Work& like);
  static constexpr std::size_t kCandidates = 2;
  /// Multiplications and additions per ns.
  double peak(Type type);

 private:
  std::map<std::pair<Pattern, std::size_t>, std::vector<void (*)(const Work&)>> chosen_;
  std::map<Type, double> peaks_;
  alignas(64) char scratch_[64] = {};
};

}  // namespace trueno::bench
