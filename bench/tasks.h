// The table of tasks: what is computed, on which data, and the right answer by which each contender is checked.
#pragma once

#include <string>
#include <vector>

#include "bench/work.h"

namespace trueno::bench {

enum class Kind : std::uint8_t {
  map,      ///< an array of f(x)
  whole,    ///< an array that needs all of x for each element, such as softmax
  reduce,   ///< one value
  compile,  ///< text to code; no data
  lookup,   ///< a kernel that is in the cache; no data
};

/// What the arrays hold: see data.cpp.
enum class Values : std::uint8_t { normal, positive };

/// The arrays of a call, as the widest number there is.
struct Exact {
  std::vector<long double> x, y;
  long double a = 0, b = 0, epsilon = 0;
};

/// The right answer.
struct Answer {
  std::vector<long double> values;  ///< n of them, or one
  /// Errors are in units in the last place of the value, or of this if it is larger. A sum's is the sum of the
  /// magnitudes, as nothing else says how well a sum was made whose value is near 0.
  long double floor = 0;
  /// By how much a rounding inside the definition itself is magnified; errors are divided by it. Empty: by nothing.
  std::vector<long double> condition{};
};

struct Task {
  const char* name;
  const char* group;
  Kind kind;
  const char* text_of;  ///< IR with T for the type, S for that of its sum, M for that of its mean
  std::vector<Type> types;
  Values values;
  Answer (*answer)(const Exact&);
  std::vector<std::size_t> sizes{};       ///< of its own
  const char* by_another_name = nullptr;  ///< the name its entries have

  const char* entry() const { return by_another_name != nullptr ? by_another_name : name; }
  bool is_timed_by_size() const { return kind < Kind::compile; }
  std::string text(Type type) const;
  Type result(Type type) const;
  std::vector<std::size_t> check_sizes() const;  ///< at which results are compared with the answer; none: they are not
  /// The one of them whose error is told. A longer sum is less exact for its order alone, which is nobody's mistake.
  std::size_t told_size() const;
  int reads() const;    ///< arrays that go in
  bool writes() const;  ///< the result is an array
};

const std::vector<Task>& tasks();

/// 1003 and 100003 leave a tail for every vector length.
inline constexpr std::size_t kCheckSizes[] = {100, 1003, 100003};

constexpr double kA = 0.75, kB = 0.25, kEpsilon = 1e-5;

}  // namespace trueno::bench
